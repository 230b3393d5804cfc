"""All contestants of one measure: networks of the study, and the controls that they have to beat.

A dot is a mean over seeds with its 95 % interval (Student's t), faint dots are single seeds; where
no seed matters there is the mean alone. The best is on top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ..claims import Contest, Contestant, contests
from ..palette import LIGHT
from ..statistics import Interval, interval
from ..wording import capital, estimate, number, spread
from .style import Drawing, axis, checked, drawing, labels_above, plain, rows_axis, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

COLUMNS = ["contestant", "control", "mean", "low", "high", "seeds"]


def table(frames: Frames, place: int) -> pd.DataFrame:
    """``COLUMNS`` of the contest at that ``place`` in the record, the best first."""
    rows = []
    for one in _contest(frames, place).contestants:
        found = one.interval
        rows.append((one.label, one.control, found.mean, found.low, found.high, found.n))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(frames: Frames, place: int, beside: bool = True) -> Drawing:
    """A row for each contestant; labels ``beside`` the rows or above them."""
    contest = _contest(frames, place)
    rows = contest.contestants
    names = [wrapped(one.label, 40 if beside else 44) for one in rows]
    lines = sum(name.count("<br>") + 1 for name in names)
    height = 96 + (20 * lines + 16 * len(names) if beside else 56 * len(names))
    drawn = drawing(height, margin={"l": 12, "r": 64 if beside else 32, "t": 12, "b": 54})
    for control, colour, symbol in (
        (False, LIGHT.categorical[0], "circle"),
        (True, LIGHT.reference, "diamond"),
    ):
        part = [(at, one) for at, one in enumerate(rows) if one.control is control]
        if part:
            drawn.traces += [_seeds(part, colour), _means(part, colour, symbol, beside)]
    title = f"{capital(plain(contest.label))}, {contest.better} is better"
    drawn.layout["xaxis"] = axis(title, nticks=7 if beside else 4)
    drawn.layout["yaxis"] = rows_axis(names, beside)
    if not beside:
        drawn.annotations += labels_above(names)
    return drawn


figure = checked(draw)


def sentence(frames: Frames, place: int) -> str:
    """The best network beside the best control, their difference paired by seed."""
    contest = _contest(frames, place)
    networks = [one for one in contest.contestants if not one.control]
    controls = [one for one in contest.contestants if one.control]
    if not networks:
        return f"No network of the study was measured by {contest.label}."
    best = networks[0]
    text = f"{capital(contest.label)} of {best.label} is {estimate(best.interval)}"
    if not controls:
        return f"{text}."
    other = controls[0]
    apart = difference(best, other)
    text += f"; the best control, {other.label}, has {estimate(other.interval)}."
    if not apart.known:
        return text
    ahead = apart.mean > 0 if contest.better == "higher" else apart.mean < 0
    if not apart.excludes_zero:
        return f"{text} Their difference, {spread(apart)}, does not exclude zero."
    size = apart.size()
    side = "better" if ahead else "worse"
    return f"{text} The network is {side} by {number(size.mean)} ({spread(size)})."


def difference(first: Contestant, second: Contestant) -> Interval:
    """The first less the second, over the seeds that both have."""
    both = [seed for seed in first.values if seed in second.values]
    return interval([first.values[seed] - second.values[seed] for seed in both])


def _contest(frames: Frames, place: int) -> Contest:
    found = contests(frames)
    return found[place] if place < len(found) else Contest("", "a measure", "", "higher", ())


def _seeds(part: list[tuple[int, Contestant]], colour: str) -> dict[str, object]:
    points = [
        (value, at) for at, one in part if one.interval.known for value in one.values.values()
    ]
    return typed(
        "scatter",
        x=[value for value, _ in points],
        y=[at for _, at in points],
        mode="markers",
        marker={"color": colour, "size": 6, "opacity": 0.35},
        hoverinfo="skip",
    )


def _means(
    part: list[tuple[int, Contestant]], colour: str, symbol: str, beside: bool
) -> dict[str, object]:
    found = [one.interval for _, one in part]
    return typed(
        "scatter",
        x=[one.mean for one in found],
        y=[at for at, _ in part],
        mode="markers+text",
        cliponaxis=False,
        marker={"color": colour, "size": 10, "symbol": symbol},
        error_x={
            "type": "data",
            "symmetric": False,
            "thickness": 2,
            "width": 0,
            "color": colour,
            "array": [one.high - one.mean if one.known else 0.0 for one in found],
            "arrayminus": [one.mean - one.low if one.known else 0.0 for one in found],
        },
        text=[f" {number(one.mean)}" for one in found],
        textposition="top center" if beside else "bottom center",
        textfont={"size": 12.5, "color": LIGHT.text},
        customdata=[f"<br>{spread(one)}" if one.known else "" for one in found],
        hovertemplate="<b>%{text}</b>%{customdata}<extra></extra>",
    )
