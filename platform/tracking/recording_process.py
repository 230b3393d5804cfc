"""The recorder and the report, in a process of their own beside the driver.

Importing MLflow, making its database and importing Plotly take as much of a core as everything else
that happens before the first trial trains. In a process of its own all that runs on another core,
from the first moment, while the driver imports torch and Ray starts; and the driver's loop never
shares its interpreter with the record. Nothing is written before :meth:`RecordingProcess.start`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ...dashboards.collector import collector_paused
from ..errors import TrackingError

if TYPE_CHECKING:
    from .recorder import Recorder
    from .tracked_trial import TrackedTrial

# How long the record of an execution that was broken off may take to say so.
_LAST_WORDS_SECONDS = 5.0
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@dataclass(frozen=True)
class Opening:
    """Which record to open, for which execution.

    ``uri``, ``artifacts`` and ``study`` name the record; what MLflow says goes into the file
    ``log``; ``plan_key``, ``tags`` and ``question`` are the execution's.
    """

    uri: str
    artifacts: Path
    study: str
    log: Path
    plan_key: str
    tags: dict[str, str]
    question: str


class RecordingProcess:
    """The driver's side: ``with RecordingProcess() as recording: …``.

    The process begins to import at once, and ends with the block or with this process.
    """

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._connection = Connection(ours.detach())
        self.opening: Opening | None = None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        if kind is not None:
            if self.opening is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_LAST_WORDS_SECONDS)
            self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def start(self, opening: Opening) -> None:
        """Open the record; returns immediately. See :meth:`.record.Record.open`."""
        self.opening = opening
        self._send("start", opening)

    def submit(self, trials: Sequence[TrackedTrial]) -> None:
        """Hand in trained trials; returns immediately and never fails."""
        self._send("submit", (tuple(trials),))

    def finish(self, **ending: Any) -> str | None:
        """Write what is left and end the execution; see :meth:`.recorder.Recorder.finish`.

        Raises:
            TrackingError: the record is not complete.
        """
        found: str | None = self._ask("finish", ending)
        return found

    def report(self, uri: str, study: str, out: Path) -> Path:
        """Write the study's report from the record; see :func:`dashboards.report.write_report`."""
        path: Path = self._ask("report", (uri, study, out))
        return path

    def _ask(self, what: str, content: object) -> Any:
        self._send(what, content)
        try:
            error, answer = self._connection.recv()
        except (EOFError, OSError):
            error, answer = _lost(), None
        if error is not None:
            raise error
        return answer

    def _send(self, what: str, content: object) -> None:
        try:
            self._connection.send((what, content))
        except OSError:
            # Said when an answer is asked for: until then the training goes on.
            logging.getLogger("layerwise.tracking").info("the recording process has gone")


def _lost() -> TrackingError:
    return TrackingError(
        "the record",
        "must be written by a process beside this one",
        "one that has ended",
        "The trials are in the store: run the study again to record them.",
    )


class _Server:
    """The other side, in the process itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._recorder: Recorder | None = None

    def serve(self) -> None:
        """Answer until the driver has gone; an execution that it left open has been killed."""
        while True:
            try:
                what, content = self._connection.recv()
            except (EOFError, OSError):
                if self._recorder is not None:
                    self._recorder.abandon(_LAST_WORDS_SECONDS)
                return
            if what == "start":
                self._start(content)
            elif what == "submit" and self._recorder is not None:
                self._recorder.submit(*content)
            else:
                self._answer(what, content)

    def _start(self, opening: Opening) -> None:
        from .record import Record
        from .recorder import Recorder

        file = os.open(opening.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, 1)
        os.dup2(file, 2)
        logging.basicConfig(level=logging.INFO, format=_FORMAT, stream=sys.stderr, force=True)
        logging.captureWarnings(True)
        self._recorder = Recorder(Record(opening.uri, opening.artifacts, opening.study))
        self._recorder.start(opening.plan_key, opening.tags, opening.question)

    def _answer(self, what: str, content: Any) -> None:
        from ...dashboards.report import write_report

        try:
            if what == "finish" and self._recorder is not None:
                answer: object = self._recorder.finish(**content)
            else:
                answer = write_report(*content)
        except Exception as error:
            # Whatever it is, it is the driver's to raise.
            logging.getLogger("layerwise.tracking").info("%s failed", what, exc_info=True)
            self._connection.send((error, None))
        else:
            self._connection.send((None, answer))


def main() -> None:
    """Import what will be needed, then serve."""
    # The driver decides when to end; a terminal's Ctrl-C reaches this process too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What trains goes first; mildly, so that a busy machine does not starve the record.
    os.nice(5)
    connection = Connection(int(sys.argv[1]))
    with collector_paused(kept=True):
        import mlflow  # noqa: F401 - takes a second; the tables' modules come with it

        from ...dashboards import report  # noqa: F401

    _Server(connection).serve()
    # Nothing is left to flush or to join, and an interpreter's end takes a while.
    os._exit(0)


if __name__ == "__main__":
    main()
