"""What lies nearest in the code: queries at left, the samples found for each, the nearest first.

An entry of ``inside`` under "retrieval" has by part its ``arrays``: queries (q, h, w), found
(q, k, h, w), the k nearest to each query, and relevant (q, k), whether each shares the query's
label or tag, 1 or 0; ``texts``, a list of q, are the queries' words: beside their images, or alone
where the queries are texts. ``name`` is what was compared ("codes", "pixels"), and ``control``
whether that is a control; the first entry that is none is drawn, the others are told.

Precision at k is the mean of ``relevant`` over the k found and over queries (Manning, Raghavan &
Schütze 2008, section 8.4), its interval Student's t over queries, of one network. What shares the
label has a solid frame and a tick below it, what does not a dashed one and a dash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..inside import Array, Entry, array, entries, place, samples_of, shortened
from ..memory import remembered
from ..palette import LIGHT, stops
from ..statistics import Interval, interval
from ..wording import count, estimate, listing, number
from .pictures import PIXELS, canvas, picture
from .style import Drawing, checked, drawing, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "retrieval"
COLUMNS = ["method", "query", "text", "rank", "relevant"]
SHOWN = 6
MARK = 22
"""Pixels of the room below an image."""
NAME = 40
"""Characters of a method's name."""


@dataclass(frozen=True, eq=False)
class Found:
    """Of q queries: images (q, h, w) or None, words, found (q, k, h, w), relevant (q, k)."""

    entry: Entry
    name: str
    control: bool
    queries: Array | None
    texts: list[str]
    images: Array
    relevant: Array

    @property
    def precision(self) -> Interval:
        """At k, over queries; a share, so that its bounds end at 0 and 1."""
        own = interval(self.relevant.mean(1))
        low, high = (float(np.clip(bound, 0, 1)) for bound in (own.low, own.high))
        return Interval(own.mean, low, high, own.n)


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``COLUMNS``: a row per query and sample found, ``relevant`` 1 or 0."""
    parts = []
    for own in _methods(frames):
        q, k = own.relevant.shape
        parts.append(
            pd.DataFrame(
                {
                    "method": own.name,
                    "query": np.repeat(np.arange(1, q + 1), k),
                    "text": np.repeat(own.texts, k),
                    "rank": np.tile(np.arange(1, k + 1), q),
                    "relevant": own.relevant.ravel().astype(int),
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def draw(frames: Frames, shown: int = 10, label_width: int = 150, width: int = 900) -> Drawing:
    """A row per query of the first method, at most ``shown`` samples found in each."""
    methods = _methods(frames)
    if not methods:
        return drawing(60)
    own = methods[0]
    images = own.images[:, :shown]
    k, h, w = images.shape[1:]
    rows = max(1, min(len(images), SHOWN, PIXELS // max((k + 1) * h * w, 1)))
    # The query stands apart from what was found.
    beside, apart = max(1, round(0.12 * w)), max(2, round(0.5 * w))
    start = w + apart if own.queries is not None else 0
    across = start + k * (w + beside) - beside
    named = any(own.texts)
    margin = {"l": label_width if named else 4, "r": 4, "t": 30, "b": 4}
    tiles = k + 1.5 * (own.queries is not None)
    drawn_width = min(margin["l"] + 84 * tiles, width)
    # Below an image there is room for its mark.
    below = max(2, round(MARK * across / (drawn_width - margin["l"] - margin["r"])))
    page = np.full((rows * (h + below), across), np.nan)
    tops = [row * (h + below) for row in range(rows)]
    lefts = [start + at * (w + beside) for at in range(k)]
    for row, top in enumerate(tops):
        if own.queries is not None:
            page[top : top + h, :w] = own.queries[row]
        for at, left in enumerate(lefts):
            page[top : top + h, left : left + w] = images[row, at]
    drawn = canvas(page, drawn_width, margin=margin)
    # The frames are as thick as they are, also at the edge.
    drawn.layout["xaxis"]["range"] = [-0.5 - w / 40, page.shape[1] - 0.5 + w / 40]
    drawn.layout["yaxis"]["range"] = [page.shape[0] - 0.5, -0.5 - h / 40]
    finite = page[np.isfinite(page)]
    low, high = min(float(finite.min()), 0.0), float(finite.max())
    drawn.traces.append(picture(page, stops(LIGHT.ink), low, high if high > low else low + 1.0))
    drawn.traces.append(_marks(own.relevant[:rows, :k], tops, lefts, (h, w, below)))
    drawn.shapes = [
        _frame(left, top, w, h, bool(own.relevant[row, at]))
        for row, top in enumerate(tops)
        for at, left in enumerate(lefts)
    ]
    quiet = {"color": LIGHT.quiet_text, "size": 13}
    bare: dict[str, Any] = {
        "visible": True,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "tickmode": "array",
        "tickfont": quiet,
    }
    middles = [left + (w - 1) / 2 for left in lefts]
    heads = [(middles[0], "nearest"), *zip(middles[1:], map(str, range(2, k + 1)), strict=True)]
    if own.queries is not None:
        heads.insert(0, ((w - 1) / 2, "query"))
    drawn.layout["xaxis"].update(
        **bare,
        side="top",
        tickangle=0,
        ticklabelstandoff=4,
        tickvals=[where for where, _ in heads],
        ticktext=[text for _, text in heads],
    )
    if named:
        letters = max(8, label_width // 8)
        words = [shortened(text, 3 * letters) for text in own.texts[:rows]]
        drawn.layout["yaxis"].update(
            **bare,
            ticklabelstandoff=8,
            tickvals=[top + (h - 1) / 2 for top in tops],
            ticktext=[wrapped(text, letters) for text in words],
        )
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """Precision at k of what is drawn, and of whatever else was compared."""
    methods = _methods(frames)
    if not methods:
        return "Nothing was searched."
    own, others = methods[0], methods[1:]
    k = own.relevant.shape[1]
    text = f"Of the {count(k, 'sample')} nearest by {own.name} to each of "
    text += count(len(own.relevant), "query", "queries")
    if own.entry.get("key"):
        text += f" in {place(frames, own.entry)}"
    if own.entry.get("samples"):
        text += f" among {samples_of(own.entry)}"
    text += f", {estimate(own.precision)} share its label (precision at {k})"
    if not others:
        return f"{text}. No control was recorded."
    told = [
        f"{one.name}{' (control)' if one.control else ''} {number(one.precision.mean)}"
        + ("" if one.relevant.shape[1] == k else f" at {one.relevant.shape[1]}")
        for one in others
    ]
    return f"{text}; nearest by {listing(told)}."


@remembered
def _methods(frames: Frames) -> list[Found]:
    """The sound entries, each name once: first those that are no controls."""
    found: dict[str, Found] = {}
    for entry in entries(frames, KIND):
        images, relevant = array(frames, entry, "found", 4), array(frames, entry, "relevant", 2)
        if images is None or relevant is None or images.shape[:2] != relevant.shape:
            continue
        if not np.isfinite(images).all() or not np.isin(relevant, (0, 1)).all():
            continue
        queries, given = array(frames, entry, "queries", 3), entry.get("texts")
        if queries is not None and (
            queries.shape != (len(images), *images.shape[2:]) or not np.isfinite(queries).all()
        ):
            queries = None
        whole = isinstance(given, list) and len(given) == len(images)
        texts = [shortened(text) for text in given] if whole and given else [""] * len(images)
        if queries is None and not any(texts):
            continue
        name, control = shortened(entry.get("name") or "code", NAME), entry.get("control") is True
        found.setdefault(name, Found(entry, name, control, queries, texts, images, relevant))
    return sorted(found.values(), key=lambda one: one.control)


def _frame(left: float, top: float, w: int, h: int, relevant: bool) -> dict[str, Any]:
    """Around an image: solid where it shares the label, dashed where it does not."""
    colour = LIGHT.categorical[0 if relevant else 1]
    return typed(
        "rect",
        x0=left - 0.5,
        x1=left + w - 0.5,
        y0=top - 0.5,
        y1=top + h - 0.5,
        line={"color": colour, "width": 2, "dash": "solid" if relevant else "dot"},
    )


def _marks(
    relevant: Array, tops: list[int], lefts: list[int], sizes: tuple[int, int, int]
) -> dict[str, Any]:
    """A tick or a dash below each image."""
    h, w, below = sizes
    pairs = [(top, left) for top in tops for left in lefts]
    shared = [bool(one) for one in relevant.ravel()]
    return typed(
        "scatter",
        x=[left + (w - 1) / 2 for _, left in pairs],
        y=[top + h - 0.5 + 0.48 * below for top, _ in pairs],
        mode="text",
        text=["✓" if one else "–" for one in shared],
        textfont={"size": 14, "color": LIGHT.text},
        customdata=["shares the label" if one else "another label" for one in shared],
        hovertemplate="%{customdata}<extra></extra>",
    )
