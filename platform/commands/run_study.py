"""A study from its plan to its answer: what ``layerwise run`` does."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from rich.console import Console

from ..console import chatter, width
from ..console.progress import display
from ..errors import StoreError
from ..execution.execution import Execution
from ..execution.ray_session import RaySession
from ..store.durable import is_full, write_failure
from ..study.study import Study
from ..tracking.recording_process import Opening, RecordingProcess
from . import changing
from . import plan as plan_command
from .plan import Prepared, prepare

DONE, SOME_FAILED, INTERRUPTED = 0, 1, 128
_WATCHED = (signal.SIGINT, signal.SIGTERM)


def run_study(arguments: argparse.Namespace, recording: RecordingProcess, begun: float) -> int:
    """Run a study; returns the exit code.

    Args:
        arguments: of the command line.
        recording: the process that keeps the record, importing since ``begun``.
        begun: when the command began, on the monotonic clock.
    """
    prepared = prepare(
        arguments.study, arguments.home, changing.asked(arguments), arguments.address
    )
    session = RaySession(arguments.address)
    session.check(prepared.study.resources.total_cpus, prepared.study.resources.total_gpus)
    prepared.home.ensure()
    # Two executions of a study may run at once; their chatter is kept apart.
    log = prepared.home.logs / f"{prepared.study.name}-{os.getpid()}.log"
    with chatter.into(log) as streams:
        try:
            return _run(prepared, arguments, session, recording, streams, begun, log)
        except OSError as error:
            # A disk that fails while a study trains: what was stored before is kept.
            if isinstance(error, StoreError):
                failure = error
            elif is_full(error):
                failure = write_failure(error, prepared.home.path)
            else:
                raise
            print(f"layerwise: {failure}", file=streams.error)
            return SOME_FAILED


def _run(
    prepared: Prepared,
    arguments: argparse.Namespace,
    session: RaySession,
    recording: RecordingProcess,
    streams: chatter.Streams,
    begun: float,
    log: Path,
) -> int:
    execution = prepared.execution
    console = width.console(streams.error if arguments.json else streams.output)
    interrupt = _Interrupt(execution, console)
    with session, interrupt.handled():
        if not session.joins:
            _start(recording, prepared, log)
        if not execution.complete:
            session.start()
        if session.joins:
            interrupt.watch()
            _check_nodes(session, prepared)
            _start(recording, prepared, log)
        # While Ray starts, the plan is shown, and what it leaves open is measured.
        plan_command.show(
            console, execution, execution.preview(plan_command.workers(prepared.study))
        )
        execution.prepare(session)
        # Pandas and SciPy, for the answer: a third of a second, better spent while Ray starts.
        from .ending import Ending

        missing = execution.plan.expected - len(execution.reused)
        with display(missing, console) as listener:
            session.wait()
            # Ray's core has put its own handlers in the place of ours: they would abort.
            interrupt.watch()
            outcome = execution.run(session, listener, recording.submit)
        session.stop()
        ending = Ending(prepared, outcome, recording, begun)
        ending.record(interrupt.signal)
        if not arguments.no_report:
            ending.report()
    ending.seconds["total"] = time.monotonic() - begun
    if arguments.json:
        print(json.dumps(ending.plain(), allow_nan=False), file=streams.output)
    else:
        ending.show(console, arguments.study)
    if ending.spooled is not None:
        print(f"layerwise: {ending.spooled}", file=streams.error)
    elif ending.tracking_error is not None:
        print(f"layerwise: {ending.tracking_error}", file=streams.error)
    if interrupt.signal:
        return INTERRUPTED + interrupt.signal
    lost = outcome.failed or outcome.skipped or outcome.diverged
    unrecorded = ending.tracking_error is not None and ending.spooled is None
    return SOME_FAILED if lost or unrecorded else DONE


class _Interrupt:
    """Ctrl-C or SIGTERM: a first one asks for a clean end, a second one ends at once."""

    def __init__(self, execution: Execution, console: Console) -> None:
        self._execution = execution
        self._console = console
        self.signal = 0

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle both signals inside the block."""
        before = {number: signal.getsignal(number) for number in _WATCHED}
        self.watch()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def watch(self) -> None:
        """Take both signals, from whoever has them now."""
        for number in _WATCHED:
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number
        self._execution.stop()
        # Through the console that draws the progress, which else would not know of the line.
        self._console.print("layerwise: stopping; once more to stop at once")


def _check_nodes(session: RaySession, prepared: Prepared) -> None:
    """Nothing begins on a cluster with nodes that could not end it."""
    if session.started:
        from ..cluster import preflight

        preflight.check(prepared.home)


def _start(recording: RecordingProcess, prepared: Prepared, log: Path) -> None:
    home, study = prepared.home, prepared.study
    tags = {
        "layerwise.version": version("layerwise"),
        "layerwise.host": socket.gethostname(),
        "layerwise.python": platform.python_version(),
        "layerwise.torch": version("torch"),
        "layerwise.ray": version("ray"),
        # How far it is, for who watches it run.
        "layerwise.planned": str(prepared.execution.plan.expected),
        # This very execution's name, should its record have to be completed later.
        "layerwise.execution": uuid.uuid4().hex,
    }
    key = record_key(study, prepared.execution.plan.key)
    recording.start(
        Opening(home.tracking_uri, home.artifacts, study.name, log, key, tags, study.question)
    )


def record_key(study: Study, plan_key: str) -> str:
    """Under which key the record knows the execution: that of its plan and of what is asked of it.

    A plan that has been recorded is not recorded again, unless its networks are now measured at
    something else, or have something else to beat.
    """
    written = study.mapping()
    asked = {name: written[name] for name in ("expected", "use", "claims") if name in written}
    if not asked:
        return plan_key
    text = json.dumps([plan_key, study.question, asked], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
