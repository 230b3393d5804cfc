"""Sounds that went in and came out: log-magnitude over seconds and hertz, and their waves to hear.

A row is a sound: the original, what was made of it before the network (corrupted), and what the
network gave back (resynthesised), on one scale of levels. ``sounds`` says what the record must hold
and how the log-spectral distance in the sentence is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..memory import remembered
from ..palette import LIGHT, stops
from ..sounds import FLOOR, PARTS, Sound, sounds
from ..statistics import interval
from ..wording import capital, count, estimate, number, value_text
from . import style
from .style import Drawing, checked, plain, typed, wrapped
from .thumbnails import smaller
from .waveform import fitting, playable, wav

if TYPE_CHECKING:
    from ..frames import Frames

COLUMNS = ["sound", "part", "seconds", "hertz", "log-spectral distance"]
SHOWN = 4
LONGEST = 120
"""Pixels of a side of a spectrogram in a page; beyond, levels are means of square blocks."""
ROW, ABOVE = 170, 44


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``COLUMNS``: a row per sound and part; the distance from the original in dB."""
    rows = [
        (own.name, part, own.seconds, own.hertz, own.distance(part))
        for own in sounds(frames)
        for part in PARTS
        if part in own.levels
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(frames: Frames, columns: int = 3) -> Drawing:
    """A row per sound, a panel per part; on a narrow page ``columns`` is 1."""
    found = sounds(frames)[:SHOWN]
    panels = [(own, part) for own in found for part in PARTS if part in own.levels]
    across = min(max((len(own.levels) for own in found), default=1), columns)
    # Each sound begins a row, also where one of them has no corrupted part.
    places, row = [], 0
    for own in found:
        parts = [part for part in PARTS if part in own.levels]
        places += [(row + at // across, at % across) for at in range(len(parts))]
        row += -(-len(parts) // across)
    lines = max(row, 1)
    gap, top = ABOVE + 34, ABOVE
    height = lines * ROW + (lines - 1) * gap + top + 84
    drawn = style.drawing(height, margin={"l": 62, "r": 14, "t": top, "b": 84})
    if not panels:
        return drawn
    domains = style.tiles(lines * across, across, 0.05, gap / (height - top - 84))
    for index, ((own, part), (line, column)) in enumerate(zip(panels, places, strict=True)):
        name = "" if index == 0 else str(index + 1)
        x, y = domains[line * across + column]
        drawn.traces.append({**_heat(own, part), "xaxis": f"x{name}", "yaxis": f"y{name}"})
        last = line == lines - 1
        bare: dict[str, Any] = {"showgrid": False, "nticks": 5}
        drawn.layout[f"xaxis{name}"] = style.axis(
            "seconds" if last else "",
            domain=x,
            anchor=f"y{name}",
            range=[0, own.seconds],
            **bare,
        )
        drawn.layout[f"yaxis{name}"] = style.axis(
            "Hz" if column == 0 else "",
            domain=y,
            anchor=f"x{name}",
            range=[0, own.hertz],
            showticklabels=column == 0,
            **bare,
        )
        drawn.annotations.append(
            style.panel_title(_title(own, part, across), x[0], y[1]) | {"align": "left"}
        )
    drawn.layout["coloraxis"] = {
        "colorscale": stops(LIGHT.sequential),
        "cmin": FLOOR,
        "cmax": 0,
        "colorbar": {
            "orientation": "h",
            "len": 260,
            "lenmode": "pixels",
            "thickness": 10,
            "x": 0,
            "xanchor": "left",
            "y": 0,
            "yref": "container",
            "yanchor": "bottom",
            "tickvals": [FLOOR, FLOOR / 2, 0],
            "ticktext": [f"{value_text(level)} dB" for level in (FLOOR, FLOOR / 2, 0)],
            "outlinewidth": 0,
            "tickfont": {"color": LIGHT.quiet_text, "size": 12},
        },
    }
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How far what came out is from the original, and how far what went in was."""
    found = sounds(frames)
    if not found:
        return "No sound was recorded."
    out = interval([own.distance("resynthesised") for own in found])
    mean = f", mean over {count(len(found), 'sound')}" if len(found) > 1 else ""
    text = f"Resynthesised sounds are {estimate(out)} dB from their originals{mean}"
    if len(found) == 1:
        text = f"The resynthesised sound is {number(out.mean)} dB from the original"
    before = [own for own in found if "corrupted" in own.levels]
    if before:
        corrupted = float(np.mean([own.distance("corrupted") for own in before]))
        them = "the corrupted one" if len(found) == 1 else "corrupted ones"
        text += f", {them} {number(corrupted)} dB"
    more = f" {capital(count(len(found) - SHOWN, 'sound'))} not drawn." if found[SHOWN:] else ""
    return f"{text} (log-spectral distance).{more}"


@remembered
def players(frames: Frames) -> tuple[list[tuple[str, bytes]], int]:
    """The waves of the sounds drawn as WAV files below their labels; how many had no room."""
    heard = [
        (f"{own.name}: {part}", own.waves[part], own.rate)
        for own in sounds(frames)[:SHOWN]
        for part in PARTS
        if playable(own.waves.get(part), own.rate)
    ]
    kept = fitting([len(wave) for _, wave, _ in heard])
    files = [(heard[at][0], wav(heard[at][1], heard[at][2])) for at in kept]
    return files, len(heard) - len(kept)


def note(frames: Frames) -> str:
    """How quiet levels count, and what the page leaves out of the sounds to hear."""
    text = f"0 dB is the original’s loudest; all below {value_text(FLOOR)} dB counts as that."
    left = players(frames)[1]
    if not left:
        return text
    longest = "the longest recording is" if left == 1 else f"the {left} longest recordings are"
    return f"{text} A page holds 2 MB of sound at most: {longest} left out."


def _heat(own: Sound, part: str) -> dict[str, Any]:
    levels = own.levels[part]
    frequencies, frames = levels.shape
    block = -(-max(levels.shape) // LONGEST)
    small = smaller(levels[None], LONGEST)[0]
    high = own.hertz / max(frequencies - 1, 1)
    long = own.seconds / frames
    return typed(
        "heatmap",
        z=[[round(float(value), 1) for value in row] for row in small],
        x0=long * block / 2,
        dx=long * block,
        y0=high * (block - 1) / 2,
        dy=high * block,
        coloraxis="coloraxis",
        zsmooth=False,
        hovertemplate="%{x:.2f} s, %{y:.0f} Hz: <b>%{z:.0f} dB</b>"
        f"<extra>{plain(part)}</extra>",
    )


def _title(own: Sound, part: str, across: int) -> str:
    """Above a panel: the sound's name where its row begins, the part, its distance."""
    said = part
    if part != "original":
        said += f", {number(own.distance(part))} dB away"
    if part != "original" and across > 1:
        return said
    return f"<b>{wrapped(own.name, 40)}</b><br>{said}"
