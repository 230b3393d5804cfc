"""The sections of one stage about what was measured: trade-offs, the code's inside, likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chart import Chart, Section
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
from .wording import capital, measure_label

if TYPE_CHECKING:
    from .frames import Frames


def importances(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """Which hyperparameters matter, and what the best settings share."""
    charts = []
    if len(rows := importance.table(frames, stage)):
        charts.append(
            Chart(
                f"importance-{place}-shares",
                "How much of the objective each explains",
                importance.sentence(frames, stage),
                importance.draw(frames, stage),
                rows,
                importance.draw(frames, stage, beside=False),
            )
        )
    if len(rows := parallel_coordinates.table(frames, stage)):
        charts.append(
            Chart(
                f"importance-{place}-lines",
                "Every setting, from its values to the objective",
                parallel_coordinates.sentence(frames, stage),
                parallel_coordinates.draw(frames, stage),
                rows,
                parallel_coordinates.draw(frames, stage, across=False),
            )
        )
    return Section(f"importance-{place}", f"What matters{suffix}", "importance", charts)


def trade_offs(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """What must be given up for what."""
    charts = []
    if len(rows := pareto.table(frames, stage)) > 1:
        charts.append(
            Chart(
                f"trades-{place}-front",
                "Settings that no other beats",
                pareto.sentence(frames, stage),
                pareto.draw(frames, stage),
                rows,
                pareto.draw(frames, stage, narrow=True),
            )
        )
    for index, outcome in enumerate(common_axes.outcomes(frames, stage)):
        if len(rows := common_axes.table(frames, stage, outcome)):
            label = measure_label(frames, outcome)
            charts.append(
                Chart(
                    f"trades-{place}-{index}",
                    capital(f"regularisers on common axes: {label}"),
                    common_axes.sentence(frames, stage, outcome),
                    common_axes.draw(frames, stage, outcome),
                    rows,
                    common_axes.draw(frames, stage, outcome, columns=1),
                    note=common_axes.note(frames, stage, outcome),
                )
            )
    return Section(f"trades-{place}", f"What trades against what{suffix}", "trades", charts)


def inside(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """How many units are at work, and in how many directions the code moves."""
    charts = []
    if len(rows := activity.table(frames, stage)):
        charts.append(
            Chart(
                f"inside-{place}-units",
                "Active and dead units",
                activity.sentence(frames, stage),
                activity.draw(frames, stage),
                rows,
                activity.draw(frames, stage, beside=False),
            )
        )
    if len(rows := spectrum.table(frames, stage)):
        charts.append(
            Chart(
                f"inside-{place}-spectrum",
                "The Jacobian’s spectrum",
                spectrum.sentence(frames, stage),
                spectrum.draw(frames, stage),
                rows,
                spectrum.draw(frames, stage, columns=1),
            )
        )
    return Section(f"inside-{place}", f"Inside the code{suffix}", "inside", charts)


def likelihoods(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """What a machine knows of the data, and whether it learns them by heart."""
    charts = []
    if len(rows := likelihood.table(frames, stage)):
        charts.append(
            Chart(
                f"likelihood-{place}-bounds",
                "Log-likelihoods and their bounds",
                likelihood.sentence(frames, stage),
                likelihood.draw(frames, stage),
                rows,
                likelihood.draw(frames, stage, beside=False),
            )
        )
    if len(rows := free_energy_gap.table(frames, stage)):
        charts.append(
            Chart(
                f"likelihood-{place}-gap",
                "The free-energy gap, epoch by epoch",
                free_energy_gap.sentence(frames, stage),
                free_energy_gap.draw(frames, stage),
                rows,
                free_energy_gap.draw(frames, stage, wrap=40),
            )
        )
    return Section(f"likelihood-{place}", f"Likelihood{suffix}", "likelihood", charts)
