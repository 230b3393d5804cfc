"""What could not be written to the record, kept beside the store until it can be.

``<spool>/<execution>/``  one execution: ``trials.jsonl``, ``ending.json``, ``images.npz`` and the
                          served network, sealed; it appears whole or not at all
``<spool>/staging/``      being written; no reader looks here

An execution has one name for ever, which is on its parent run too: written a second time, after a
crash or by somebody else at the same moment, it adds what is missing and nothing else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import TrackingError
from ..store.batches import staged, sweep
from ..store.durable import subfolders, sync_folder
from ..store.seal import (
    DamagedError,
    Document,
    HashedStream,
    read_file,
    read_manifest,
    write_sealed,
)
from .record import Record
from .served_model import ServedModel
from .tracked_execution import TrackedData, finite
from .tracked_trial import TrackedTrial

_TRIALS, _ENDING, _IMAGES, _MODEL = "trials.jsonl", "ending.json", "images.npz", "model-"
# Trials unpacked at once: a large study's histories are many objects.
_TOGETHER = 100


@dataclass(frozen=True)
class Execution:
    """One execution of a study, as the record was to have it.

    ``name`` is alphanumeric, and no other execution's; ``study`` is the experiment; ``plan_key``,
    ``tags`` and ``question`` are as in :meth:`.record.Record.open`; ``started`` and ``ended`` are
    Unix seconds; the rest is as in :meth:`.record.Record.close`.
    """

    name: str
    study: str
    plan_key: str
    tags: Mapping[str, str]
    question: str
    started: float
    ended: float
    status: str
    summary: Mapping[str, object]
    images: Mapping[str, np.ndarray]
    metrics: Mapping[str, float]
    study_yaml: str
    dataset: TrackedData | None = None
    model: ServedModel | None = None


class Spool:
    """The executions that wait for the record. Any number of processes may use one at once."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is touched before :meth:`keep`."""
        self.folder = folder

    def keep(self, execution: Execution, trials: Iterable[TrackedTrial]) -> Path:
        """Put an execution and its trials on the disk; returns its folder.

        Raises OSError when the disk is full or refuses; nothing is kept then.
        """
        target = self.folder / execution.name
        fields = {
            field.name: getattr(execution, field.name) for field in dataclasses.fields(execution)
        }
        images, model = fields.pop("images"), execution.model
        fields["summary"] = finite(execution.summary)
        fields["dataset"] = None if execution.dataset is None else vars(execution.dataset)
        if model is not None:
            fields["model"] = {**vars(model), "folder": None}
        files: dict[str, Callable[[HashedStream], object]] = {
            _ENDING: lambda stream: stream.write(_json(fields)),
            _IMAGES: lambda stream: stream.write(_packed(images)),
            _TRIALS: lambda stream: _write_lines(stream, trials),
        }
        for path in () if model is None else sorted(model.folder.iterdir()):
            files[_MODEL + path.name] = partial(_copy, path)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with staged(self.folder) as batch:
            write_sealed(batch / execution.name, execution.name, {"study": execution.study}, files)
            os.rename(batch / execution.name, target)
            sync_folder(self.folder)
        return target

    def waiting(self) -> dict[str, list[str]]:
        """Study → the names of its executions that wait, the eldest first.

        Raises TrackingError when one of them is damaged.
        """
        found: dict[str, list[str]] = {}
        for folder in sorted(subfolders(self.folder), key=lambda path: path.stat().st_mtime_ns):
            if folder.name.isalnum() and folder.name != "staging":
                with contextlib.suppress(FileNotFoundError):  # another process has written it
                    study = _document(folder)["manifest"]["study"]
                    found.setdefault(study, []).append(folder.name)
        return found

    def write(self, name: str, uri: str, artifacts: Path) -> int:
        """Write an execution into the record of that address, and forget it here.

        Returns the number of its trials. Raises TrackingError where the record cannot be written,
        where somebody else is writing this execution, or where it is damaged; it is kept then.
        """
        sweep(self.folder)
        folder = self.folder / name
        with _held(folder), tempfile.TemporaryDirectory(prefix="layerwise-") as scratch:
            document = _document(folder)
            execution = _read(folder, document, Path(scratch))
            lines = _content(folder, document, _TRIALS).splitlines()
            record = Record(uri, artifacts, execution.study)
            try:
                record.open(
                    execution.plan_key, execution.tags, execution.question, execution.started
                )
                for first in range(0, len(lines), _TOGETHER):
                    record.log_trials([_trial(line) for line in lines[first : first + _TOGETHER]])
                record.close(
                    execution.status,
                    execution.summary,
                    execution.images,
                    execution.metrics,
                    execution.study_yaml,
                    execution.dataset,
                    execution.model,
                    execution.ended,
                )
            except TrackingError as error:
                record.abandon()
                remedy = "It stays in the spool: try again once the record can be written"
                raise TrackingError(error.where, error.rule, error.got, remedy) from error
            self._forget(folder)
        return len(lines)

    def _forget(self, folder: Path) -> None:
        # Out of sight in one step: what is half deleted would count as damaged.
        with staged(self.folder) as batch:
            os.rename(folder, batch / folder.name)
            sync_folder(self.folder)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Have an execution to oneself; the system lets go of it when this process ends."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        raise _gone(folder) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            rule = "must be written by one process at a time"
            raise TrackingError(str(folder), rule, "another one that is at it") from error
        if not folder.exists():
            raise _gone(folder)
        yield
    finally:
        os.close(descriptor)


def _gone(folder: Path) -> TrackingError:
    rule = "must be an execution in the spool"
    return TrackingError(str(folder), rule, "none; perhaps it has just been written")


def _document(folder: Path) -> Document:
    try:
        return read_manifest(folder, folder.name)
    except DamagedError as damage:
        raise _damaged(folder, damage) from damage


def _content(folder: Path, document: Document, name: str) -> bytes:
    try:
        return read_file(folder, document, name)
    except DamagedError as damage:
        raise _damaged(folder, damage) from damage


def _damaged(folder: Path, damage: DamagedError) -> TrackingError:
    remedy = "Remove the folder and run the study again: its trials are in the store"
    return TrackingError(str(folder), "must be as it was written", str(damage), remedy)


def _read(folder: Path, document: Document, scratch: Path) -> Execution:
    fields: dict[str, Any] = json.loads(_content(folder, document, _ENDING))
    with np.load(io.BytesIO(_content(folder, document, _IMAGES)), allow_pickle=False) as images:
        fields["images"] = dict(images)
    if fields["dataset"] is not None:
        fields["dataset"] = TrackedData(**fields["dataset"])
    if fields["model"] is not None:
        for name in document["files"]:
            if name.startswith(_MODEL):
                content = _content(folder, document, name)
                (scratch / name.removeprefix(_MODEL)).write_bytes(content)
        fields["model"] = ServedModel(**{**fields["model"], "folder": scratch})
    return Execution(**fields)


def _trial(line: bytes) -> TrackedTrial:
    fields = json.loads(line)
    return TrackedTrial(**{**fields, "parent_keys": tuple(fields["parent_keys"])})


def _copy(path: Path, stream: HashedStream) -> None:
    stream.write(path.read_bytes())


def _write_lines(stream: HashedStream, trials: Iterable[TrackedTrial]) -> None:
    for trial in trials:
        stream.write(_json(vars(trial)) + b"\n")


def _json(value: object) -> bytes:
    # Numbers that are not finite stay what they are; Python's own reader takes them back.
    return json.dumps(value, default=_plain, ensure_ascii=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) else str(value)


def _packed(images: Mapping[str, np.ndarray]) -> bytes:
    stream = io.BytesIO()
    arrays = {name: np.asarray(array, dtype=np.float32) for name, array in images.items()}
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()
