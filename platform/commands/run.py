"""``layerwise run``: train what is missing, record it, answer, report."""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.console import Console

from ..console import chatter, width
from ..console.progress import display
from ..errors import TrackingError
from ..execution.execution import Execution, Outcome
from ..execution.ray_session import LOCAL, RaySession
from . import plan as plan_command
from .plan import Prepared, prepare

if TYPE_CHECKING:
    from ..answer.ranking import Ranked
    from ..tracking.recorder import Recorder
    from ..tracking.served_model import ServedModel
    from ..tracking.tracked_execution import TrackedData

DONE, SOME_FAILED, INTERRUPTED = 0, 1, 128
_WATCHED = (signal.SIGINT, signal.SIGTERM)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", help="a YAML file, or the name of a study that ships")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.add_argument(
        "--address", default=LOCAL, help="a Ray cluster to join; by default a Ray of its own"
    )
    parser.add_argument("--no-report", action="store_true", help="write no HTML report")


def main(arguments: argparse.Namespace) -> int:
    """Run a study; returns the exit code."""
    begun = time.monotonic()
    prepared = prepare(arguments.study, arguments.home)
    prepared.home.ensure()
    # Two executions of a study may run at once; their chatter is kept apart.
    log = prepared.home.logs / f"{prepared.study.name}-{os.getpid()}.log"
    with chatter.into(log) as streams:
        return _run(prepared, arguments, streams, begun)


def _run(
    prepared: Prepared, arguments: argparse.Namespace, streams: chatter.Streams, begun: float
) -> int:
    execution = prepared.execution
    console = width.console(streams.error if arguments.json else streams.output)
    plan_command.show(console, execution, execution.preview(plan_command.workers(prepared.study)))
    interrupt = _Interrupt(execution, console)
    with RaySession(arguments.address) as session, interrupt.handled():
        execution.prepare(session)
        recorder = _recorder(prepared)
        session.wait()
        # Ray's core has put its own handlers in the place of ours: they would abort.
        interrupt.watch()
        missing = execution.plan.expected - len(execution.reused)
        with display(missing, console) as listener:
            outcome = execution.run(session, listener, recorder.submit)
        session.stop()
        ending = _Ending(prepared, outcome, begun)
        ending.record(recorder, interrupt.signal)
        if not arguments.no_report:
            ending.report()
    ending.seconds["total"] = time.monotonic() - begun
    if arguments.json:
        print(json.dumps(ending.plain(), allow_nan=False), file=streams.output)
    else:
        ending.show(console, arguments.study)
    if ending.tracking_error is not None:
        print(f"layerwise: {ending.tracking_error}", file=streams.error)
    if interrupt.signal:
        return INTERRUPTED + interrupt.signal
    lost = outcome.failed or outcome.skipped or outcome.diverged
    return SOME_FAILED if lost or ending.tracking_error is not None else DONE


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


class _Ending:
    """What is made of an outcome: the ranking, the record's last entries, the report."""

    def __init__(self, prepared: Prepared, outcome: Outcome, begun: float) -> None:
        self.prepared = prepared
        self.outcome = outcome
        self.begun = begun
        train = outcome.train_seconds
        self.seconds = {"start": time.monotonic() - begun - train, "train": train}
        self.path: Path | None = None
        self.tracking_error: TrackingError | None = None
        self.verdict = ""
        self.ranking: list[Ranked] = []

    def record(self, recorder: Recorder, interrupted: int) -> None:
        """Rank, measure the controls, and complete the record."""
        from ..answer import controls, pictures, summary
        from ..answer import ranking as answer
        from ..execution.cohort_run import stage_inputs

        study, data, outcome = self.prepared.study, self.prepared.data, self.outcome
        store = self.prepared.execution.store
        started = time.monotonic()
        self.ranking = answer.ranked(study, outcome)
        measured = []
        for stage in study.stages:
            ranking = answer.ranked(study, outcome, stage.name)
            if ranking:
                best = ranking[0].trials
                inputs = stage_inputs(best[0].parents, data, store)
                measured += controls.measure(best, inputs, outcome.manifests)
        if self.ranking:
            self.verdict = answer.verdict(self.ranking[0], measured)
        taken = pictures.take(self.ranking, data, store)
        self.seconds["total"] = time.monotonic() - self.begun
        record = summary.summarise(
            study, data, outcome, measured, taken, self.verdict, self.seconds
        )
        lost = outcome.failed or outcome.skipped
        status = "KILLED" if interrupted else "FAILED" if lost else "FINISHED"
        with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
            try:
                recorder.finish(
                    status,
                    record,
                    taken.arrays,
                    {
                        "trials": float(len(outcome.manifests)),
                        "cohorts": float(len(record["cost"]["cohorts"])),
                        "reused": float(len(outcome.reused)),
                        **{f"seconds/{name}": value for name, value in self.seconds.items()},
                    },
                    study.to_yaml(),
                    _tracked_data(self.prepared),
                    self._model(Path(folder)),
                )
            except TrackingError as error:
                self.tracking_error = error
        self.seconds["track"] = time.monotonic() - started

    def report(self) -> None:
        """Write the report, from the record alone."""
        if self.tracking_error is not None:
            return
        from ...dashboards.report import write_report

        started = time.monotonic()
        home, study = self.prepared.home, self.prepared.study
        self.path = write_report(home.tracking_uri, study.name, home.reports / f"{study.name}.html")
        self.seconds["report"] = time.monotonic() - started

    def plain(self) -> dict[str, Any]:
        """The whole ending as plain values."""
        outcome = self.outcome
        return {
            "study": self.prepared.study.name,
            "plan": {
                "trials": outcome.plan.expected,
                "cohorts": len({outcome.manifests[key]["cohort"] for key in outcome.trained}),
                "reused": len(outcome.reused),
                "trained": len(outcome.trained),
                "failed": len(outcome.failed),
                "skipped": len(outcome.skipped),
                "diverged": len(outcome.diverged),
                "seconds_saved": outcome.seconds_saved,
            },
            "objective": self.prepared.study.objective.mapping(),
            "ranked": [_finite(row.mapping()) for row in self.ranking],
            "verdict": self.verdict,
            "report": str(self.path) if self.path else None,
            "seconds": self.seconds,
        }

    def show(self, console: Console, name: str) -> None:
        """The ranked answer, and where to go on."""
        from .answer_table import show

        show(console, self, name)

    def _model(self, folder: Path) -> ServedModel | None:
        from ..execution.trained import layers, network
        from ..tracking.served_model import ServedModel

        if not self.ranking:
            return None
        best = self.ranking[0].trials[0]
        stack = layers(best.key, self.prepared.execution.store)
        if stack is None:
            return None
        network(stack).save(folder)
        params = {path: str(value) for path, value in self.ranking[0].values.items()}
        return ServedModel(folder, stack[0].visible_, "best", params | {"key": best.key})


def _recorder(prepared: Prepared) -> Recorder:
    from ..tracking.record import Record
    from ..tracking.recorder import Recorder

    home, study = prepared.home, prepared.study
    recorder = Recorder(Record(home.tracking_uri, home.artifacts, study.name))
    recorder.start(prepared.execution.plan.key, _tags(), study.question, _import_the_ending)
    return recorder


def _import_the_ending() -> None:
    """Import, while others train, what the answer and the report need."""
    for module in ("...dashboards.report", "..answer.pictures", "..answer.summary"):
        import_module(module, __package__)


def _tags() -> dict[str, str]:
    import platform
    import socket

    return {
        "layerwise.version": version("layerwise"),
        "layerwise.host": socket.gethostname(),
        "layerwise.python": platform.python_version(),
        "layerwise.torch": version("torch"),
        "layerwise.ray": version("ray"),
    }


def _tracked_data(prepared: Prepared) -> TrackedData:
    from ..tracking.tracked_execution import TrackedData

    data = prepared.data
    rows = {split: len(getattr(data, split)) for split in ("train", "validation", "test")}
    source = prepared.study.data.path or data.name
    return TrackedData(data.name, data.digest, str(source), rows, data.visible)


def _finite(value: Any) -> Any:
    """JSON has no NaN: what is not finite becomes null."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
