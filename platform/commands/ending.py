"""What is made of an outcome: the ranking, the record's last entries, the report."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from ..answer import claims, controls, pictures, readouts, summary
from ..answer import ranking as answer
from ..answer.ranking import Ranked
from ..errors import TrackingError
from ..execution.execution import Outcome
from ..execution.frozen_codes import stage_inputs
from ..execution.inputs import inputs_of
from ..execution.trained import layers, network
from ..tracking.recording_process import RecordingProcess
from ..tracking.served_model import ServedModel
from ..tracking.serving import tasks
from ..tracking.tracked_execution import TrackedData
from ..tracking.tracked_trial import as_text
from ..uses.findings import Findings
from ..uses.trained import Leaf, Trained
from .answer_table import show
from .plan import Prepared
from .spooling import Spooled, spooled


class Ending:
    """What is made of an outcome: the ranking, the record's last entries, the report."""

    def __init__(
        self, prepared: Prepared, outcome: Outcome, recording: RecordingProcess, begun: float
    ) -> None:
        self.prepared = prepared
        self.outcome = outcome
        self.recording = recording
        self.begun = begun
        train = outcome.train_seconds
        self.seconds = {"start": time.monotonic() - begun - train, "train": train}
        self.path: Path | None = None
        self.tracking_error: TrackingError | None = None
        self.spooled: Spooled | None = None
        self.verdict = ""
        self.ranking: list[Ranked] = []
        self.winner: dict[str, object] = {}
        self.findings: Findings | None = None
        self.claims: list[claims.Judged] = []

    def record(self, interrupted: int) -> None:
        """Rank, measure the controls, and complete the record."""
        study, data, outcome = self.prepared.study, self.prepared.data, self.outcome
        store = self.prepared.execution.store
        started = time.monotonic()
        found = answer.ranking(study, outcome)
        self.ranking, self.winner = found.rows, found.winner(study)
        measured: list[controls.Control] = []
        rankings: dict[str, list[Ranked]] = {}
        for stage in study.stages:
            ranking = rankings[stage.name] = answer.ranked(study, outcome, stage.name)
            if ranking:
                best = ranking[0].trials
                inputs = stage_inputs(best[0].inputs, data, store)
                labels = data.class_numbers
                if labels is not None and answer.CLASSIFIED in ranking[0].metrics:
                    measured += readouts.measure(best, inputs, labels, outcome.manifests)
                else:
                    measured += controls.measure(best, inputs, outcome.manifests)
        # What networks are used for says more of them than how well they reconstruct.
        if self.ranking and study.use is None:
            self.verdict = answer.verdict(self.ranking[0], measured)
        taken = pictures.take(self.ranking, data, store)
        self.findings = self._look(rankings)
        if self.findings is not None:
            taken.show(self.findings.inside)
        answered = claims.Answered(rankings, measured, self.findings, outcome)
        self.claims = claims.judge(study.claims, answered)
        self.seconds["total"] = time.monotonic() - self.begun
        record = summary.summarise(
            study,
            data,
            outcome,
            measured,
            taken,
            self.verdict,
            self.seconds,
            self.findings,
            self.claims,
        )
        lost = outcome.failed or outcome.skipped
        status = "KILLED" if interrupted else "FAILED" if lost else "FINISHED"
        with tempfile.TemporaryDirectory(prefix="layerwise-") as folder:
            last = {
                "status": status,
                "summary": record,
                "images": taken.arrays,
                "metrics": {
                    "trials": float(len(outcome.manifests)),
                    "cohorts": float(len(record["cost"]["cohorts"])),
                    "reused": float(len(outcome.reused)),
                    **{f"seconds/{name}": value for name, value in self.seconds.items()},
                },
                "study_yaml": study.to_yaml(),
                "dataset": _tracked_data(self.prepared),
                "model": self._model(Path(folder)),
            }
            try:
                self.recording.finish(**last)
            except TrackingError as error:
                self.tracking_error = error
                opening = self.recording.opening
                if opening is not None:
                    self.spooled = spooled(self.prepared, outcome, opening, self.begun, last, error)
        self.seconds["track"] = time.monotonic() - started

    def report(self) -> None:
        """Write the report, from the record alone."""
        if self.tracking_error is not None:
            return
        started = time.monotonic()
        home, study = self.prepared.home, self.prepared.study
        out = home.reports / f"{study.name}.html"
        self.path = self.recording.report(home.tracking_uri, study.name, out)
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
                "causes": outcome.failed | outcome.skipped,
                "diverged": len(outcome.diverged),
                "stopped": len(outcome.stopped),
                "unspent": len(outcome.unspent),
                "seconds_saved": outcome.seconds_saved,
                "not_trained": {
                    stage: {"trials": count, "seconds": seconds}
                    for stage, (count, seconds) in outcome.not_trained.items()
                },
            },
            "objective": self.prepared.study.objective.mapping(),
            "ranked": [_finite(row.mapping()) for row in self.ranking],
            "winner": self.winner,
            "verdict": self.verdict,
            "measures": [m.mapping() for m in self.findings.measures] if self.findings else [],
            "said": list(self.findings.said) if self.findings else [],
            "claims": [_finite(claim.mapping()) for claim in self.claims],
            "report": str(self.path) if self.path else None,
            "spooled": str(self.spooled.folder) if self.spooled else None,
            "seconds": self.seconds,
        }

    def show(self, console: Console, name: str) -> None:
        """The ranked answer, and where to go on."""
        show(console, self, name)

    def _look(self, rankings: Mapping[str, list[Ranked]]) -> Findings | None:
        """What the study's networks are for, seen at the best setting of every branch."""
        study, store = self.prepared.study, self.prepared.execution.store
        if study.use is None:
            return None
        below = {name for stage in study.stages for name in stage.after}
        leaves = tuple(
            Leaf(stage.name, stage.name, rankings[stage.name][0].trials, store)
            for stage in study.stages
            if stage.name not in below and rankings[stage.name]
        )
        return study.use.look(Trained(self.prepared.data, leaves)) if leaves else None

    def _model(self, folder: Path) -> ServedModel | None:
        if not self.ranking:
            return None
        best = self.ranking[0].trials[0]
        stack = layers(best.key, self.prepared.execution.store)
        if stack is None:
            return None
        found = network(stack)
        found.inputs = inputs_of(self.prepared.data, self.prepared.study.data.scale)
        found.save(folder)
        params = {path: as_text(value) for path, value in self.ranking[0].values.items()}
        params |= {"key": best.key}
        return ServedModel(folder, found.visible_, "best", params, tasks(found))


def _tracked_data(prepared: Prepared) -> TrackedData:
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
