"""What is shipped of a study, under which name, and that it is shipped once.

A submission's id is derived from the study's key. Submitting the same study again therefore finds
the job that is at work, whoever submitted it; one that has ended is followed by a further attempt,
``…-2``, which takes up what the store holds.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import yaml

from ..data import files_to_ship
from ..errors import ClusterError, StudyError
from ..execution.ray_session import ENVIRONMENT
from ..study import Study
from . import jobs as metadata
from . import wheel
from .jobs import Job, Jobs, TakenError

# Ray keeps what is shipped in the memory of the head.
LARGEST_MIB = 100

# How long a job that is told to stop may take to store what is finished.
_STOP_SECONDS = 60
_KEY_LENGTH = 16
_TRIES = 5


@dataclass(frozen=True)
class Submission:
    """A study that was read and checked, and where its results are to go.

    Args:
        study: what the person wrote.
        key: of its plan, 64 hexadecimal digits.
        storage: the home on the cluster, an absolute path that every node has.
        tracking_uri: of MLflow as the nodes reach it; None for a database in the storage.
    """

    study: Study
    key: str
    storage: Path
    tracking_uri: str | None = None

    @property
    def id(self) -> str:
        """The name of the first attempt."""
        return f"{self.study.name}-{self.key[:_KEY_LENGTH]}"

    @property
    def file(self) -> str:
        """The name of the study's file in the job's folder."""
        return f"{self.study.name}.yaml"

    @property
    def entrypoint(self) -> str:
        """The command of the job, the same for every attempt: it goes on if it can."""
        # exec: the signal that asks for an end is then the command's own.
        return (
            f"exec python -m layerwise.platform.cli --home {quote(str(self.storage))}"
            f" run {quote(self.file)} --address auto"
        )

    @property
    def metadata(self) -> dict[str, str]:
        """What the cluster keeps with the job."""
        return {
            metadata.STUDY: self.study.name,
            metadata.KEY: self.key,
            metadata.STORAGE: str(self.storage),
            metadata.RECORD: self.tracking_uri or "",
        }

    def pack(self, folder: Path) -> dict[str, Any]:
        """Write what is shipped into a folder; returns Ray's runtime environment.

        Raises:
            StudyError: a table or folder that is too large to ship.
        """
        working = folder / "job"
        working.mkdir()
        environment = {**ENVIRONMENT, "RAY_JOB_STOP_WAIT_TIME_S": str(_STOP_SECONDS)}
        if self.tracking_uri:
            environment["MLFLOW_TRACKING_URI"] = self.tracking_uri
        text = self.study.to_yaml()
        if self.study.data.path is not None:
            own = Path(self.study.data.path).expanduser()
            _ship((own,), own.parent, working)
            text = _with_table(self.study, own.name)
        elif files := files_to_ship(self.study.data.name or ""):
            # The job is started in the folder that it finds its files in.
            _ship(files, Path(os.environ["LAYERWISE_DATA"]).expanduser(), working)
            environment["LAYERWISE_DATA"] = "."
        (working / self.file).write_text(text, encoding="utf-8")
        return {
            "working_dir": str(working),
            "py_modules": [str(wheel.build(folder))],
            "env_vars": environment,
        }


def submit(jobs: Jobs, submission: Submission, runtime_env: Mapping[str, Any]) -> tuple[Job, bool]:
    """Hand in the study unless a job is at it already.

    Args:
        jobs: of the cluster.
        submission: the study.
        runtime_env: as :meth:`Submission.pack` made it.

    Returns:
        The job, and whether it was there already.

    Raises:
        ClusterError: a job is at it that writes to another storage.
    """
    tries = 0
    while True:
        attempts = [job for job in jobs.all() if job.key == submission.key]
        for job in attempts:
            if not job.over:
                return _same(job, submission), True
        attempt = max((_attempt(job.id, submission.id) for job in attempts), default=0) + 1
        name = submission.id if attempt == 1 else f"{submission.id}-{attempt}"
        try:
            made = jobs.submit(name, submission.entrypoint, runtime_env, submission.metadata)
        except TakenError:
            # Somebody else was quicker, just now; or it is no job of ours at all.
            tries += 1
            if tries == _TRIES:
                raise
        else:
            return made, False


def _same(job: Job, submission: Submission) -> Job:
    for what, there, here in (
        ("storage", job.storage, str(submission.storage)),
        ("record", job.record, submission.tracking_uri or ""),
    ):
        if there != here:
            rule = f"is at work with the {what} {there or 'in its storage'}"
            remedy = f"Name the same one, or end it first: layerwise stop {job.id}."
            raise ClusterError(job.id, rule, here or "none", remedy)
    return job


def _attempt(name: str, first: str) -> int:
    number = name.removeprefix(first).removeprefix("-")
    return int(number) if number.isdecimal() else 1


def _ship(files: Sequence[Path], folder: Path, working: Path) -> None:
    """Copy files and folders to where they are in their folder."""
    within = [one for path in files for one in (path.rglob("*") if path.is_dir() else [path])]
    size_mib = sum(one.stat().st_size for one in within if one.is_file()) / 2**20
    if size_mib > LARGEST_MIB:
        rule = f"must be at most {LARGEST_MIB} MiB to be shipped"
        raise StudyError(str(files[0]), rule, f"{size_mib:.0f} MiB")
    for path in files:
        place = working / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, place)
        else:
            shutil.copyfile(path, place)


def _with_table(study: Study, name: str) -> str:
    """The study as text, its table or folder lying beside it."""
    # Through JSON, after which nothing is written as an alias of anything.
    written = json.loads(json.dumps(study.mapping()))
    written["data"]["path"] = name
    text: str = yaml.safe_dump(written, sort_keys=False, allow_unicode=True)
    return text
