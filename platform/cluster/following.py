"""A job's log as it is written, across lost connections, until the job has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from ..errors import ClusterError
from .jobs import Job, Jobs, LostContact

# How long a cluster may stay silent before its follower gives up; the job does not notice.
SILENCE_SECONDS = 300.0

_RETRY_SECONDS = 2.0
_POLL_SECONDS = 0.5


def follow(jobs: Jobs, job_id: str, out: TextIO, say: Callable[[str], None]) -> Job:
    """Write what a job says until it has ended, and give the ended job.

    Args:
        jobs: of the cluster.
        job_id: which job.
        out: where its log goes, each character once.
        say: told when the connection is lost and found again.

    Raises:
        ClusterError: the cluster has not answered for :data:`SILENCE_SECONDS`.
    """
    seen = 0
    lost_at: float | None = None
    while True:
        try:
            job = jobs.info(job_id)
            if lost_at is not None:
                lost_at = None
                say("the cluster answers again")
            if job.status != "PENDING":
                for part in jobs.tail(job_id, seen):
                    out.write(part)
                    out.flush()
                    seen += len(part)
                job = jobs.info(job_id)
            if job.over:
                return job
            time.sleep(_POLL_SECONDS)
        except (LostContact, ClusterError) as error:
            if lost_at is None:
                lost_at = time.monotonic()
                say("the cluster does not answer; trying again, the job may well go on")
            if time.monotonic() - lost_at > SILENCE_SECONDS:
                if isinstance(error, ClusterError):
                    raise
                raise ClusterError(jobs.address, "must answer", str(error)) from error
            time.sleep(_RETRY_SECONDS)
