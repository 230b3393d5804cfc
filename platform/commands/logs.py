"""``layerwise logs``: what a study on a cluster has said, and goes on to say."""

from __future__ import annotations

import argparse
import os
import sys
from shlex import quote
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from ..console.width import console

if TYPE_CHECKING:
    from ..cluster.jobs import Job, Jobs

_SOME_FAILED, _INTERRUPTED, _TERMINATED = 1, 130, 143
_OF_A_RUN = {1, 2, 130, 143}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_job(parser)
    add_address(parser)
    parser.add_argument("--follow", action="store_true", help="go on until the job has ended")


def main(arguments: argparse.Namespace) -> int:
    """Print the log of a job."""
    from ..cluster.jobs import Jobs

    jobs = Jobs(arguments.address)
    job = jobs.find(job_word(arguments.job))
    if arguments.follow:
        return follow_to_the_end(jobs, job.id)
    sys.stdout.write(jobs.log(job.id))
    return 0


def add_job(parser: argparse.ArgumentParser) -> None:
    """The argument that names a job."""
    parser.add_argument("job", help="what submit called it, the name of a study, or its YAML file")


def add_address(parser: argparse.ArgumentParser) -> None:
    """The argument that names a cluster."""
    default = os.environ.get("RAY_API_SERVER_ADDRESS")
    parser.add_argument(
        "--address",
        metavar="URL",
        default=default,
        required=default is None,
        help="the head's dashboard, http://HEAD:8265 (default: RAY_API_SERVER_ADDRESS)",
    )


def job_word(word: str) -> str:
    """A job's id or a study's name; of a study's file, the name that stands in it."""
    if not word.endswith((".yaml", ".yml")):
        return word
    from ..study.reading import find_study, read_study

    return read_study(find_study(word)).name


def follow_to_the_end(jobs: Jobs, job_id: str) -> int:
    """Print what a job says until it has ended; returns the exit code that its run had.

    Ctrl-C ends the following and leaves the job.
    """
    from ..cluster.following import follow

    out = console()
    try:
        job = follow(jobs, job_id, sys.stdout, lambda said: print(f"layerwise: {said}"))
    except KeyboardInterrupt:
        out.print("\nno longer followed; the job goes on")
        how_to_come_back(out, job_id, jobs.address)
        return _INTERRUPTED
    return _ending(job, out)


def how_to_come_back(out: Console, job_id: str, address: str) -> None:
    """The commands that follow a job again and that end it."""
    where = f"{quote(job_id)} --address {quote(address)}"
    out.print(Text(f"follow   layerwise logs {where} --follow"), soft_wrap=True)
    out.print(Text(f"end      layerwise stop {where}"), soft_wrap=True)


def _ending(job: Job, out: Console) -> int:
    if job.status == "SUCCEEDED":
        return 0
    if job.status == "STOPPED":
        out.print(Text(f"{job.id} was stopped; submit the study again to go on"), soft_wrap=True)
        return _TERMINATED
    if job.exit_code in _OF_A_RUN:
        return job.exit_code
    # It never got as far as to say so itself.
    last = (job.message.strip().splitlines() or ["no reason was given"])[-1]
    out.print(Text(f"{job.id} failed: {last}"), soft_wrap=True)
    return _SOME_FAILED
