"""The sections of one stage about what was measured: trade-offs, the code's inside, likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chart import Section, charted
from .figures import (
    activity,
    common_axes,
    free_energy_gap,
    importance,
    likelihood,
    parallel_coordinates,
    pareto,
    spectrum,
)
from .trial_histories import READING
from .wording import capital, measure_label

if TYPE_CHECKING:
    from .frames import Frames


def importances(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """Which hyperparameters matter, and what the best settings share."""
    name = f"importance-{place}"
    shares, lines = "How much of the objective each explains", "Every setting, from its values on"
    charts = [
        *charted(f"{name}-shares", shares, importance, (frames, stage), {"beside": False}),
        *charted(f"{name}-lines", lines, parallel_coordinates, (frames, stage), {"across": False}),
    ]
    return Section(name, f"What matters{suffix}", "importance", charts)


def trade_offs(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """What must be given up for what."""
    name, best = f"trades-{place}", "Settings that no other beats"
    charts = charted(f"{name}-front", best, pareto, (frames, stage), {"narrow": True}, least=2)
    for index, outcome in enumerate(common_axes.outcomes(frames, stage)):
        title = capital(f"regularisers on common axes: {measure_label(frames, outcome)}")
        given = (frames, stage, outcome)
        note = common_axes.note(*given)
        charts += charted(f"{name}-{index}", title, common_axes, given, {"columns": 1}, note)
    return Section(name, f"What trades against what{suffix}", "trades", charts)


def inside(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """How many units are at work, and in how many directions the code moves."""
    name, units, directions = f"inside-{place}", "Active and dead units", "The Jacobian’s spectrum"
    charts = [
        *charted(f"{name}-units", units, activity, (frames, stage), {"beside": False}),
        *charted(f"{name}-spectrum", directions, spectrum, (frames, stage), {"columns": 1}),
    ]
    return Section(name, f"Inside the code{suffix}", "inside", charts)


def likelihoods(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """What a machine knows of the data, and whether it learns them by heart."""
    name = f"likelihood-{place}"
    bounds, gap = "Log-likelihoods and their bounds", "The free-energy gap, epoch by epoch"
    charts = [
        *charted(f"{name}-bounds", bounds, likelihood, (frames, stage), {"beside": False}),
        *charted(f"{name}-gap", gap, free_energy_gap, (frames, stage), {"wrap": 40}),
    ]
    awaited = not frames.histories and frames.trials(stage).get(free_energy_gap.METRIC) is not None
    return Section(name, f"Likelihood{suffix}", "likelihood", charts, READING if awaited else "")
