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
from ..plan.tree import Plan, Tree
from ..plan.trial import Metrics, Source, Trial
from ..store.collection import counting
from ..store.leases import Leases
from ..store.store import Store
from ..study.study import Study
from ..tracking.tracked_trial import TrackedTrial
from .claims import Claims, Manifest
from .earlier_rungs import remember
from .entries import entry_key, last_metrics, recorded_key
from .needs import register, replayed
from .ray_session import RaySession

_log = logging.getLogger("layerwise.execution")

# A worker may be lost (killed, out of memory) this often before its cohort counts as failed.
RETRIES = 2


class Listener(Protocol):
    """Who is told what happens while a study runs."""

    def started(self, cohort: Cohort) -> None:
        """A cohort was handed to a worker."""

    def awaited(self, cohort: Cohort) -> None:
        """Another execution is training these trials; they will be taken from the store."""

    def progressed(self, cohort: Cohort, epoch: int, epochs: int, training: int) -> None:
        """A cohort has trained that many epochs; so many of its trials go on."""

    def expected(self, trials: int) -> None:
        """So many trials will have been trained at the end, at most, by what is known now."""

    def halved(self, cohort: Cohort, cause: str) -> None:
        """A cohort did not fit into memory, and is trained in two halves."""

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
    unspent: dict[str, str] = field(default_factory=dict)
    """The keys that the budget left out, and why."""
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
    def stopped(self) -> tuple[str, ...]:
        """The keys of trials that were dropped for what their siblings are."""
        return tuple(k for k, m in self.manifests.items() if m.get("stopped_at") is not None)

    @property
    def seconds_saved(self) -> float:
        """What the reused trials took when they were trained."""
        return sum(_share(self.manifests[key]) for key in self.reused)

    @property
    def not_trained(self) -> dict[str, tuple[int, float]]:
        """For each stage how many of its trials were reused, and what they took when trained."""
        reused = set(self.reused)
        found: dict[str, tuple[int, float]] = {}
        for trial in self.plan.trials():
            if trial.key in reused:
                count, seconds = found.get(trial.stage, (0, 0.0))
                share = _share(self.manifests[trial.key])
                found[trial.stage] = (count + 1, seconds + share)
        return found


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
        self._read()
        self.calibration = Calibration(
            home.path / "calibration.json",
            threads=max(1, int(study.resources.cpus_per_worker or 1)),
            gpu=study.resources.total_gpus > 0,
        )
        self._arrived: list[str] = []
        self._stop = False
        self._scheduled: Schedule | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing is left that could be trained, and that the budget allows."""
        return bool(self.manifests) and self.preview(workers=1).done

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
        path = self.home.plans / f"{self.plan.key[:32]}.jsonl"
        return Schedule(
            self.study, self.source, finished, families, width, ledger(path), self._tree
        )

    @property
    def _needs(self) -> tuple[float, float]:
        """The CPUs and GPUs of a cohort."""
        return self.study.resources.total_cpus, self.study.resources.total_gpus

    def stop(self) -> None:
        """Ask for a clean end: running cohorts are given up, finished ones stay."""
        self._stop = True

    def prepare(self, session: RaySession) -> None:
        """Start Ray unless nothing is to be trained, and meanwhile cut the tree into cohorts.

        Returns while Ray is still starting.
        """
        self._register()
        if self.complete:
            self._scheduled = self.preview(workers=1)
            return
        if not session.started:
            session.start()
        workers = session.workers(*self._needs)
        self._scheduled = self._schedule(
            workers, lambda members: self.calibration.measure(members, self.data), Ledger
        )
        with collector_paused(kept=True):
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
                workers = session.workers(*self._needs)
                self._tune(workers, schedule, listener, record)
        ended = time.monotonic()
        return Outcome(
            plan=schedule.plan,
            manifests=self.manifests,
            reused=(*self.reused, *self._arrived),
            failed=schedule.failed,
            skipped=schedule.skipped,
            unspent=schedule.unspent,
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

        rungs = self.home.plans / self.plan.key[:32] / "rungs"
        known = (trial for trial in schedule.plan.trials() if trial.key in self.manifests)
        remember(rungs, ((trial, self.manifests[trial.key]) for trial in known))

        def finished(cohort: Cohort) -> Mapping[str, Metrics]:
            metrics: dict[str, Metrics] = {}
            for trial in cohort.trials:
                manifest = self.store.manifest(entry_key(trial, self.store) or trial.key)
                self.manifests[trial.key] = manifest
                metrics[trial.key] = last_metrics(manifest)
            record([tracked(t, self.manifests[t.key], reused=False) for t in cohort.trials])
            listener.finished(cohort, metrics)
            return metrics

        def arrived(cohort: Cohort, found: Mapping[str, Manifest]) -> Mapping[str, Metrics]:
            self.manifests |= {key: dict(manifest) for key, manifest in found.items()}
            self._arrived += found
            remember(rungs, ((trial, found[trial.key]) for trial in cohort.trials))
            record([tracked(t, found[t.key], reused=True) for t in cohort.trials])
            metrics = {key: last_metrics(manifest) for key, manifest in found.items()}
            listener.finished(cohort, metrics)
            return metrics

        with Leases(self.store.root) as leases:
            run_tune(
                study=self.study,
                data=self.data,
                store=self.store.root,
                rungs=rungs,
                experiments=self.home.path / "ray",
                claims=Claims(schedule, leases, self._look, arrived, listener.awaited),
                schedule=schedule,
                listener=listener,
                finished=finished,
                stopped=lambda: self._stop,
                workers=workers,
                retries=RETRIES,
            )

    def _look(self, trial: Trial) -> Manifest | None:
        """The manifest of a trial that the store holds by now."""
        key = entry_key(trial, self.store)
        if key is None:
            return None
        try:
            return self.store.manifest(key)
        except StoreError as error:
            _log.info("%s", error)
            return None

    def _read(self) -> None:
        """Take from the store what it holds of the plan, promotions replayed from what that says.

        Weights are read too: a damaged entry is found now, and trained again.
        """
        self._tree = Tree(self.study, self.source)
        whole = self.store.read
        self.manifests, _ = replayed(self._tree, self.store.keys(), lambda key: whole(key).manifest)
        self.reused = tuple(self.manifests)
        finished = {key: last_metrics(manifest) for key, manifest in self.manifests.items()}
        self.plan = self._tree.grown(finished)

    def _register(self) -> None:
        """Say what is needed of the store; what was collected since it was read is read again."""
        with counting(self.store.root):
            register(self.home, self.study, self.source, self.plan.key)
            held = self.store.keys()
            counted = [trial for trial in self.plan.trials() if trial.key in self.manifests]
            if any(entry_key(trial, held) is None for trial in counted):
                self._read()


def tracked(trial: Trial, manifest: Mapping[str, Any], *, reused: bool) -> TrackedTrial:
    """A stored trial as the record takes it."""
    return TrackedTrial(
        key=recorded_key(trial, manifest),
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
        ended=manifest.get("left", manifest["ended"]),
        diverged_at=manifest["diverged_at"],
        diverged_step=manifest.get("diverged_step"),
        stopped_at=manifest.get("stopped_at"),
        stopped_by=manifest.get("stopped_by"),
        plateau_at=manifest.get("plateau_at"),
    )


def _share(manifest: Mapping[str, Any]) -> float:
    """Seconds of a cohort's training that fell to one of its trials."""
    share = manifest.get("share", 1 / int(manifest["trials_in_cohort"]))
    # Not below 0 where the clock was set back meanwhile.
    return max(0.0, float(manifest["ended"] - manifest["started"])) * float(share)
