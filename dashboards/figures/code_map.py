"""Where samples lie in the code: its first two principal components, coloured by label.

Codes of the best setting, centred, on the two directions that hold most of their variance
(Hotelling 1933, J. Educational Psychology 24:417). Both axes have the same scale. Labels, which
nothing that learns without them has seen, choose a point's colour and symbol, nothing else. Some
samples stand beside their points as images; of all points the page shows the image while a pointer
rests on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..inside import Entry, array, entries, numbers, place, samples_of, shortened
from ..memory import remembered
from ..palette import LIGHT
from ..wording import capital, number
from .style import Drawing, axis, checked, drawing, legend, plain, typed
from .thumbnails import smaller, spread, strengths, uri

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "code_map"
SYMBOLS = (
    "circle", "square", "diamond", "triangle-up", "cross", "triangle-down",
    "x", "star", "circle-open", "square-open",
)  # fmt: skip
"""With the colours, which repeat after six, a pair of its own for each class."""
CLASSES = len(SYMBOLS)
IN_PLANE = 40
SIDE = 0.058
"""Of an image in the plane, as a share of the longer axis."""
PIXELS = 28
MOST_CHARACTERS = 280_000
"""Of the images of all points together; beyond, images are halved, and at last left out."""
FEW_CHARACTERS = 100_000
"""Of these the narrow drawing has its own copy; a phone's pointer rests on nothing anyway."""
OTHER = "another label"


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``sample, first, second, label`` of every point; the label is "" without any."""
    found = _entry(frames)
    if found is None:
        return pd.DataFrame(columns=["sample", "first", "second", "label"])
    entry, points, finite = found
    return pd.DataFrame(
        {
            "sample": np.flatnonzero(finite) + 1,
            "first": points[:, 0],
            "second": points[:, 1],
            "label": _labels(frames, entry, finite),
        }
    )


def draw(frames: Frames, thumbnails: bool = True) -> Drawing:
    """The plane; ``thumbnails``: whether some samples' images stand in it."""
    rows = table(frames)
    found = _entry(frames)
    if rows.empty or found is None:
        return drawing(60)
    entry, points, finite = found
    low, high = points.min(0), points.max(0)
    reach = float((high - low).max()) or 1.0
    # Room for the images, which stand above and right of their points.
    ends = low - 0.06 * reach, high + (0.06 + SIDE * thumbnails) * reach
    sides = ends[1] - ends[0]
    # Both axes have one scale: the plot is as high as a screen, or as wide as a phone.
    inner = 600 if thumbnails else int(np.clip(285 * sides[1] / sides[0], 140, 480))
    drawn = drawing(inner + 116, margin={"l": 58, "r": 12, "t": 62, "b": 54})
    names = list(rows["label"])
    uris = _addresses(frames)
    if not thumbnails and sum(map(len, uris)) > FEW_CHARACTERS:
        uris = []
    looks = _looks(names)
    place_of = {name: at for at, (name, _, _) in enumerate(looks)}
    at_look = np.array([place_of.get(name, len(looks) - 1) for name in names])
    for at, (name, symbol, colour) in enumerate(looks):
        chosen = np.flatnonzero(at_look == at).tolist()
        drawn.traces.append(_trace(rows, chosen, name, symbol, colour, uris))
    shares = numbers(entry, "shares")
    for at, (letter, title) in enumerate((("x", "first"), ("y", "second"))):
        share = f", {number(100 * shares[at], 2)}\u00a0% of variance" if at < len(shares) else ""
        of = " of the code" if thumbnails else ""
        drawn.layout[f"{letter}axis"] = axis(
            f"{title} principal component{of}{share}",
            range=[float(ends[0][at]), float(ends[1][at])],
            zeroline=True,
            zerolinecolor=LIGHT.grid,
            showgrid=False,
            nticks=6,
            constrain="domain",
            constraintoward="left" if letter == "x" else "top",
        )
    drawn.layout["yaxis"]["scaleanchor"] = "x"
    if any(names):
        drawn.layout["showlegend"] = True
        drawn.layout["legend"] = legend(traceorder="normal", itemsizing="constant")
    if thumbnails and uris:
        drawn.layout["images"] = _in_plane(points, reach, _full(frames, entry, finite))
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How much of the code the plane holds, and how far plane and code tell classes apart."""
    found = _entry(frames)
    if found is None:
        return "No code was recorded."
    entry, points, _ = found
    shares = numbers(entry, "shares")
    held = f" hold {number(100 * sum(shares), 2)}\u00a0% of their variance" if shares else ""
    text = f"{capital(samples_of(entry))} in the code of {place(frames, entry)}"
    text += f"; the two directions drawn{held}." if held else "."
    between = between_classes(points, list(table(frames)["label"]))
    if between == between:
        share = number(100 * between, 2)
        text += f" Differences between labels make {share}\u00a0% of the plane's variance"
        agreed = _agreement(frames, entry)
        text += f"; in the full code {agreed}" if agreed else ""
        text += "."
    return text


def between_classes(points: NDArray[np.float64], labels: Sequence[str]) -> float:
    """The share of the variance of ``points`` (n, 2) that lies between classes' means.

    Σ_c n_c ‖m_c − m‖² / Σ_i ‖x_i − m‖²; NaN with fewer than two classes or without variance.
    """
    codes, names = pd.factorize(np.asarray(labels, dtype=object))
    centred = points - points.mean(0)
    total = float(np.square(centred).sum())
    if len(names) < 2 or not total > 0:
        return float("nan")
    counts = np.bincount(codes)
    means = np.stack([np.bincount(codes, centred[:, i]) / counts for i in (0, 1)], axis=1)
    return float((counts[:, None] * np.square(means)).sum() / total)


@remembered
def _entry(frames: Frames) -> tuple[Entry, NDArray[np.float64], NDArray[np.bool_]] | None:
    """The entry, its finite points (n, 2), and which of all points those are."""
    for entry in entries(frames, KIND):
        points = array(frames, entry, "points", 2)
        if points is not None and points.shape[1] == 2:
            finite = np.asarray(np.isfinite(points).all(1))
            if finite.any():
                return entry, points[finite], finite
    return None


def _labels(frames: Frames, entry: Entry, finite: NDArray[np.bool_]) -> list[str]:
    """The label of each finite point, "" where it is not known."""
    places, classes = array(frames, entry, "labels", 1), entry.get("classes")
    if places is None or len(places) != len(finite) or not isinstance(classes, list):
        return [""] * int(finite.sum())
    known = [shortened(name, 24) for name in classes]
    wanted = np.where(np.isfinite(places), places, -1)[finite].astype(int)
    return [known[at] if 0 <= at < len(known) else "" for at in wanted]


def _looks(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Name, symbol and colour of each class, in the labels' order; the rarest may be together."""
    known = [name for name in names if name]
    if not known:
        return [("", "circle", LIGHT.categorical[0])]
    counts = pd.Series(known).value_counts()
    kept = list(counts.index) if len(counts) <= CLASSES else list(counts.index[: CLASSES - 1])
    kept.sort(key=lambda name: (len(name), name) if name.isdigit() else (99, name))
    found = [
        (name, SYMBOLS[i], LIGHT.categorical[i % len(LIGHT.categorical)])
        for i, name in enumerate(kept)
    ]
    if len(kept) < len(counts) or len(known) < len(names):
        found.append((OTHER, "circle-open", LIGHT.axis))
    return found


def _trace(
    rows: pd.DataFrame,
    chosen: list[int],
    name: str,
    symbol: str,
    colour: str,
    uris: list[str],
) -> dict[str, Any]:
    part = rows.iloc[chosen]
    told = [
        (f"{plain(label)}<br>" if label else "") + f"sample {sample}"
        for label, sample in zip(part["label"], part["sample"], strict=True)
    ]
    return typed(
        "scatter",
        x=[float(f"{value:.4g}") for value in part["first"]],
        y=[float(f"{value:.4g}") for value in part["second"]],
        mode="markers",
        name=plain(name or "a sample"),
        marker={
            "symbol": symbol,
            "color": colour,
            "size": 7.5,
            "line": {"width": 1.4 if symbol.endswith("-open") else 0},
        },
        text=told,
        # The page shows the image whose address stands here beside the pointer.
        customdata=[uris[i] for i in chosen] if uris else None,
        hovertemplate="%{text}<extra></extra>",
    )


def _full(frames: Frames, entry: Entry, finite: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The images of the finite points, (n, h, w); none if there are not as many as points."""
    images = array(frames, entry, "thumbnails", 3)
    if images is None or len(images) != len(finite):
        return np.zeros((0, 1, 1))
    return smaller(images, PIXELS)[finite]


@remembered
def _addresses(frames: Frames) -> list[str]:
    """The images of all points as addresses; empty where there are none or they are too large."""
    found = _entry(frames)
    if found is None:
        return []
    images = _full(frames, found[0], found[2])
    for side in (PIXELS, PIXELS // 2):
        uris = [uri(image) for image in strengths(smaller(images, side))] if len(images) else []
        if sum(len(address) for address in uris) <= MOST_CHARACTERS:
            return uris
    return []


def _in_plane(
    points: NDArray[np.float64], reach: float, images: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Some samples' images beside their points."""
    side = SIDE * reach
    grey = strengths(images)
    return [
        {
            "source": uri(grey[i]),
            "xref": "x",
            "yref": "y",
            "x": float(points[i, 0]),
            "y": float(points[i, 1]),
            "sizex": side,
            "sizey": side,
            "xanchor": "left",
            "yanchor": "bottom",
            "sizing": "contain",
            "layer": "below",
            "opacity": 0.75,
        }
        for i in spread(points, side * 1.2, IN_PLANE)
    ]


def _agreement(frames: Frames, entry: Entry) -> str:
    """What the record says of nearest neighbours in the full code, if it does."""
    runs = frames.runs
    metric = f"{entry.get('split')}/neighbour_accuracy"
    if metric not in runs or "key" not in runs:
        return ""
    found = runs.loc[runs["key"] == entry.get("key"), metric].dropna()
    if found.empty:
        return ""
    share = number(100 * float(found.iloc[0]), 3)
    return f"the 5 nearest training codes tell {share}\u00a0% of labels rightly"
