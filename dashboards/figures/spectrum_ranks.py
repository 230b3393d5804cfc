"""How steeply the code's Jacobian falls off: its singular values over their rank.

At each of some samples the singular values of ∂code/∂input are sorted; a line is their mean over
samples, rank by rank, and the band holds the middle 80 % of samples. A spectrum that falls steeply
says that the code follows a manifold of few dimensions (Rifai et al. 2011, ICML); one that is flat,
that it moves alike in all directions. Values that cannot be told from 0 are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .. import inside
from ..inside import Array, Entry
from ..memory import remembered
from ..palette import LIGHT
from ..wording import number, word
from . import style
from .style import Drawing, checked, plain, typed

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "spectrum"
COLUMNS = ["setting", "rank", "mean", "low", "high"]
SHOWN = len(LIGHT.categorical)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
RESOLUTION = 3.5e-4
"""√ε in single precision: of an older record that does not tell."""
CARRIED = 0.9


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``setting, rank, mean, low, high``; ranks from 1, values that are 0 to rounding left out."""
    parts = []
    for name, (_, values) in _sound(frames).items():
        mean, low, high = values
        part = {"rank": np.arange(1, len(mean) + 1), "mean": mean, "low": low, "high": high}
        parts.append(pd.DataFrame(part)[np.isfinite(mean)].assign(setting=name))
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def draw(frames: Frames, legend_rows: int = 1) -> Drawing:
    """Lines over rank with a legend of ``legend_rows`` lines of text for each setting."""
    rows = table(frames)
    groups = list(rows.groupby("setting", sort=False))
    top = 24 + 19 * legend_rows * len(groups)
    drawn = style.drawing(top + 400, margin={"l": 62, "r": 16, "t": top, "b": 54})
    if rows.empty:
        return drawn
    for index, (name, part) in enumerate(groups):
        colour = LIGHT.categorical[index]
        across, mean = list(part["rank"]), list(part["mean"])
        within = part[np.isfinite(part["low"]) & np.isfinite(part["high"])]
        if len(within) > 1:
            ranks, below, above = (list(within[one]) for one in ("rank", "low", "high"))
            drawn.traces.append(style.band(ranks, below, above, colour))
        drawn.traces.append(
            typed(
                "scatter",
                x=across,
                y=mean,
                mode="lines+markers" if len(across) <= 32 else "lines",
                name=style.wrapped(name, 46) if legend_rows > 1 else plain(name),
                line={"color": colour, "width": 2.2, "dash": DASHES[index]},
                marker={"color": colour, "size": 5},
                customdata=[
                    f"rank {rank}: <b>{number(middle)}</b><br>{number(low)} to {number(high)} "
                    "over samples"
                    for rank, middle, low, high in zip(
                        across, mean, part["low"], part["high"], strict=True
                    )
                ],
                hovertemplate="%{customdata}<extra></extra>",
                showlegend=True,
            )
        )
    low, high = float(np.nanmin(rows[["mean", "low"]])), float(np.nanmax(rows[["mean", "high"]]))
    drawn.layout["xaxis"] = style.axis(
        "rank of the singular value, the largest first",
        range=[0.5, float(rows["rank"].max()) + 0.5],
        showgrid=False,
        nticks=12,
        tickformat="d",
    )
    reach = [float(np.log10(low)) - 0.05, float(np.log10(high)) + 0.05]
    drawn.layout["yaxis"] = style.axis(
        "singular value of ∂code/∂input", range=reach, **style.log_axis(low, high)
    )
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = style.legend(
        traceorder="normal", entrywidth=1, entrywidthmode="fraction"
    )
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """From where to where the best setting's spectrum falls, and how many ranks carry it."""
    found = _sound(frames)
    if not found:
        return "No spectrum of a Jacobian was recorded."
    (entry, values), *others = found.values()
    mean = values[0]
    there = np.flatnonzero(np.isfinite(mean))
    text = (
        f"In {inside.place(frames, entry)} the singular values fall from {number(mean[there[0]])} "
        f"to {number(mean[there[-1]])} over {len(there)} ranks, mean of "
        f"{inside.samples_of(entry)}; the first {_ranks(carrying(mean))} "
        f"{number(100 * CARRIED, 2)}\u00a0% of the sum of squares"
    )
    if others:
        by = {name: carrying(values[0]) for name, (_, values) in list(found.items())[1:]}
        name = min(by, key=lambda one: by[one])
        text += f". Of the others {name.split('. ', 1)[-1]} needs the fewest: {word(by[name])}"
    return f"{text}."


def carrying(mean: Array, share: float = CARRIED) -> int:
    """How many of the largest values (S,) hold that share of the sum of their squares."""
    squares = np.nan_to_num(mean) ** 2
    total = squares.sum()
    return int(np.searchsorted(np.cumsum(squares), share * total * (1 - 1e-9)) + 1) if total else 0


def _ranks(ranks: int) -> str:
    return "one carries" if ranks == 1 else f"{word(ranks)} carry"


@remembered
def _sound(frames: Frames) -> dict[str, tuple[Entry, tuple[Array, Array, Array]]]:
    """By setting its entry and mean, low, high (S,), NaN where they are 0 to rounding."""
    found: dict[str, tuple[Entry, tuple[Array, Array, Array]]] = {}
    for entry in inside.entries(frames, KIND):
        mean = inside.array(frames, entry, "mean", 1)
        if mean is None or not np.isfinite(mean).any():
            continue
        smallest = float(np.nanmax(np.where(np.isfinite(mean), mean, np.nan)))
        told = entry.get("resolution")
        smallest *= told if isinstance(told, float) and 0 < told < 1 else RESOLUTION
        if not smallest > 0:
            continue
        known = _told(mean, smallest)
        bounds = []
        for part in ("low", "high"):
            one = inside.array(frames, entry, part, 1)
            fits = one is not None and one.shape == mean.shape
            # A band that reaches down to nothing ends at the least that can be told.
            clipped = np.maximum(one, smallest) if fits and one is not None else known
            bounds.append(np.where(np.isfinite(known), clipped, np.nan))
        found.setdefault(inside.label(frames, entry), (entry, (known, bounds[0], bounds[1])))
    return dict(list(found.items())[:SHOWN])


def _told(values: Array, smallest: float) -> Array:
    """Values that are finite and not below the smallest that can be told from 0; else NaN."""
    return np.where(np.isfinite(values) & (values >= smallest), values, np.nan)
