"""Many small images as one: rows of tiles with a seam, drawn without smoothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .style import Drawing, drawing, typed

Images = NDArray[np.float32]


PIXELS = 51_000
"""On one sheet (64 images of 28 × 28): about 0.4 MB of a page."""


def fitting(images: Images, most: int, rows: int = 1) -> int:
    """How many of ``images`` (n, h, w), at most ``most``, fit when each has ``rows`` on a sheet."""
    size = int(images.shape[1] * images.shape[2]) * rows
    return max(1, min(most, len(images), PIXELS // max(size, 1)))


def sheet(images: Images, columns: int, seam: int = 1) -> NDArray[np.float64]:
    """(rows · (h + seam) − seam, columns · (w + seam) − seam) of (n, h, w); seams are NaN."""
    n, h, w = images.shape
    columns = max(1, min(columns, n))
    rows = -(-n // columns)
    page = np.full((rows * (h + seam) - seam, columns * (w + seam) - seam), np.nan)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top, left = row * (h + seam), column * (w + seam)
        page[top : top + h, left : left + w] = image
    return page


def picture(
    page: NDArray[np.float64], colours: list[list[float | str]], low: float, high: float
) -> dict[str, Any]:
    """The trace of a sheet: first row on top, values kept to three digits, seams left empty."""
    rounded = [[None if value != value else float(f"{value:.3g}") for value in row] for row in page]
    return typed(
        "heatmap",
        z=rounded,
        zmin=low,
        zmax=high,
        colorscale=colours,
        showscale=False,
        zsmooth=False,
        hoverongaps=False,
        hovertemplate="%{z:.3g}<extra></extra>",
    )


def canvas(page: NDArray[np.float64], width: float, **layout: Any) -> Drawing:
    """A drawing without axes for a sheet, square pixels, about ``width`` pixels wide."""
    rows, columns = page.shape
    margin = layout.pop("margin", {"l": 0, "r": 0, "t": 8, "b": 8})
    inner = width - margin["l"] - margin["r"]
    drawn = drawing(
        round(inner * rows / columns) + margin["t"] + margin["b"], margin=margin, **layout
    )
    hidden = {"visible": False, "fixedrange": True}
    drawn.layout["xaxis"] = {
        **hidden,
        "range": [-0.5, columns - 0.5],
        "constrain": "domain",
        "constraintoward": "left",
    }
    drawn.layout["yaxis"] = {
        **hidden,
        "range": [rows - 0.5, -0.5],
        "scaleanchor": "x",
        "constrain": "domain",
        "constraintoward": "top",
    }
    return drawn
