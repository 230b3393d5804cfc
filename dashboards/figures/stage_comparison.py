"""The stages of a study side by side: what the best of each reaches, from the first code on.

A panel per measure that all stages share, a mark per stage: the mean over seeds of its best
setting, with the 95 % interval. A line leads to a best from what it stands on: a full one from the
best of the stage below where it continues that, else a dotted one from a hollow mark, the setting
that it does continue. No line joins stages of which none stands on the other. What a stage adds to
the readout of the one below is paired, trial by trial (``stages``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..outline import measure_of
from ..palette import LIGHT
from ..stages import DIFFERENCE, READOUTS, metrics, place_in_words, table, told
from ..statistics import Interval
from ..statistics import rows as records
from ..wording import (
    capital,
    count,
    listing,
    measure_label,
    number,
    shared_places,
    spread,
)
from .style import (
    Drawing,
    axis,
    checked,
    drawing,
    legend,
    panel_title,
    plain,
    tiles,
    typed,
    wrapped,
)

if TYPE_CHECKING:
    from ..frames import Frames

READERS = dict(zip(READOUTS, ("a linear probe", "their nearest neighbours"), strict=True))
COUNTED = ("nonzero_units", "active_units", "dead_units")
ASIDE = 0.14
"""How far a hollow mark stands beside its stage's best, in distances between stages."""
PANEL, GAP, LINE = 190, 78, 15
"""Pixels of a panel's height, between two that stand one upon another, and of a line of text."""
LINES = 3
"""To which a stage's name is cut below its mark."""


def draw(frames: Frames, stages: tuple[str, ...], columns: int = 3) -> Drawing:
    """A panel per shared measure, ``columns`` to a row, the stages from left to right."""
    shown, ends = metrics(frames, stages), told(frames, stages)
    every = records(table(frames, stages))
    across = max(min(columns, len(shown)), 1)
    names = _names(ends, (44 if columns == 1 else 96 / across) / max(len(ends), 1))
    more = LINE * max((name.count("<br>") for name in names), default=0)
    margin = {"l": 56, "r": 14, "t": 70, "b": 44 + more}
    down, gap = max(-(-len(shown) // across), 1), GAP + more
    inner = down * PANEL + (down - 1) * gap
    drawn = drawing(inner + margin["t"] + margin["b"], margin=margin)
    if not shown:
        return drawn
    legended: set[str] = set()
    for index, metric in enumerate(shown):
        own = [row for row in every if row["metric"] == metric]
        name = "" if index == 0 else str(index + 1)
        x, y = tiles(len(shown), columns, gap=0.085, row_gap=gap / inner)[index]
        for trace in _traces(frames, own, ends):
            place = {"xaxis": f"x{name}", "yaxis": f"y{name}"}
            first = "name" in trace and trace["name"] not in legended
            legended |= {trace["name"]} if "name" in trace else set()
            drawn.traces.append({**trace, **place, "showlegend": first})
        drawn.layout[f"xaxis{name}"] = axis(
            "",
            domain=x,
            anchor=f"y{name}",
            range=[-0.35, len(ends) - 0.65],
            tickmode="array",
            tickvals=list(range(len(ends))),
            ticktext=names,
            tickangle=0,
            showgrid=False,
        )
        drawn.layout[f"yaxis{name}"] = axis(
            "",
            domain=y,
            anchor=f"x{name}",
            nticks=5,
            showline=False,
            ticks="",
            range=_reach(own, measure_of(metric) in COUNTED),
        )
        label = capital(plain(measure_label(frames, metric)))
        drawn.annotations.append(panel_title(f"<b>{label}</b>", x[0], y[1]))
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(y=1 + 32 / inner, traceorder="normal")
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stages: tuple[str, ...]) -> str:
    """What the bests reach, what each adds to what it stands on, and whether that was the best."""
    shown, ends = metrics(frames, stages), told(frames, stages)
    lost = [stage for stage in stages if stage not in ends]
    text = ""
    if lost:
        out = "it is left out" if len(lost) == 1 else "they are left out"
        text = f" No setting of {listing(lost)} has finished, so {out}."
    if len(ends) < 2:
        return f"There are no two stages to set side by side.{text}"
    if not shown:
        return f"There is no measure that the best of {listing(ends)} all have.{text}"
    every = records(table(frames, stages))
    first = [row for row in every if row["metric"] == shown[0]]
    values = {row["stage"]: _mean(row) for row in first}
    reached = listing([f"{value} in {stage}" for stage, value in values.items()])
    lead = f"The {measure_label(frames, shown[0])} of the best setting is {reached}."
    gains = [_gain(row) for row in first if row["pairs"]]
    return " ".join([lead, *gains, *_lines(first)]) + text


def note(frames: Frames, stages: tuple[str, ...]) -> str:
    """What may not be compared between stages."""
    held = {measure_of(metric): metric for metric in metrics(frames, stages)}
    if "reconstruction_error" not in held:
        return ""
    text = "A reconstruction error is of what the stage itself reads, and in that input's units"
    if "unexplained_variance" in held:
        return f"{text}; the unexplained variance is the same as a share of that input's variance."
    return f"{text}: its heights say nothing of one stage beside another."


def _names(stages: Sequence[str], room: float) -> list[str]:
    """The stages' names for places that have ``room`` for so many letters."""
    letters = max(round(room), 6)
    most = LINES * letters - 2
    cut = [name if len(name) <= most else f"{name[: most - 1]}…" for name in stages]
    return [wrapped(name, letters) for name in cut]


def _reach(rows: Iterable[dict[str, Any]], counted: bool) -> list[float]:
    """From below the lowest to above the highest of what is drawn; counts begin at zero."""
    ends = [row[name] for row in rows for name in ("mean", "low", "high", "below_mean")]
    known = [end for end in ends if end == end] + [0.0] * counted
    room = 0.07 * (max(known) - min(known)) or 0.07 * abs(max(known)) or 1.0
    return [min(known) - room, max(known) + room]


def _mean(row: dict[str, Any]) -> str:
    doubt = f" ({row['unreliable']})" if row["unreliable"] else ""
    return f"{number(row['mean'])}{doubt}"


def _gain(row: dict[str, Any]) -> str:
    """What a stage adds to the readout of what it stands on, in points."""
    found = Interval(*(row[name] for name in DIFFERENCE))
    points = Interval(100 * found.mean, 100 * found.low, 100 * found.high, found.n)
    size = points.size()
    digits = shared_places(size, 2)
    amount = number(size.mean, decimals=digits)
    unit = "point" if amount == "1" else "points"
    better = "better" if points.mean > 0 else "worse"
    than = f"{amount} {unit} {better} than" if points.mean else "as well as"
    pairs = count(found.n, "pair")
    # With its sign, so that an interval around zero reads as one.
    bounds = f"95\u00a0% interval {spread(size, 2)} points, over {pairs}"
    bounds = bounds if size.known else f"{pairs}, so without an interval"
    chance = ", which may be chance" if size.known and not size.excludes_zero else ""
    by = READERS[measure_of(row["metric"])]
    return (
        f"By {by} the codes of {row['stage']} read out {than} those of {row['below']} that they "
        f"stand on ({bounds}){chance}."
    )


def _lines(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Which best continues which setting."""
    parts = [
        f"the best of {row['stage']} continues "
        f"{place_in_words(row['below_rank'])} of {row['below']}"
        for row in rows
        if row["below"]
    ]
    return [f"{capital(listing(parts))}."] if parts else []


def _traces(
    frames: Frames, rows: Sequence[dict[str, Any]], ends: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The lines, the hollow marks and the bests of one panel."""
    at = {stage: place for place, stage in enumerate(ends)}
    bests = {row["stage"]: row for row in rows}
    traces = []
    for best, dash in ((True, "solid"), (False, "dot")):
        part = [r for r in rows if r["below"] and (r["below_rank"] == 1) == best]
        # Of a stage of which nothing is ranked, or a setting that lost all, there is no height.
        part = [r for r in part if r["below"] in at and r["below_mean"] == r["below_mean"]]
        if not part:
            continue
        beside = 0.0 if best else ASIDE
        x = [at[row["below"]] + beside for row in part]
        y = [row["below_mean"] for row in part]
        line = {
            "color": LIGHT.categorical[0] if best else LIGHT.reference,
            "width": 2,
            "dash": dash,
        }
        ways = zip(x, y, part, strict=True)
        joined = [
            (end for end in ((a, b), (at[row["stage"]], row["mean"]), (None, None)))
            for a, b, row in ways
        ]
        points = [end for way in joined for end in way]
        traces.append(
            typed(
                "scatter",
                x=[across for across, _ in points],
                y=[up for _, up in points],
                mode="lines",
                line=line,
                hoverinfo="skip",
            )
        )
        if not best:
            ring = {
                "color": LIGHT.reference,
                "size": 9,
                "symbol": "diamond-open",
                "line": {"width": 2},
            }
            texts = [_below(row) for row in part]
            traces.append(_marks(x, y, texts, ring, "what the next best continues instead"))
    dot = {"color": LIGHT.categorical[0], "size": 9, "symbol": "circle"}
    own = list(bests.values())
    marks = _marks(
        [at[row["stage"]] for row in own],
        [row["mean"] for row in own],
        [_hover(row) for row in own],
        dot,
        "best of its stage, mean over seeds",
    )
    if any(row["low"] == row["low"] for row in own):
        half = [row["high"] - row["mean"] if row["low"] == row["low"] else 0.0 for row in own]
        bars = {"array": half, "color": LIGHT.categorical[0], "thickness": 1.4, "width": 0}
        marks["error_y"] = bars
    # On top of the lines, and yet first in the legend.
    return [*traces, {**marks, "legendrank": 1}]


def _marks(
    x: list[float], y: list[float], texts: list[str], marker: dict[str, Any], name: str
) -> dict[str, Any]:
    hover = {"text": texts, "hovertemplate": "%{text}<extra></extra>"}
    return typed("scatter", x=x, y=y, mode="markers", name=name, marker=marker, **hover)


def _hover(row: dict[str, Any]) -> str:
    found = Interval.of(row)
    value = f"<b>{number(found.mean)}</b>" + (f" ({spread(found)})" if found.known else "")
    parts = [f"{plain(row['stage'])}: {value}", plain(row["text"]).replace(", ", "<br>")]
    parts += [row["unreliable"]] if row["unreliable"] else []
    return "<br>".join([*parts, count(found.n, "seed")])


def _below(row: dict[str, Any]) -> str:
    place = plain(f"{place_in_words(row['below_rank'])} of {row['below']}")
    return f"{place}: <b>{number(row['below_mean'])}</b>"
