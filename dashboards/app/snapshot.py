"""A study as it was last read: what a page is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import RecordError
from ..frames import Frames
from ..reader import Reading


@dataclass(frozen=True)
class Snapshot:
    """What MLflow held of a study at one moment.

    ``version`` grows by one each time something changed. ``read_at``: Unix seconds of the last
    successful reading, also when nothing had changed. ``state``: of the newest execution,
    "running", "finished", "failed" or "killed"; "empty" where there is neither an execution nor a
    trial. ``planned``: how many trials the newest execution will have, if the record says.
    ``problem``: "", or why the last reading failed; the frames are those of the one before.
    """

    frames: Frames
    version: int
    read_at: float
    state: str
    planned: int | None
    problem: str

    @classmethod
    def of(cls, read: Reading, version: int, read_at: float, error: RecordError | None) -> Snapshot:
        """The snapshot of a reading, with what went wrong with the one after it."""
        problem = "" if error is None else _sentence(error)
        return cls(read.frames, version, read_at, read.state, read.planned, problem)


def is_whole(value: object) -> bool:
    """Whether something has been read, and with its histories if it is a study."""
    return value is not None and (not isinstance(value, Reading) or value.frames.histories)


def _sentence(error: RecordError) -> str:
    text = f"{error.where} {error.rule}."
    remedy = f" {error.remedy}" if error.remedy else ""
    return f"{text[:1].upper()}{text[1:]}{remedy}"
