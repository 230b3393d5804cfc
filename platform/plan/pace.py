"""What training takes on this machine: measured steps, scaled to what stored cohorts took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..data import DataSet
from .calibration import WIDTHS, Calibration, StepTimes
from .trial import Trial


@dataclass(frozen=True)
class Sources:
    """Where times come from.

    ``earlier`` and ``now`` count the structures whose step was timed by earlier runs and just now,
    ``cohorts`` the stored ones whose durations scale them, and ``scale`` is by how much (their
    median over all of these, 1 without any).
    """

    earlier: int
    now: int
    cohorts: int
    scale: float

    def __str__(self) -> str:
        told = f"steps of {_count(self.earlier + self.now, 'structure')}, timed on this machine"
        if self.now:
            told += " just now" if not self.earlier else f" ({self.now} of them just now)"
        if not self.cohorts:
            return f"{told}, without measures and storage: the store holds no cohort yet"
        stored = _count(self.cohorts, "stored cohort")
        return f"{told}, times {self.scale:.2g}: so long did {stored} take"


class MeasuredPace:
    """Seconds of a cohort's training, from its structure and its width.

    Args:
        calibration: steps that were timed earlier; what it lacks is timed now, and not remembered.
        data: the data set, for its shape.
        trials: those of the study.
        manifests: of the stored ones among them, by key.
    """

    def __init__(
        self,
        calibration: Calibration,
        data: DataSet,
        trials: Sequence[Trial],
        manifests: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._calibration = calibration
        self._data = data
        self._times: dict[tuple[object, ...], StepTimes] = {}
        self._earlier = 0
        self._scales = self._compared(trials, manifests)
        everywhere = [scale for scales in self._scales.values() for scale in scales]
        self._scale = median(everywhere) if everywhere else 1.0
        self._scale_of = {stage: median(scales) for stage, scales in self._scales.items()}

    def __call__(self, trial: Trial, width: int) -> float:
        """Seconds of so many trials like this one, trained together to their last epoch."""
        scale = self._scale_of.get(trial.stage, self._scale)
        return scale * self._steps(trial) * self._of(trial).step(width)

    @property
    def sources(self) -> Sources:
        """Where the times came from that were asked for so far."""
        cohorts = sum(len(scales) for scales in self._scales.values())
        now = len(self._times) - self._earlier
        return Sources(self._earlier, now, cohorts, self._scale)

    def _steps(self, trial: Trial) -> int:
        batch = min(int(trial.settings["batch_size"]), len(self._data.train))
        return int(trial.settings["epochs"]) * -(-len(self._data.train) // batch)

    def _of(self, trial: Trial) -> StepTimes:
        structure = trial.structure
        if structure not in self._times:
            # As wide as cohorts get, even where the study has fewer: beyond, one has to guess.
            alike = [trial] * WIDTHS[-1]
            known = self._calibration.known(alike)
            self._earlier += known is not None
            self._times[structure] = known or self._calibration.time(alike, self._data)
        return self._times[structure]

    def _compared(
        self, trials: Sequence[Trial], manifests: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, list[float]]:
        """What each stored cohort took, as a multiple of its steps alone, by stage."""
        found: dict[str, list[float]] = {}
        seen = set()
        for trial in trials:
            manifest = manifests.get(trial.key)
            if manifest is None or manifest["cohort"] in seen or not self._steps(trial):
                continue
            seen.add(manifest["cohort"])
            steps = self._steps(trial) * self._of(trial).step(int(manifest["trials_in_cohort"]))
            took = float(manifest["ended"] - manifest["started"])
            found.setdefault(trial.stage, []).append(took / steps)
        return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
