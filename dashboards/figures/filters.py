"""What the hidden units look for: each one's weights as an image, blue positive, brown negative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..palette import LIGHT, stops
from .pictures import Images, canvas, fitting, picture, sheet
from .style import Drawing, checked

if TYPE_CHECKING:
    from ..frames import Frames

MOST = 64


def panels(frames: Frames) -> list[dict[str, Any]]:
    """Entries of study.json's ``images`` whose filters are there."""
    images = frames.study.get("images") or []
    return [e for e in images if e.get("arrays", {}).get("filters") in frames.images]


def shown(frames: Frames, panel: dict[str, Any]) -> int:
    """How many filters of a panel ``draw`` shows when nothing else is asked."""
    return fitting(frames.images[panel["arrays"]["filters"]], MOST)


def table(frames: Frames, panel: dict[str, Any]) -> pd.DataFrame:
    """``unit, norm, smallest, largest`` of every filter, the strongest first."""
    filters, order = _strongest(frames.images[panel["arrays"]["filters"]])
    return pd.DataFrame(
        {
            "unit": order,
            "norm": np.sqrt((filters**2).sum(axis=(1, 2))),
            "smallest": filters.min(axis=(1, 2)),
            "largest": filters.max(axis=(1, 2)),
        }
    )


def draw(
    frames: Frames, panel: dict[str, Any], columns: int = 16, width: float = 860, most: int = MOST
) -> Drawing:
    """The strongest filters, ``columns`` to a row on ``width`` pixels; zero is the scale's middle.

    The scale ends at the 99.5th percentile of |weight|, so that one pixel does not pale the rest.
    """
    filters = _strongest(frames.images[panel["arrays"]["filters"]])[0]
    filters = filters[: fitting(filters, most)]
    finite = np.abs(filters[np.isfinite(filters)])
    reach = float(np.quantile(finite, 0.995)) if finite.size else 1.0
    page = sheet(filters, columns)
    drawn = canvas(page, min(54 * min(columns, len(filters)), width))
    drawn.traces.append(picture(page, stops(LIGHT.diverging), -(reach or 1.0), reach or 1.0))
    return drawn


figure = checked(draw)


def _strongest(filters: Images) -> tuple[Images, np.ndarray[Any, np.dtype[np.intp]]]:
    """The filters (n, h, w) by falling norm, and which unit each was."""
    order = np.argsort(-(filters**2).sum(axis=(1, 2)), kind="stable")
    return filters[order], order
