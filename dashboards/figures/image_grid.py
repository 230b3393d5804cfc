"""Images in rows and columns that both have names: steps of a chain, places along a direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..palette import LIGHT, stops
from .pictures import PIXELS, canvas, picture, sheet
from .style import Drawing, wrapped

BETWEEN = 1
"""Empty pixels between images."""
LETTER = 8.5
"""Pixels of a letter, about; where a column's name has no room, only three names are shown."""


def grid(
    images: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    label_width: int,
    width: int,
    title: str = "",
) -> Drawing:
    """Images (rows, columns, h, w) with the rows' names left of them and the columns' above.

    The grey scale goes from 0 (or the least value) to the largest; at most as many rows are drawn
    as a page has room for. On ``width`` pixels at most, the names of the rows ``label_width`` wide.

    Args:
        title: what the columns are, above their names.
    """
    down, across, height, pixels = images.shape
    fits = max(1, min(down, PIXELS // max(1, across * height * pixels)))
    page = sheet(images[:fits].reshape(-1, height, pixels).astype(np.float32), across, BETWEEN)
    top = 46 if title else 28
    margin = {"l": label_width, "r": 0, "t": top, "b": 4}
    drawn_width = min(label_width + 84 * across, width)
    drawn = canvas(page, drawn_width, margin=margin)
    finite = images[np.isfinite(images)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    low = min(low, 0.0)
    drawn.traces.append(picture(page, stops(LIGHT.ink), low, high if high > low else low + 1.0))
    names = [wrapped(name, max(8, label_width // 8)) for name in rows[:fits]]
    room = (drawn_width - label_width) / across
    if max(len(name) for name in columns) * LETTER > room:
        kept = {0, (across - 1) // 2, across - 1}
        columns = [name if at in kept else "" for at, name in enumerate(columns)]
    quiet = {"color": LIGHT.quiet_text, "size": 13}
    shared: dict[str, Any] = {
        "visible": True,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "tickmode": "array",
        "tickfont": quiet,
    }
    drawn.layout["yaxis"].update(
        **shared,
        ticklabelstandoff=8,
        tickvals=_middles(fits, height),
        ticktext=names,
    )
    drawn.layout["xaxis"].update(
        **shared,
        side="top",
        ticklabelstandoff=4,
        tickangle=0,
        tickvals=_middles(across, pixels),
        ticktext=[wrapped(name, 12) for name in columns],
        title={"text": title, "standoff": 6, "font": quiet},
    )
    return drawn


def _middles(count: int, size: int) -> list[float]:
    step = size + BETWEEN
    return [at * step + (size - 1) / 2 for at in range(count)]
