"""Runs a study's tree as one Ray Tune experiment, and hands finished cohorts to the record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from ...dashboards.collector import collector_paused
from ..data import DataSet
from ..errors import StoreError
from ..home import Home
from ..plan.calibration import WIDTHS, Calibration, StepTimes, best_width
from ..plan.cohorts import Cohort
from ..plan.schedule import Ledger, LedgerForReading, Schedule
from ..plan.tree import Plan, plan
from ..plan.trial import Metrics, Source, Trial
from ..store.store import Store
from ..study.study import Study
from ..tracking.tracked_trial import TrackedTrial
from .cohort_run import last_metrics
from .ray_session import RaySession

_log = logging.getLogger("layerwise.execution")

# A worker may be lost (killed, out of memory) this often before its cohort counts as failed.
RETRIES = 2


class Listener(Protocol):
    """Who is told what happens while a study runs."""

    def started(self, cohort: Cohort) -> None:
        """A cohort was handed to a worker."""

    def progressed(self, cohort: Cohort, epoch: int, epochs: int) -> None:
        """A cohort has trained that many epochs."""

    def finished(self, cohort: Cohort, metrics: Mapping[str, Metrics]) -> None:
        """A cohort is done and stored."""

    def failed(self, cohort: Cohort, cause: str) -> None:
        """A cohort could not be trained."""


@dataclass
class Outcome:
    """What became of a study."""

    plan: Plan
    manifests: dict[str, dict[str, Any]]
    reused: tuple[str, ...]
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False
    train_seconds: float = 0.0

    @property
    def trained(self) -> tuple[str, ...]:
        """The keys that this execution trained."""
        reused = set(self.reused)
        return tuple(key for key in self.manifests if key not in reused)

    @property
    def diverged(self) -> tuple[str, ...]:
        """The keys whose loss left the finite numbers."""
        return tuple(k for k, m in self.manifests.items() if m["diverged_at"] is not None)

    @property
    def seconds_saved(self) -> float:
        """What the reused trials took when they were trained."""
        return sum(_share(self.manifests[key]) for key in self.reused)


class Execution:
    """One run of a study, from what the store holds to the end of its last cohort.

    Args:
        study: what the person wrote.
        data: its data set.
        home: where the store, the ledger and the calibration are.
    """

    def __init__(self, study: Study, data: DataSet, home: Home) -> None:
        self.study = study
        self.data = data
        self.home = home
        self.store = Store(home.store)
        self.source = Source.of(data)
        self.manifests = self._stored()
        self.reused = tuple(self.manifests)
        finished = {key: last_metrics(manifest) for key, manifest in self.manifests.items()}
        self.plan = plan(study, self.source, finished)
        self.calibration = Calibration(
            home.path / "calibration.json", threads=max(1, int(study.resources.cpus))
        )
        self._stop = False
        self._scheduled: Schedule | None = None

    @property
    def complete(self) -> bool:
        """Whether the store holds every trial of the plan."""
        return self.plan.decided and all(t.key in self.manifests for t in self.plan.trials())

    def preview(self, workers: int) -> Schedule:
        """The tree as it would be trained, from step times measured earlier, nothing written."""
        return self._schedule(workers, self.calibration.known, LedgerForReading)

    def _schedule(
        self,
        workers: int,
        step_times: Callable[[Sequence[Trial]], StepTimes | None],
        ledger: type[Ledger],
    ) -> Schedule:
        def width(members: Sequence[Trial]) -> int:
            times = step_times(members)
            if times is None:
                return WIDTHS[-1]
            settings = members[0].settings
            steps = int(settings["epochs"]) * -(-self.source.samples // int(settings["batch_size"]))
            return best_width(len(members), workers, times, steps)

        finished = {key: last_metrics(manifest) for key, manifest in self.manifests.items()}
        families = {key: manifest["cohort"] for key, manifest in self.manifests.items()}
        path = self.home.plans / f"{self.plan.key[:32]}.json"
        return Schedule(self.study, self.source, finished, families, width, ledger(path))

    def stop(self) -> None:
        """Ask for a clean end: running cohorts are given up, finished ones stay."""
        self._stop = True

    def prepare(self, session: RaySession) -> None:
        """Start Ray unless nothing is to be trained, and meanwhile cut the tree into cohorts.

        Returns while Ray is still starting.
        """
        if self.complete:
            self._scheduled = self.preview(workers=1)
            return
        if not session.started:
            session.start()
        workers = session.workers(self.study.resources.cpus, self.study.resources.gpus)
        self._scheduled = self._schedule(
            workers, lambda members: self.calibration.measure(members, self.data), Ledger
        )
        with collector_paused():
            import_module(".tune_experiment", __package__)

    def run(
        self,
        session: RaySession,
        listener: Listener,
        record: Callable[[Sequence[TrackedTrial]], None],
    ) -> Outcome:
        """Train what is missing.

        Args:
            session: as given to :meth:`prepare`.
            listener: told what happens.
            record: given every trial of the plan once, the stored ones first.
        """
        begun = time.monotonic()
        if self._scheduled is None:
            self.prepare(session)
        schedule = self._scheduled
        assert schedule is not None
        known = {trial.key: trial for trial in self.plan.trials()}
        if self.reused:
            record([tracked(known[key], self.manifests[key], reused=True) for key in self.reused])
        started = begun
        if not schedule.done:
            session.wait()
            started = time.monotonic()
            if not self._stop:
                workers = session.workers(self.study.resources.cpus, self.study.resources.gpus)
                self._tune(workers, schedule, listener, record)
        ended = time.monotonic()
        return Outcome(
            plan=schedule.plan,
            manifests=self.manifests,
            reused=self.reused,
            failed=schedule.failed,
            skipped=schedule.skipped,
            interrupted=self._stop,
            train_seconds=ended - started,
        )

    def _tune(
        self,
        workers: int,
        schedule: Schedule,
        listener: Listener,
        record: Callable[[Sequence[TrackedTrial]], None],
    ) -> None:
        from .tune_experiment import run_tune

        def finished(cohort: Cohort) -> Mapping[str, Metrics]:
            metrics: dict[str, Metrics] = {}
            for trial in cohort.trials:
                manifest = self.store.manifest(trial.key)
                self.manifests[trial.key] = manifest
                metrics[trial.key] = last_metrics(manifest)
            record([tracked(t, self.manifests[t.key], reused=False) for t in cohort.trials])
            listener.finished(cohort, metrics)
            return metrics

        run_tune(
            study=self.study,
            data=self.data,
            store=self.store.root,
            experiments=self.home.path / "ray",
            schedule=schedule,
            listener=listener,
            finished=finished,
            stopped=lambda: self._stop,
            workers=workers,
            retries=RETRIES,
        )

    def _stored(self) -> dict[str, dict[str, Any]]:
        """The manifests of the plan's sound entries, promotions replayed from what they say."""
        held = self.store.keys()
        found: dict[str, dict[str, Any]] = {}
        while True:
            metrics = {key: last_metrics(manifest) for key, manifest in found.items()}
            expanded = plan(self.study, self.source, metrics)
            fresh = [t.key for t in expanded.trials() if t.key in held and t.key not in found]
            for key in fresh:
                try:
                    # Weights too: a damaged entry is found now, and trained again.
                    found[key] = self.store.read(key).manifest
                except StoreError as error:
                    # Quarantined by the store, which says so; the trial is trained again.
                    _log.info("%s", error)
                    held.discard(key)
            if not fresh:
                return found


def tracked(trial: Trial, manifest: Mapping[str, Any], *, reused: bool) -> TrackedTrial:
    """A stored trial as the record takes it."""
    return TrackedTrial(
        key=trial.key,
        stage=trial.stage,
        depth=trial.depth,
        model=trial.model,
        seed=trial.seed,
        parent_keys=trial.parents,
        setting=trial.setting,
        cohort=manifest["cohort"],
        reused=reused,
        params={**trial.inherited, **trial.written, "seed": trial.seed},
        history={name: [(e, v) for e, v in p] for name, p in manifest["history"].items()},
        started=manifest["started"],
        ended=manifest["ended"],
        diverged_at=manifest["diverged_at"],
    )


def _share(manifest: Mapping[str, Any]) -> float:
    """Seconds of a cohort's training that fell to one of its trials."""
    return float(manifest["ended"] - manifest["started"]) / int(manifest["trials_in_cohort"])
