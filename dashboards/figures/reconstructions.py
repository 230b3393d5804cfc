"""What goes in and what comes out: a column a sample, a row for each network that rebuilt it.

Panels of study.json that share their clean (and corrupted) images are drawn as one figure, so that
the networks' reconstructions stand below one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..memory import remembered
from ..palette import LIGHT, stops
from .pictures import Images, canvas, fitting, picture, sheet
from .style import Drawing, checked, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

MOST = 12


@remembered
def groups(frames: Frames) -> list[dict[str, Images]]:
    """Rows by label for each figure: "clean", "corrupted" if there is one, and reconstructions."""
    found: list[dict[str, Images]] = []
    for entry in frames.study.get("images") or []:
        arrays = {part: frames.images.get(name) for part, name in entry.get("arrays", {}).items()}
        clean, rebuilt = arrays.get("clean"), arrays.get("reconstructed")
        if clean is None or rebuilt is None:
            continue
        seen = arrays.get("corrupted")
        label = str(entry.get("title") or entry.get("panel") or "reconstructed")
        for group in found:
            same = seen is None or "corrupted" not in group or _equal(seen, group["corrupted"])
            if _equal(clean, group["clean"]) and same and label not in group:
                group[label] = rebuilt
                break
        else:
            start = {"clean": clean, **({} if seen is None else {"corrupted": seen})}
            found.append({**start, label: rebuilt})
    return found


def table(group: dict[str, Images]) -> pd.DataFrame:
    """``sample`` and, per row, squared errors to the clean image, summed over its pixels."""
    clean = group["clean"].astype(float)
    errors = {
        label: ((images.astype(float) - clean) ** 2).sum(axis=(1, 2))
        for label, images in group.items()
        if label != "clean"
    }
    return pd.DataFrame({"sample": np.arange(1, len(clean) + 1), **errors})


def draw(
    group: dict[str, Images], samples: int = MOST, label_width: int = 128, width: int = 948
) -> Drawing:
    """The rows of images; at most ``samples`` of each, on ``width`` pixels with their labels."""
    samples = fitting(group["clean"], samples, len(group))
    clean = group["clean"][:samples]
    page = sheet(np.concatenate([images[:samples] for images in group.values()]), len(clean))
    margin = {"l": label_width, "r": 0, "t": 4, "b": 4}
    drawn = canvas(page, min(label_width + 68 * len(clean), width), margin=margin)
    # Noise may leave the clean images' range: what does is shown as the range's end.
    low, high = float(min(clean.min(), 0.0)), float(max(clean.max(), 1e-9))
    drawn.traces.append(picture(page, stops(LIGHT.ink), low, high))
    height = clean.shape[1] + 1
    names = [wrapped(label, label_width // 8) for label in group]
    drawn.layout["yaxis"].update(
        visible=True,
        showgrid=False,
        zeroline=False,
        ticks="",
        ticklabelstandoff=8,
        tickmode="array",
        tickvals=[i * height + height / 2 - 1 for i in range(len(group))],
        ticktext=names,
        tickfont={"color": LIGHT.quiet_text, "size": 13},
    )
    return drawn


figure = checked(draw)


def _equal(first: Images, second: Images) -> bool:
    return first.shape == second.shape and bool(np.array_equal(first, second, equal_nan=True))
