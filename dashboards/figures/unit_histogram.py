"""How often each unit speaks: a histogram over units of the share of samples that activate them.

A unit is active on a sample when |h| is beyond a threshold (0.1), as in the measures of the record;
one that no sample activates is dead (Bricken et al. 2023, Towards monosemanticity) and is counted
in a column of its own, left of the others. A panel for each setting of which the record has the
units: the best, and the best at each other value of the hyperparameter that matters most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import inside
from ..inside import Array, Entry
from ..memory import remembered
from ..palette import LIGHT
from ..wording import count, number
from . import style
from .style import Drawing, checked, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "units"
COLUMNS = ["setting", "unit", "frequency", "mean", "dead"]
SHOWN = 6
ROW, ABOVE = 190, 58
"""Pixels of a panel and of its title."""
DEAD_AT = -0.12


@dataclass(frozen=True)
class Units:
    """The recorded units of a setting: number, share of samples, mean activation, (H,) each."""

    entry: Entry
    name: str
    unit: NDArray[np.intp]
    frequency: Array
    mean: Array

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which of them no sample activates, (H,)."""
        return self.frequency <= 0

    def counts(self, bins: int) -> NDArray[np.intp]:
        """How many of the others are in each column, (bins,)."""
        return np.bincount(self.columns(bins), minlength=bins)

    def columns(self, bins: int) -> NDArray[np.intp]:
        """The column of each that is not dead; the last one holds its right end."""
        alive = np.clip(self.frequency[~self.dead], 0, 1)
        return np.minimum((alive * bins).astype(np.intp), bins - 1)


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``setting, unit, frequency, mean, dead`` of every unit: share of samples, mean activation."""
    parts = [
        pd.DataFrame(
            {
                "setting": own.name,
                "unit": own.unit,
                "frequency": own.frequency,
                "mean": own.mean,
                "dead": own.dead,
            }
        )
        for own in _settings(frames)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def draw(frames: Frames, columns: int = 3) -> Drawing:
    """A panel per setting, ``columns`` to a row, all on the same scales."""
    groups = _settings(frames)
    columns = max(1, min(columns, len(groups)))
    lines = max(-(-len(groups) // columns), 1)
    gap = ABOVE + 46
    height = lines * ROW + (lines - 1) * gap + ABOVE + 54
    drawn = style.drawing(height, margin={"l": 52, "r": 12, "t": ABOVE, "b": 54})
    if not groups:
        return drawn
    bins = _bins(max(len(own.unit) for own in groups))
    tallest = max(max(int(own.counts(bins).max()), int(own.dead.sum())) for own in groups)
    domains = style.tiles(len(groups), columns, 0.06, gap / (height - ABOVE - 54))
    for index, (own, (x, y)) in enumerate(zip(groups, domains, strict=True)):
        name = "" if index == 0 else str(index + 1)
        drawn.traces += [
            {**trace, "xaxis": f"x{name}", "yaxis": f"y{name}"} for trace in _bars(own, bins)
        ]
        last = index + columns >= len(groups)
        drawn.layout[f"xaxis{name}"] = style.axis(
            "share of samples on which a unit is active" if last else "",
            domain=x,
            anchor=f"y{name}",
            range=[DEAD_AT - 0.06, 1.02],
            tickvals=[DEAD_AT, 0, 0.25, 0.5, 0.75, 1],
            ticktext=["dead", "0", "0.25", "0.5", "0.75", "1"],
            showgrid=False,
        )
        drawn.layout[f"yaxis{name}"] = style.axis(
            "units" if index % columns == 0 else "",
            domain=y,
            anchor=f"x{name}",
            range=[0, 1.08 * max(tallest, 1)],
            nticks=5,
            tickformat="d",
            showline=False,
            ticks="",
        )
        title = wrapped(own.name, 42 if columns > 1 else 44)
        drawn.annotations.append(style.panel_title(title, x[0], y[1]) | {"align": "left"})
    drawn.layout["bargap"] = 0
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How many units of the best setting are dead, and how often the others speak."""
    groups = _settings(frames)
    if not groups:
        return "No unit's activity was recorded."
    first, others = groups[0], groups[1:]
    text = f"In {inside.place(frames, first.entry)} {_dead(first)} over "
    text += inside.samples_of(first.entry)
    alive = first.frequency[~first.dead]
    if len(alive):
        low, middle, high = (100 * float(one) for one in np.quantile(alive, (0, 0.5, 1)))
        text += (
            f"; those that speak do so on {number(low, 2)} to {number(high, 2)}\u00a0% of them, "
            f"the median unit on {number(middle, 2)}\u00a0%"
        )
    if others:
        worst = max(others, key=lambda own: int(own.dead.sum()))
        most = int(worst.dead.sum())
        text += (
            f". Beside it the most dead units, {most}, are in {_plain_name(worst.name)}"
            if most
            else ". No unit is dead in the other settings shown"
        )
    return f"{text}."


@remembered
def _settings(frames: Frames) -> list[Units]:
    """The settings whose frequencies are there, each once."""
    found: dict[str, Units] = {}
    for entry in inside.entries(frames, KIND):
        frequency = inside.array(frames, entry, "frequency", 1)
        mean = inside.array(frames, entry, "mean", 1)
        if frequency is None or not (known := np.isfinite(frequency)).any():
            continue
        if mean is None or mean.shape != frequency.shape:
            mean = np.full_like(frequency, np.nan)
        name, unit = inside.label(frames, entry), np.flatnonzero(known)
        found.setdefault(name, Units(entry, name, unit, frequency[known], mean[known]))
    return list(found.values())[:SHOWN]


def _plain_name(label: str) -> str:
    """A label without its rank."""
    return label.split(". ", 1)[-1]


def _dead(own: Units) -> str:
    dead, units = int(own.dead.sum()), count(len(own.unit), "unit")
    if not dead:
        return f"none of {units} is dead"
    return f"{dead} of {units} {'is' if dead == 1 else 'are'} dead"


def _bins(units: int) -> int:
    """Columns of the histogram: few where there are few units."""
    return 10 if units < 100 else 20


def _bars(own: Units, bins: int) -> list[dict[str, Any]]:
    """The living units by frequency, and the dead ones apart."""
    counts, width = own.counts(bins), 1 / bins
    sums = np.bincount(own.columns(bins), own.mean[~own.dead], bins)
    told = []
    for i, n in enumerate(counts):
        mean = sums[i] / n if n else np.nan
        more = f"<br>mean activation {number(float(mean))}" if np.isfinite(mean) else ""
        among = f"{i / bins:.0%} to {(i + 1) / bins:.0%}"
        told.append(f"<b>{count(int(n), 'unit')}</b>, active on {among}{more}")
    dead = int(own.dead.sum())
    blue, orange = LIGHT.categorical[0], LIGHT.categorical[1]
    edge = {"color": LIGHT.background, "width": 1}
    return [
        typed(
            "bar",
            x=[(i + 0.5) * width for i in range(bins)],
            y=[int(n) for n in counts],
            width=width,
            marker={"color": blue, "line": edge},
            customdata=told,
            hovertemplate="%{customdata}<extra></extra>",
        ),
        typed(
            "bar",
            x=[DEAD_AT],
            y=[dead],
            width=0.09,
            marker={
                "color": orange,
                "pattern": {"shape": "/", "solidity": 0.5},
                "line": {"color": orange, "width": 1 if dead else 0},
            },
            customdata=[f"<b>{count(dead, 'dead unit')}</b>"],
            hovertemplate="%{customdata}<extra></extra>",
        ),
    ]
