"""What a Boltzmann machine dreams: Gibbs chains from random states, after more and more steps.

A row is a chain, h ~ p(h | v), v ~ p(v | h) and so on; shown are the visible units' means E[v | h]
(Hinton 2012, A practical guide, section 15), decoded by the layers below where the machine stands
on a stack. Chains that look alike after many steps have found the same mode, or the machine knows
no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..inside import Array, Entry, array, entries, numbers, place
from ..memory import remembered
from ..wording import count, number
from .image_grid import grid
from .style import Drawing, checked, drawing

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "gibbs"
COLUMNS = ["chain", "steps", "mean", "moved"]


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``chain, steps, mean, moved``: mean of the image, squared distance from the one before."""
    found = _sound(frames)
    if found is None:
        return pd.DataFrame(columns=COLUMNS)
    _, steps, images = found
    rows = []
    for chain in range(images.shape[1]):
        for at, number_of in enumerate(steps):
            own = images[at, chain]
            moved = float(np.square(own - images[at - 1, chain]).sum()) if at else float("nan")
            rows.append((chain + 1, int(number_of), float(own.mean()), moved))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(frames: Frames, label_width: int = 80, width: int = 560) -> Drawing:
    """A row per chain, a column per number of steps."""
    found = _sound(frames)
    if found is None:
        return drawing(60)
    _, steps, images = found
    chains = [f"chain {chain + 1}" for chain in range(images.shape[1])]
    columns = [f"{int(number_of):,}".replace(",", "\u00a0") for number_of in steps]
    return grid(images.swapaxes(0, 1), chains, columns, label_width, width, "Gibbs steps")


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How far the chains are from one another after the first and after the last steps."""
    found = _sound(frames)
    if found is None:
        return "No samples were recorded."
    entry, steps, images = found
    text = f"{count(images.shape[1], 'chain')} of {place(frames, entry)}, started at random"
    if images.shape[1] < 2:
        return f"{text}."
    first, last = (apart(images[at]) for at in (0, -1))
    return (
        f"{text}. Two of them are {number(first)} apart after {count(int(steps[0]), 'step')} and "
        f"{number(last)} after {count(int(steps[-1]), 'step')} (squared distance of the means, "
        "averaged over pairs)."
    )


def apart(images: Array) -> float:
    """Mean squared distance of two different images (n, h, w), n at least 2.

    It is 2n/(n − 1) times the mean squared distance from their mean.
    """
    n = len(images)
    return float(np.square(images - images.mean(0)).sum() / n * 2 * n / (n - 1))


@remembered
def _sound(frames: Frames) -> tuple[Entry, list[float], Array] | None:
    """The entry, its numbers of steps, and as many images (steps, chains, h, w)."""
    for entry in entries(frames, KIND):
        steps, images = numbers(entry, "steps"), array(frames, entry, "images", 4)
        if images is not None and len(images) == len(steps) and np.isfinite(images).all():
            return entry, steps, images
    return None
