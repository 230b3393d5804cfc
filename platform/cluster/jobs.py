"""Ray's jobs on a cluster, as layerwise sees them: who submitted what, and what became of it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import ClusterError

if TYPE_CHECKING:
    from ray.job_submission import JobDetails

# Of a job's metadata.
STUDY, KEY, STORAGE, RECORD = (
    "layerwise.study",
    "layerwise.key",
    "layerwise.storage",
    "layerwise.record",
)

_CONNECT_SECONDS = 10.0
_PORT = 8265
# Both would win over the address that the person gave.
_AMBIENT = ("RAY_API_SERVER_ADDRESS", "RAY_ADDRESS")
_TALKATIVE = (
    "ray.dashboard.modules.dashboard_sdk",
    "ray.dashboard.modules.job.sdk",
    "ray._private.runtime_env.packaging",
)
_ENDED = {"SUCCEEDED", "FAILED", "STOPPED"}
_TOKEN_REMEDY = "Set RAY_AUTH_TOKEN to the token that the cluster was started with."


class TakenError(ClusterError):
    """A job of that id is there already."""


class LostContact(Exception):
    """The cluster stopped answering in the middle of a log; the job may well go on."""


@dataclass(frozen=True)
class Job:
    """A study on a cluster. started, ended: seconds since 1970, None before they have."""

    id: str
    study: str
    key: str
    status: str
    started: float | None
    ended: float | None
    storage: str
    record: str
    message: str
    exit_code: int | None

    @property
    def over(self) -> bool:
        """Whether it has come to an end, good or bad."""
        return self.status in _ENDED


class Jobs:
    """The jobs of the cluster at an address such as ``http://head:8265``.

    The token is taken from RAY_AUTH_TOKEN, else from where Ray looks for it.

    Raises:
        ClusterError: an address of another kind, nobody answers there, or the token is refused.
    """

    def __init__(self, address: str) -> None:
        self.address = _checked(address)
        if os.environ.get("RAY_AUTH_TOKEN"):
            os.environ.setdefault("RAY_AUTH_MODE", "token")
        _refuse_silence(self.address)
        with self._said():
            self._client = _client(self.address)

    def all(self) -> list[Job]:
        """Every job that layerwise submitted, the newest first."""
        with self._said():
            found = self._client.list_jobs()
        ours = [_job(details) for details in found if KEY in (details.metadata or {})]
        return sorted(ours, key=lambda job: job.started or 0.0, reverse=True)

    def find(self, word: str) -> Job:
        """The job of that id, or the newest one of that study.

        Raises:
            ClusterError: there is none.
        """
        jobs = self.all()
        for job in jobs:
            if job.id == word:
                return job
        of_study = [job for job in jobs if job.study == word]
        for job in of_study:
            if not job.over:
                return job
        if of_study:
            return of_study[0]
        known = ", ".join(job.id for job in jobs) or "none"
        raise ClusterError(
            self.address, "has no such job or study", word, f"Its jobs are: {known}."
        )

    def info(self, job_id: str) -> Job:
        """What has become of one job."""
        with self._said():
            return _job(self._client.get_job_info(job_id))

    def submit(
        self,
        job_id: str,
        entrypoint: str,
        runtime_env: Mapping[str, Any],
        metadata: Mapping[str, str],
    ) -> Job:
        """Hand in a job; returns when the cluster has it.

        Raises:
            TakenError: a job of that id is there already.
        """
        with self._said():
            try:
                self._client.submit_job(
                    entrypoint=entrypoint,
                    submission_id=job_id,
                    runtime_env=dict(runtime_env),
                    metadata=dict(metadata),
                )
            except RuntimeError as error:
                if "already exists" in str(error):
                    raise TakenError(self.address, "must not have the job yet", job_id) from error
                raise
        return self.info(job_id)

    def stop(self, job_id: str) -> None:
        """Ask a job to end; it stores what is finished first."""
        with self._said():
            self._client.stop_job(job_id)

    def log(self, job_id: str) -> str:
        """All that the job has said."""
        with self._said():
            return str(self._client.get_job_logs(job_id))

    def tail(self, job_id: str, seen: int = 0) -> Iterator[str]:
        """What the job says, from its first character on, as it says it.

        Args:
            job_id: which job.
            seen: how many characters are known already, and not given again.

        Raises:
            LostContact: the cluster stopped answering.
        """
        import aiohttp

        parts: AsyncIterator[str] = self._client.tail_job_logs(job_id)

        async def following() -> str | None:
            return await anext(parts, None)

        # A runner of asyncio's ends what waits in it on Ctrl-C, the connection included.
        with asyncio.Runner() as runner:
            while True:
                try:
                    part = runner.run(following())
                except (aiohttp.ClientError, OSError, RuntimeError) as error:
                    raise LostContact(str(error)) from error
                if part is None:
                    return
                fresh = part[seen:]
                seen = max(0, seen - len(part))
                if fresh:
                    yield fresh

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turns what Ray and its libraries raise into one line."""
        import requests
        from ray.exceptions import AuthenticationError

        try:
            yield
        except ClusterError:
            raise
        except AuthenticationError as error:
            given = bool(os.environ.get("RAY_AUTH_TOKEN"))
            got = "another one" if given else "no RAY_AUTH_TOKEN"
            rule = "must be called with its own token"
            raise ClusterError(self.address, rule, got, _TOKEN_REMEDY) from error
        except (requests.RequestException, ConnectionError, RuntimeError) as error:
            said = str(error).partition("\n")[0]
            remedy = "Check that it is the address of a Ray head's dashboard."
            raise ClusterError(self.address, "must answer as Ray's Jobs", said, remedy) from error


def _client(address: str) -> Any:
    try:
        from ray.job_submission import JobSubmissionClient

        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        token = os.environ.get("RAY_AUTH_TOKEN", "").strip()
        headers = {"Authorization": f"Bearer {token}"} if token else None
        kept = {name: os.environ.pop(name) for name in _AMBIENT if name in os.environ}
        try:
            return JobSubmissionClient(address, headers=headers)
        finally:
            os.environ.update(kept)
    except ImportError as error:
        remedy = 'Install them with pip install "layerwise[cluster]".'
        raise ClusterError("Ray's Jobs", "need further packages", str(error), remedy) from error


def _job(details: JobDetails) -> Job:
    metadata = details.metadata or {}
    return Job(
        id=details.submission_id or "",
        study=metadata.get(STUDY, ""),
        key=metadata.get(KEY, ""),
        status=str(details.status.value),
        started=None if details.start_time is None else details.start_time / 1000,
        ended=None if details.end_time is None else details.end_time / 1000,
        storage=metadata.get(STORAGE, ""),
        record=metadata.get(RECORD, ""),
        message=details.message or "",
        exit_code=details.driver_exit_code,
    )


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        remedy = f"Write http://HEAD:{_PORT}, where the cluster's dashboard is."
        raise ClusterError("--address", "must be the head's http address", address, remedy)
    return address.rstrip("/")


def _refuse_silence(address: str) -> None:
    """Nobody there is said within seconds; Ray's client would try for minutes."""
    from requests.utils import get_environ_proxies

    parts = urlsplit(address)
    if get_environ_proxies(address):
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), _CONNECT_SECONDS).close()
    except OSError as error:
        remedy = "Check the address, and that the cluster is up."
        said = error.strerror or str(error)
        raise ClusterError(address, "must answer", said, remedy) from error
