"""A trial's curves beside those of its siblings: its setting's other seeds, and other settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .effects import ranked
from .errors import RecordError
from .memory import remembered
from .outline import measure_of, objective
from .settings import metrics as known_metrics
from .trial_histories import Curve, Together, of_trial, together

if TYPE_CHECKING:
    from .frames import Frames

QUIET = 30
"""Other settings that are looked at."""
MORE = 3
"""Measures that are shown beside the objective's."""
FIRST = ("hoyer_sparsity", "jacobian_norm", "free_energy_gap")
"""What is shown beside the objective's measure before anything else."""
LOST = ("FAILED", "KILLED")


@dataclass(frozen=True, eq=False)
class Panel:
    """A metric of a trial: its own curve, the other seeds' as one, and of each other setting the
    mean over the seeds that were not lost, the best setting first."""

    metric: str
    own: Curve | None
    others: Together
    quiet: tuple[Curve, ...]

    def values(self) -> NDArray[np.float64]:
        """Every finite value that is drawn, in one row."""
        held = [self.others.low, self.others.high, *(values for _, values in self.quiet)]
        joined = np.concatenate([*held, *([self.own[1]] if self.own else [])])
        return np.asarray(joined[np.isfinite(joined)])


@remembered
def trial(frames: Frames, key: str) -> dict[str, Any]:
    """The row of ``runs`` with a key, without what it does not have.

    Raises ``RecordError`` where there is none.
    """
    found = np.flatnonzero((frames.runs["key"] == key).to_numpy())
    if not len(found):
        raise RecordError("trial", "must have its key in the record", key)
    row = frames.runs.iloc[int(found[0])]
    return {str(n): v for n, v in row.items() if v is not None and v == v}


@remembered
def panels(frames: Frames, key: str) -> tuple[Panel, ...]:
    """Training and validation of the objective's measure, then up to three other measures.

    A metric has a panel if somebody among the trial and its siblings has more than one epoch of
    it; the reconstruction error takes the place of an objective's measure that has no history.
    Raises ``RecordError`` where no trial has the key.
    """
    own_row = trial(frames, key)
    stage, setting = str(own_row["stage"]), str(own_row["setting"])
    trials = frames.trials(stage)
    own = of_trial(frames, key)
    siblings = trials.loc[(trials["setting"] == setting) & (trials["key"] != key), "key"]
    others = [of_trial(frames, str(name)) for name in siblings]
    quiet = [[of_trial(frames, k) for k in keys] for keys in _elsewhere(frames, stage, setting)]
    everybody = [own, *others, *(curves for group in quiet for curves in group)]
    found = []
    for metric in _shown(frames, stage, everybody):
        means = [together(_of(metric, group)) for group in quiet]
        lines = tuple((mean.epoch, mean.mean) for mean in means if mean.n.any())
        found.append(Panel(metric, own.get(metric), together(_of(metric, others)), lines))
    return tuple(found)


def _elsewhere(frames: Frames, stage: str, setting: str) -> list[list[str]]:
    """The keys of other settings' trials that were not lost: at most ``QUIET`` settings by rank.

    Those are spread evenly from the best to the worst; what is not ranked (yet) comes after.
    """
    trials = frames.trials(stage)
    trials = trials[~trials["status"].isin(LOST) & (trials["setting"] != setting)]
    keys = {str(name): list(map(str, own)) for name, own in trials.groupby("setting")["key"]}
    order = list(dict.fromkeys([*map(str, ranked(frames, stage).index), *keys]))
    names = [name for name in order if name in keys]
    chosen = np.unique(np.linspace(0, len(names) - 1, min(QUIET, len(names))).round().astype(int))
    return [keys[names[place]] for place in chosen]


def _shown(frames: Frames, stage: str, everybody: Sequence[Mapping[str, Curve]]) -> list[str]:
    """The metrics that have a panel, in order."""
    logged = {name for curves in everybody for name, (epoch, _) in curves.items() if len(epoch) > 1}
    logged &= set(known_metrics(frames))
    first: list[str] = []
    for measure in (measure_of(objective(frames, stage)[0]), "reconstruction_error"):
        wanted = [f"{split}/{measure}" for split in ("train", "validation")]
        if first := [name for name in wanted if name in logged]:
            break
    drawn = {measure_of(name) for name in first}
    more = sorted(
        (n for n in logged if n.startswith("validation/") and measure_of(n) not in drawn),
        key=lambda name: (
            FIRST.index(measure_of(name)) if measure_of(name) in FIRST else len(FIRST),
            name,
        ),
    )
    return [*first, *more[:MORE]]


def _of(metric: str, everybody: Iterable[Mapping[str, Curve]]) -> list[Curve]:
    return [curves[metric] for curves in everybody if metric in curves]
