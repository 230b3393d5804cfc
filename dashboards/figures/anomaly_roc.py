"""How well each detector tells anomalies from normal samples, whatever its threshold.

A ROC curve goes over all thresholds: the share of anomalies with a higher score against the share
of normal samples with one (Fawcett 2006, Pattern Recognition Letters 27:861). On the diagonal
stands who guesses. Controls are grey. ``detectors`` says what the record must hold, how the area
under a curve and its interval are counted, and that the interval is DeLong's (1988).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..detectors import Detector, best, detectors, difference
from ..inside import Array
from ..memory import remembered
from ..palette import LIGHT
from ..statistics import Interval
from ..wording import capital, count, estimate, listing, number, spread
from .style import Drawing, axis, checked, drawing, legend, plain, typed

if TYPE_CHECKING:
    from ..frames import Frames

COLUMNS = [
    "detector", "control", "normal", "anomalous", "area", "low", "high",
    "threshold", "normal flagged", "anomalous flagged",
]  # fmt: skip
MOST_POINTS = 300
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
SIDE = 420
"""Pixels of the square."""


@remembered
def table(frames: Frames) -> pd.DataFrame:
    """``COLUMNS``: samples of each kind, the area with bounds, shares beyond the threshold."""
    rows = []
    for own in detectors(frames):
        known = own.threshold == own.threshold
        flagged = own.flagged(own.threshold) if known else (float("nan"),) * 2
        anomalies = int(own.anomalous.sum())
        samples = (len(own.scores) - anomalies, anomalies)
        area = (own.area.mean, own.area.low, own.area.high)
        rows.append((own.name, own.control, *samples, *area, own.threshold, *flagged))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(frames: Frames, beside: bool = True) -> Drawing:
    """A curve per detector in a square; their names ``beside`` it or above it."""
    found = detectors(frames)
    top = 16 if beside else 14 + 22 * (len(found) + 1)
    side = SIDE if beside else 270
    drawn = drawing(side + top + 56, margin={"l": 58, "r": 12, "t": top, "b": 56})
    if not found:
        return drawn
    colours = iter(LIGHT.categorical)
    for at, own in enumerate(found):
        colour = LIGHT.reference if own.control else next(colours)
        drawn.traces += _traces(own, at, colour)
    drawn.traces.append(
        typed(
            "scatter",
            x=[0.0, 1.0],
            y=[0.0, 1.0],
            mode="lines",
            name="chance: area 0.5",
            line={"color": LIGHT.axis, "width": 1, "dash": "2px,3px"},
            hoverinfo="skip",
        )
    )
    shares = {"tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1.0], "tickformat": ".0%"}
    domain = [0, 0.46] if beside else [0, 1]
    drawn.layout["xaxis"] = axis(
        "normal samples flagged",
        range=[-0.02, 1.02],
        domain=domain,
        constrain="domain",
        constraintoward="left",
        **shares,
    )
    drawn.layout["yaxis"] = axis(
        "anomalies flagged",
        range=[-0.02, 1.02],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        **shares,
    )
    drawn.layout["showlegend"] = True
    place = {"orientation": "v", "x": 0.49, "y": 1.0, "yanchor": "top"}
    above = {"entrywidth": 1, "entrywidthmode": "fraction", "y": 1.01}
    drawn.layout["legend"] = legend(traceorder="normal", **(place if beside else above))
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """The best detector's area, and how far that is from the best control's."""
    found = detectors(frames)
    if not found:
        return "No detector's scores were recorded."
    first, control = best(found, control=False), best(found, control=True)
    leader = first or control
    assert leader is not None
    anomalies = int(leader.anomalous.sum())
    text = (
        f"{capital(leader.name)} tells {anomalies:,} anomalous from "
        f"{count(len(leader.scores) - anomalies, 'normal sample')} best".replace(",", " ")
        + f", with an area of {estimate(leader.area)} under its curve"
    )
    others = [one for one in found if one is not leader and not one.control]
    if others:
        told = [f"{one.name} {number(one.area.mean)}" for one in others]
        text += f"; {listing(told)}"
    if first is None or control is None:
        missing = "no detector but controls" if first is None else "no control to compare it with"
        return f"{text}. There is {missing}."
    apart = difference(first, control)
    return f"{text}. Of the controls, {control.name} is best: {_against(control, apart)}."


def _against(control: Detector, apart: Interval) -> str:
    """Such as "0.82, and 0.05 less (95 % interval 0.02 to 0.08)"."""
    amount = apart.size()
    less = "less" if apart.mean >= 0 else "more"
    text = f"{number(control.area.mean)}, which is {number(amount.mean)} {less}"
    if not apart.known:
        return text
    if apart.excludes_zero:
        return f"{text} (95\u00a0% interval {spread(amount)})"
    return f"{text}, no more than chance may make (95\u00a0% interval {spread(amount)})"


def curve(own: Detector) -> tuple[Array, Array]:
    """The corners of the curve from (0, 0) to (1, 1): shares of normal and of anomalous samples.

    Samples of one score are flagged together, so that ties make a slope.
    """
    order = np.argsort(-own.scores, kind="stable")
    scores, anomalous = own.scores[order], own.anomalous[order]
    ends = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    hits = np.concatenate([[0], np.cumsum(anomalous)[ends]])
    alarms = np.concatenate([[0], np.cumsum(~anomalous)[ends]])
    # What lies on a straight line between its neighbours draws nothing; whole numbers are exact.
    turn = np.diff(alarms[:-1]) * np.diff(hits[1:]) != np.diff(hits[:-1]) * np.diff(alarms[1:])
    kept = np.concatenate([[True], turn, [True]])
    return alarms[kept] / alarms[-1], hits[kept] / hits[-1]


def _traces(own: Detector, at: int, colour: str) -> list[dict[str, Any]]:
    """The curve of a detector, and the place of its threshold."""
    x, y = curve(own)
    if len(x) > MOST_POINTS:
        some = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
        x, y = x[some], y[some]
    name = plain(own.name) + (" (control)" if own.control else "")
    dash = DASHES[at % len(DASHES)]
    area = f"{name}: {number(own.area.mean)}"
    made = [
        typed(
            "scatter",
            x=[round(float(value), 5) for value in x],
            y=[round(float(value), 5) for value in y],
            mode="lines",
            name=area,
            legendgroup=str(at),
            line={"color": colour, "width": 1.6 if own.control else 2.4, "dash": dash},
            hovertemplate=f"{name}<br>%{{y:.1%}} of anomalies<br>"
            "%{x:.1%} of normal samples<extra></extra>",
        )
    ]
    if own.threshold == own.threshold:
        alarm, hit = own.flagged(own.threshold)
        made.append(
            typed(
                "scatter",
                x=[alarm],
                y=[hit],
                mode="markers",
                name=area,
                legendgroup=str(at),
                showlegend=False,
                cliponaxis=False,
                marker={"color": colour, "size": 10, "symbol": SYMBOLS[at % len(SYMBOLS)]},
                hovertemplate=f"{name}, at its threshold<br>%{{y:.1%}} of anomalies<br>"
                "%{x:.1%} of normal samples<extra></extra>",
            )
        )
    return made
