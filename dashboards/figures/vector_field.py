"""The manifold of data with two inputs: where a network carries each point of their plane.

An arrow follows r(x) − x, the way from a point to its reconstruction. After Gaussian denoising at
level σ that approximates σ² ∂ log p(x)/∂x (Alain & Bengio 2014, JMLR 15:3743): it leads toward the
data and vanishes where they are dense. Of a Boltzmann machine the arrows are −∂F(x)/∂x itself.
Lengths have one scale, in which most of them fit between two points of the grid; longer ones are
cut there, and the numbers have all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..inside import Array, Entry, array, entries, place, shortened
from ..memory import remembered
from ..palette import LIGHT
from ..wording import count, number, value_text
from .style import Drawing, axis, checked, drawing, legend, typed

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "field"
COLUMNS = ["x", "y", "dx", "dy", "length"]
SYMBOLS = {"reconstruction": "r(x) − x", "score": "−∂F(x)/∂x"}
FULL = 0.75
"""The share of arrows that are drawn as long as they are; longer ones are cut."""
ROOM = 0.92
"""Of the way to the next point of the grid, for the longest arrow."""
HEAD = 0.25
"""The least share of the longest arrow that an arrow with a head has."""
LONGEST_PLANE = 6.0
"""Sides whose ranges differ by more than this factor do not share their scale."""
MOST, FEW = 1024, 150
"""Arrows at most, and on a narrow page; of a finer grid each second or third point is drawn."""


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``x, y, dx, dy, length`` at every point of the grid, in the data's units."""
    found = _sound(frames)
    if found is None:
        return pd.DataFrame(columns=COLUMNS)
    _, points, vectors, _ = found
    columns = np.column_stack([points, vectors, np.hypot(vectors[:, 0], vectors[:, 1])])
    return pd.DataFrame(columns, columns=COLUMNS)


def draw(frames: Frames, narrow: bool = False) -> Drawing:
    """The plane with its arrows; ``narrow``: fewer of them, as wide as a phone."""
    found = _sound(frames)
    if found is None:
        return drawing(60)
    entry, points, vectors, samples = found
    chosen, steps = _coarser(points, FEW if narrow else MOST)
    points, vectors = points[chosen], vectors[chosen]
    low, high = points.min(0) - steps / 2, points.max(0) + steps / 2
    sides = high - low
    alike = bool(sides.max() <= LONGEST_PLANE * sides.min())
    width = 285 if narrow else 600
    inner = int(np.clip(width * sides[1] / sides[0], 140, 1.5 * width)) if alike else width
    drawn = drawing(inner + 92, margin={"l": 58, "r": 12, "t": 38, "b": 54})
    size = (3.5 if narrow else 5.0, 6.0 if narrow else 8.0)
    symbol = SYMBOLS[str(entry["quantity"])]
    drawn.traces = [
        _samples(samples, size[0]),
        _arrows(points, _shortened(vectors, steps, alike), symbol, size[1]),
        _places(points, vectors, symbol),
    ]
    for at, (letter, title) in enumerate((("x", "first input"), ("y", "second input"))):
        drawn.layout[f"{letter}axis"] = axis(
            title,
            range=[float(low[at]), float(high[at])],
            showgrid=False,
            nticks=6,
            constrain="domain",
            constraintoward="left" if letter == "x" else "top",
        )
    if alike:
        drawn.layout["yaxis"]["scaleanchor"] = "x"
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(traceorder="normal")
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How long arrows are near the data and everywhere, and how many lead toward them."""
    found = _sound(frames)
    if found is None:
        return "No field of data with two inputs was recorded."
    entry, points, vectors, samples = found
    symbol = SYMBOLS[str(entry["quantity"])]
    length = np.hypot(vectors[:, 0], vectors[:, 1])
    text = (
        f"In {place(frames, entry)}{_noise(entry)} {symbol} is {number(length.mean())} long on "
        f"average over {count(len(points), 'point')} of a grid"
    )
    if not len(samples):
        return f"{text}."
    way, distance = _nearest(points, samples)
    near = distance <= np.hypot(*_steps(points))
    if near.any():
        text += f" and {number(length[near].mean())} over those within a step of a sample"
    share = number(100 * float((np.einsum("ij,ij->i", way, vectors) > 0).mean()), 2)
    return (
        f"{text}. {share}\u00a0% of all arrows point toward the nearest of the "
        f"{count(len(samples), 'sample')} drawn."
    )


@remembered
def _sound(frames: Frames) -> tuple[Entry, Array, Array, Array] | None:
    """The entry, its finite points and vectors (n, 2) each, and its finite samples (m, 2)."""
    for entry in entries(frames, KIND):
        points, vectors = array(frames, entry, "points", 2), array(frames, entry, "vectors", 2)
        if points is None or vectors is None or str(entry.get("quantity")) not in SYMBOLS:
            continue
        if points.shape != vectors.shape or points.shape[1] != 2:
            continue
        finite = np.isfinite(points).all(1) & np.isfinite(vectors).all(1)
        if finite.any() and (np.ptp(points[finite], axis=0) > 0).all():
            samples = array(frames, entry, "samples", 2)
            if samples is None or samples.shape[1] != 2:
                samples = np.zeros((0, 2))
            samples = samples[np.isfinite(samples).all(1)]
            return entry, points[finite], vectors[finite], samples
    return None


def _steps(points: Array) -> Array:
    """The distances (2,) of neighbours of a grid (n, 2)."""
    values = [np.unique(column) for column in points.T]
    return np.array([np.ptp(one) / (len(one) - 1) for one in values])


def _coarser(points: Array, most: int) -> tuple[NDArray[np.bool_], Array]:
    """Which points of a grid (n, 2) to draw, at most about so many, and their distances (2,)."""
    every = int(np.ceil(np.sqrt(len(points) / most)))
    kept = np.ones(len(points), dtype=bool)
    for column in points.T:
        values, at = np.unique(column, return_inverse=True)
        # From the middle of what is left over, so that both margins are alike.
        kept &= at % every == (len(values) - 1) % every // 2
    return (kept, every * _steps(points)) if kept.any() else (~kept, _steps(points))


def _nearest(points: Array, samples: Array) -> tuple[Array, Array]:
    """From each point (n, 2) to its nearest sample (m, 2): the way (n, 2) and its length (n,)."""
    squares = ((points[:, None] - samples[None]) ** 2).sum(-1)
    way = samples[squares.argmin(1)] - points
    return way, np.hypot(way[:, 0], way[:, 1])


def _shortened(vectors: Array, steps: Array, alike: bool) -> Array:
    """Vectors (n, 2) in one scale that lets them end before the next point of the grid."""
    room = np.full(2, steps.min()) if alike else steps
    lengths = np.hypot(*(vectors / room).T)
    full = float(np.quantile(lengths, FULL)) or float(lengths.max()) or 1.0
    return np.asarray(vectors * (ROOM / np.maximum(lengths, full))[:, None])


def _samples(samples: Array, size: float) -> dict[str, Any]:
    return typed(
        "scatter",
        x=_rounded(samples[:, 0]),
        y=_rounded(samples[:, 1]),
        mode="markers",
        name="a sample",
        marker={"color": LIGHT.categorical[1], "size": size},
        hoverinfo="skip",
    )


def _arrows(points: Array, vectors: Array, symbol: str, head: float) -> dict[str, Any]:
    """Lines from points to their ends with a gap after each, and a head at each end."""
    ends = points + vectors
    across, up = (
        [
            value
            for pair in zip(_rounded(points[:, at]), _rounded(ends[:, at]), strict=True)
            for value in (*pair, None)
        ]
        for at in (0, 1)
    )
    lengths = np.hypot(vectors[:, 0], vectors[:, 1])
    share = lengths / (lengths.max() or np.inf)
    heads = np.where(share < HEAD, 0.0, head * np.sqrt(share))
    return typed(
        "scatter",
        x=across,
        y=up,
        mode="lines+markers",
        name=symbol,
        line={"color": LIGHT.categorical[0], "width": 1.3},
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "color": LIGHT.categorical[0],
            "size": [value for size in heads.round(1).tolist() for value in (0, size, 0)],
            "opacity": 1,
            "line": {"width": 0},
        },
        connectgaps=False,
        hoverinfo="skip",
    )


def _places(points: Array, vectors: Array, symbol: str) -> dict[str, Any]:
    """A dot at each point of the grid, which tells its vector; all there is where it vanishes."""
    told = [
        f"at ({number(x)}, {number(y)})<br>{symbol} = ({number(dx)}, {number(dy)})"
        f"<br>length <b>{number(length)}</b>"
        for (x, y), (dx, dy), length in zip(
            points, vectors, np.hypot(vectors[:, 0], vectors[:, 1]), strict=True
        )
    ]
    return typed(
        "scatter",
        x=_rounded(points[:, 0]),
        y=_rounded(points[:, 1]),
        mode="markers",
        marker={"color": LIGHT.categorical[0], "size": 2.4},
        text=told,
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _noise(entry: Entry) -> str:
    """Such as ", trained with gaussian noise of level 0.1,"; "" without noise."""
    level = entry.get("noise_level")
    if isinstance(level, bool) or not isinstance(level, int | float) or not level > 0:
        return ""
    kind = shortened(entry.get("corruption") or "", 24).replace("_", " ")
    return f", trained with {f'{kind} '.lstrip()}noise of level {value_text(level)},"


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.4g}") for value in values.tolist()]
