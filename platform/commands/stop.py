"""``layerwise stop``: ends a study on a cluster; what is finished stays."""

from __future__ import annotations

import argparse
import time

from ..errors import ClusterError
from . import logs

_PATIENCE_SECONDS = 90.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    logs.add_job(parser)
    logs.add_address(parser)


def main(arguments: argparse.Namespace) -> int:
    """Ask a job to end, and wait until it has."""
    from ..cluster.jobs import Jobs

    jobs = Jobs(arguments.address)
    job = jobs.find(logs.job_word(arguments.job))
    if job.over:
        print(f"{job.id} has ended already: {job.status}")
        return 0
    jobs.stop(job.id)
    until = time.monotonic() + _PATIENCE_SECONDS
    while not job.over:
        if time.monotonic() > until:
            rule = f"must end within {_PATIENCE_SECONDS:.0f} s of being told"
            raise ClusterError(job.id, rule, job.status, "Look at what it says: layerwise logs.")
        time.sleep(0.5)
        job = jobs.info(job.id)
    print(f"{job.id} was stopped; submit the study again to go on, nothing is trained twice")
    return 0
