"""Grey pictures that were given colours: what went in, what came out, what it should have been.

An entry of ``inside`` under "colour" has by part its ``arrays``: grey (n, h, w), and in red, green
and blue colourised and true (n, h, w, 3), all from 0 to 255; baseline (n, h, w, 3) is what a rule
without a network gives, such as the mean colour of each grey level. Without the first three, of one
shape and finite, the entry is as if it were not there; a baseline that does not fit is left out.

Below each picture stands its peak signal-to-noise ratio, 10 log₁₀(255² / mean squared error over
pixels and colours) in dB against the true colours; it is counted from the recorded values, not from
the smaller pictures of a page. The grey input itself is a control.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..inside import Array, Entry, array, entries, place
from ..memory import remembered
from ..palette import LIGHT
from ..statistics import Interval, interval
from ..wording import count, estimate, number
from .style import Drawing, checked, drawing, typed, wrapped
from .thumbnails import smaller, uri

if TYPE_CHECKING:
    from ..frames import Frames

KIND = "colour"
COLUMNS = ["image", "version", "psnr"]
NAMES = {
    "grey": "grey input",
    "baseline": "baseline",
    "colourised": "colourised",
    "true": "true colours",
}
PIXELS = 64
"""Of a side of a picture in a page; beyond, it is made of means of square blocks."""
BELOW, BETWEEN = 0.28, 0.08
"""Room below a picture for its number and right of it, as a share of its width."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """By version the pictures (n, h, w, 3), in the order of the rows, grey ones too."""

    entry: Entry
    versions: dict[str, Array]

    def psnr(self, version: str) -> Array:
        """(n,) in dB; infinite where a picture is the true one."""
        error = np.square(self.versions[version] - self.versions["true"]).mean((1, 2, 3))
        with np.errstate(divide="ignore"):
            return np.asarray(10 * np.log10(255.0**2 / error))


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``COLUMNS``: of each picture and version the ratio in dB."""
    own = _sound(frames)
    if own is None:
        return pd.DataFrame(columns=COLUMNS)
    parts = [
        pd.DataFrame(
            {"image": np.arange(1, len(values) + 1), "version": NAMES[version], "psnr": values}
        )
        for version in own.versions
        if version != "true"
        for values in [own.psnr(version)]
    ]
    return pd.concat(parts, ignore_index=True)


def draw(frames: Frames, shown: int = 8, label_width: int = 104, width: int = 860) -> Drawing:
    """A row per version, a column per picture, at most ``shown``."""
    own = _sound(frames)
    if own is None:
        return drawing(60)
    n, h, w = own.versions["true"].shape[:3]
    columns, tall = min(n, shown), h / w
    step = 1 + BETWEEN
    down = tall + BELOW
    across, rows = columns * step - BETWEEN, len(own.versions)
    inner = min(110 * across, width - label_width - 4)
    margin = {"l": label_width, "r": 4, "t": 8, "b": 14}
    # The true colours have no number below them.
    whole = rows * down - BELOW
    drawn = drawing(round(inner * whole / across) + 22, margin=margin)
    drawn.layout["images"] = []
    for row, (version, images) in enumerate(own.versions.items()):
        for at, image in enumerate(_packed(images[:columns])):
            drawn.layout["images"].append(_image(image, at * step, row * down, tall))
        if version != "true":
            ratios = [float(value) for value in own.psnr(version)[:columns]]
            drawn.traces.append(_ratios(version, ratios, step, row * down + tall))
    bare: dict[str, Any] = {"showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True}
    drawn.layout["xaxis"] = {
        **bare,
        "range": [0, across],
        "visible": False,
        "constrain": "domain",
        "constraintoward": "left",
    }
    drawn.layout["yaxis"] = {
        **bare,
        "range": [whole, 0],
        "scaleanchor": "x",
        "constrain": "domain",
        "constraintoward": "top",
        "tickmode": "array",
        "tickvals": [row * down + tall / 2 for row in range(rows)],
        "ticktext": [wrapped(NAMES[version], 12) for version in own.versions],
        "tickfont": {"color": LIGHT.quiet_text, "size": 13},
        "ticklabelstandoff": 8,
    }
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """The mean ratio of the colourised pictures, and what the controls reach."""
    own = _sound(frames)
    if own is None:
        return "No colourised picture was recorded."
    ratios = {version: own.psnr(version) for version in own.versions if version != "true"}
    n = len(ratios["colourised"])
    over = f", mean over {count(n, 'picture')}" if n > 1 else ""
    of = f" by {place(frames, own.entry)}" if own.entry.get("key") else ""
    text = f"Colourised{of}, the pictures reach {estimate(_mean(ratios['colourised']))} dB"
    text += f" (peak signal-to-noise ratio{over})"
    said = [f"the grey input itself has {number(_mean(ratios['grey']).mean)} dB"]
    if "baseline" in ratios:
        said.insert(0, f"the baseline reaches {number(_mean(ratios['baseline']).mean)} dB")
    return f"{text}; {', '.join(said)}."


def _mean(ratios: Array) -> Interval:
    """With the interval over pictures; one that is exact makes the mean infinite."""
    if np.isinf(ratios).any():
        return Interval(float("inf"), float("nan"), float("nan"), len(ratios))
    return interval(ratios)


@remembered
def _sound(frames: Frames) -> Pictures | None:
    """The first entry that is whole."""
    for entry in entries(frames, KIND):
        grey = array(frames, entry, "grey", 3)
        parts = {part: array(frames, entry, part, 4) for part in ("colourised", "true", "baseline")}
        if grey is None:
            continue
        shape = (*grey.shape, 3)
        given = {"grey": np.repeat(grey[..., None], 3, axis=3)}
        given |= {part: one for part, one in parts.items() if one is not None}
        whole = {
            part: np.clip(given[part], 0, 255)
            for part in NAMES
            if part in given and given[part].shape == shape and np.isfinite(given[part]).all()
        }
        if {"grey", "colourised", "true"} <= set(whole):
            return Pictures(entry, whole)
    return None


def _packed(images: Array) -> list[str]:
    """Pictures (n, h, w, 3) as addresses, made smaller where a page has no use for more."""
    small = np.stack([smaller(images[..., at], PIXELS) for at in range(3)], axis=3)
    return [uri(image) for image in np.round(small).astype(np.uint8)]


def _image(source: str, x: float, y: float, tall: float) -> dict[str, Any]:
    return {
        "source": source,
        "xref": "x",
        "yref": "y",
        "x": x,
        "y": y,
        "sizex": 1,
        "sizey": tall,
        "xanchor": "left",
        "yanchor": "top",
        "sizing": "stretch",
    }


def _ratios(version: str, ratios: list[float], step: float, y: float) -> dict[str, Any]:
    """The numbers below the pictures of a row."""
    return typed(
        "scatter",
        x=[at * step + 0.5 for at in range(len(ratios))],
        y=[y + 0.42 * BELOW] * len(ratios),
        mode="text",
        text=[f"{number(value, decimals=1)} dB" for value in ratios],
        textfont={"size": 11.5, "color": LIGHT.quiet_text},
        cliponaxis=False,
        hovertemplate=f"{NAMES[version]}: %{{text}}<extra></extra>",
    )
