"""``layerwise submit``: the same as ``run``, on a cluster that need not know this terminal."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rich.text import Text

from ..console.width import console
from ..errors import ClusterError
from ..home import Home
from . import changing, logs

if TYPE_CHECKING:
    from ..cluster.submission import Submission


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", help="a YAML file, or the name of a study that ships")
    changing.add_arguments(parser)
    logs.add_address(parser)
    parser.add_argument(
        "--storage",
        metavar="PATH",
        help="the home on the cluster, a folder that every node has mounted "
        "(default: the path of the home here)",
    )
    parser.add_argument(
        "--tracking-uri",
        metavar="URI",
        help="MLflow as the nodes reach it "
        "(default: MLFLOW_TRACKING_URI, else a database in the storage)",
    )
    parser.add_argument("--detach", action="store_true", help="do not follow what the job says")


def main(arguments: argparse.Namespace) -> int:
    """Ship a study unless it is at work there already, and follow it; returns the exit code."""
    submission = _submission(arguments)
    from ..cluster.jobs import Jobs
    from ..cluster.submission import submit

    jobs = Jobs(arguments.address)
    with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
        job, attached = submit(jobs, submission, submission.pack(Path(folder)))
    out = console()
    said = "is at work already" if attached else "was submitted"
    out.print(Text(f"{job.id} {said}; its results go to {job.storage}"), soft_wrap=True)
    if arguments.detach:
        logs.how_to_come_back(out, job.id, jobs.address)
        return 0
    return logs.follow_to_the_end(jobs, job.id)


def _submission(arguments: argparse.Namespace) -> Submission:
    """What is to be submitted, once all that can be wrong with it has been looked for here."""
    from ..cluster.submission import Submission
    from ..plan.rehearsal import rehearse
    from ..plan.tree import plan
    from ..plan.trial import Source
    from ..study.reading import find_study, located, read_study
    from ..study.validation import InvalidStudyError
    from .loading import load

    storage = arguments.storage
    if storage is not None and not PurePosixPath(storage).is_absolute():
        remedy = "Name the folder as every node of the cluster has it mounted, from / on."
        raise ClusterError("--storage", "must be an absolute path", storage, remedy)
    file = find_study(arguments.study)
    study = read_study(file, changing.asked(arguments))
    data = load(study.data)
    if study.use is not None:
        study.use.check(data)
    try:
        planned = plan(study, Source.of(data))
        rehearse(study, data)
    except InvalidStudyError as invalid:
        raise located(invalid, file) from invalid
    console().print(
        Text(study.name, style="bold"),
        Text(f" {study.question} Up to {planned.expected} trials, less what the storage holds."),
    )
    return Submission(
        study,
        planned.key,
        Path(storage) if storage else Home.from_environment(arguments.home).path,
        arguments.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or None,
    )
