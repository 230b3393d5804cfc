"""What the leading directions of a code stand for: reconstructions on the way along each of them.

x̂(t) = decode(m + t σ d)

with m the mean code of the samples, d one of their principal directions and σ the codes' standard
deviation along it; t goes from −2 to 2. The middle column is the reconstruction of the mean code,
the same in every row. A code far from those of any sample may decode to what no sample looks like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..inside import Array, Entry, array, entries, numbers, place
from ..memory import remembered
from ..wording import MINUS, number, value_text
from .image_grid import grid
from .style import Drawing, checked, drawing

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "traversal"
COLUMNS = ["direction", "share", "place", "change"]


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``direction, share, place, change``: squared distance from the image nearest the mean."""
    found = _sound(frames)
    if found is None:
        return pd.DataFrame(columns=COLUMNS)
    _, shares, places, images = found
    change = np.square(images - images[:, _middle(places)][:, None]).sum((2, 3))
    return pd.DataFrame(
        {
            "direction": np.repeat(np.arange(1, len(images) + 1), len(places)),
            "share": np.repeat(shares, len(places)),
            "place": np.tile(places, len(images)),
            "change": change.ravel(),
        }
    )


def draw(frames: Frames, label_width: int = 150, width: int = 860) -> Drawing:
    """A row per direction with its share of the variance, a column per place."""
    found = _sound(frames)
    if found is None:
        return drawing(60)
    _, shares, places, images = found
    rows = [
        f"direction {at + 1}, {number(100 * share, 2)}\u00a0%" for at, share in enumerate(shares)
    ]
    columns = [f"{value:.2g}σ".replace("-", MINUS) if value else "mean" for value in places]
    return grid(images, rows, columns, label_width, width)


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How much of the code the directions hold, and how far the image goes along the first."""
    found = _sound(frames)
    if found is None:
        return "No traversal was recorded."
    entry, shares, places, images = found
    rows = table(frames)
    first = rows[rows["direction"] == 1]
    ends = first.loc[first["place"].isin((min(places), max(places))), "change"]
    most = np.square(images - images[:, _middle(places)][:, None]).sum((2, 3)).max(1)
    several = len(shares) > 1
    held = number(100 * sum(shares), 2)
    text = (
        f"The {f'{len(shares)} leading directions' if several else 'leading direction'} of the "
        f"code of {place(frames, entry)} hold{'' if several else 's'} {held}\u00a0% of its "
        f"variance. At {value_text(max(places))} standard deviations along the first, the image is "
        f"{number(float(ends.mean()))} from that of the mean code (squared distance)"
    )
    if most.argmax():
        text += f"; direction {most.argmax() + 1} changes it most"
    return f"{text}."


def _middle(places: list[float]) -> int:
    """The place nearest to the mean code."""
    return int(np.abs(places).argmin())


@remembered
def _sound(frames: Frames) -> tuple[Entry, list[float], list[float], Array] | None:
    """The entry, shares, places, and as many images (directions, places, h, w)."""
    for entry in entries(frames, KIND):
        shares, places = numbers(entry, "shares"), numbers(entry, "places")
        images = array(frames, entry, "images", 4)
        if images is None or not np.isfinite(images).all():
            continue
        if images.shape[:2] == (len(shares), len(places)):
            return entry, shares, places, images
    return None
