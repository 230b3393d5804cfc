"""The best settings of two records, measure by measure: a dot and an interval for each.

A panel per measure, because measures share no unit. Intervals are Student's t over seeds, of each
side alone; what is known of their difference (``sides``) is in the table, and may be far more than
two intervals that overlap suggest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..outline import measure_of
from ..palette import LIGHT
from ..reliability import FLAG, HIGH, LOW, about
from ..sides import Pair, Side
from ..statistics import Interval, interval, rows
from ..wording import capital, count, listing, measure_label, number, plus_minus, spread
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

FIRST = (
    "reconstruction_error",
    "log_likelihood",
    "log_likelihood_bound",
    "classification_error",
    "probe_accuracy",
    "hoyer_sparsity",
    "active_units",
    "jacobian_norm",
)
"""The measures that are drawn, where they are there."""
SPLITS = ("validation", "test")
MOST = 12
"""Panels; the table has every measure."""
COLUMNS = [
    *("metric", "measure", "better", "left", "left_low", "left_high", "left_n"),
    *("right", "right_low", "right_high", "right_n"),
    *("difference", "difference_low", "difference_high", "by_seed", "doubt"),
]


def metrics(pair: Pair) -> tuple[str, ...]:
    """What both best settings have been measured by: the objective first, then as in ``FIRST``."""
    found: list[str] = []
    held = [side.frames.runs.columns for side in pair.sides]
    for name in map(str, held[0].intersection(held[1])):
        split, _, measure = name.partition("/")
        ends = (FLAG, LOW, HIGH)
        bound = any(name.endswith(end) and name.removesuffix(end) in held[0] for end in ends)
        if measure and split in SPLITS and not bound:
            found.append(name)
    goal = measure_of(pair.metric)

    def place(name: str) -> tuple[int, int, str, int]:
        split, _, measure = name.partition("/")
        known = FIRST.index(measure) if measure in FIRST else len(FIRST)
        return int(measure != goal), known, measure, SPLITS.index(split)

    return tuple(
        name
        for name in sorted(found, key=place)
        if all(len(side.of_best(name)) for side in pair.sides)
    )


def table(pair: Pair) -> pd.DataFrame:
    """A row per metric that both best settings have: mean and interval of each, and the difference.

    ``better``: "lower", "higher" or "". ``difference``: right minus left, NaN where data differ;
    ``by_seed``: whether it was taken seed by seed. ``doubt``: what is unreliable, in words.
    """
    if "scores" not in pair.memory:
        found = [_row(pair, metric) for metric in metrics(pair)]
        pair.memory["scores"] = pd.DataFrame(found, columns=COLUMNS)
    return pair.memory["scores"]


def shown(pair: Pair) -> pd.DataFrame:
    """The rows that are drawn and stand in the page's table: the objective and the best known."""
    every = table(pair)
    known = every["metric"].map(measure_of).isin([*FIRST, measure_of(pair.metric)])
    return every[known].head(MOST).reset_index(drop=True)


def draw(pair: Pair, columns: int = 2) -> Drawing:
    """A panel per measure, ``columns`` to a row, the left side above the right one."""
    panels = shown(pair)
    lines = -(-len(panels) // columns) or 1
    height = 62 + 132 * lines
    drawn = drawing(height, margin={"l": 14, "r": 30, "t": 58, "b": 34})
    if panels.empty:
        return drawn
    domains = tiles(len(panels), columns, gap=0.07, row_gap=68 / (height - 92))
    for index, row in enumerate(rows(panels)):
        name = "" if index == 0 else str(index + 1)
        for side in pair.sides:
            drawn.traces.append(_dot(side, row, index == 0, (f"x{name}", f"y{name}")))
        x, y = domains[index]
        drawn.layout[f"xaxis{name}"] = axis("", domain=x, anchor=f"y{name}", nticks=5)
        drawn.layout[f"yaxis{name}"] = axis(
            "",
            domain=y,
            anchor=f"x{name}",
            range=[1.6, -0.75],
            showticklabels=False,
            showgrid=False,
            showline=False,
            ticks="",
            tickvals=[0, 1],
        )
        title = wrapped(capital(str(row["measure"])), 44)
        drawn.annotations.append(panel_title(f"<b>{title}</b>", x[0], y[1]))
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(y=1 + 30 / (height - 92), traceorder="normal")
    return drawn


figure = checked(draw)


def sentence(pair: Pair) -> str:
    """In which measures the two differ beyond chance, and on whose side each of them is better."""
    every = table(pair)
    if every.empty:
        return "There is no measure that both best settings have."
    if not pair.same_data:
        return f"{capital(count(len(every), 'measure'))} both have, on different data."
    known = [row for row in rows(every) if Interval.of(_gap(row)).known]
    if not known:
        return "With one seed there are no intervals: each difference may be chance."
    apart = [row for row in known if Interval.of(_gap(row)).excludes_zero]
    lead = (
        f"Of {count(len(known), 'measure')} that both have, {len(apart)} "
        f"{'differs' if len(apart) == 1 else 'differ'} by more than seeds explain, each taken alone"
    )
    parts = []
    for side in pair.sides:
        if better := _better(pair, side, apart):
            parts.append(f"{side.label} is better in {listing(better)}")
    return f"{lead}. Of those shown, {'; '.join(parts)}." if parts else f"{lead}."


def _better(pair: Pair, side: Side, apart: Sequence[dict[str, Any]]) -> list[str]:
    """The drawn measures that are better on a side; without a split where all splits agree."""
    drawn = list(shown(pair)["metric"])
    won = [row["metric"] for row in apart if row["metric"] in drawn and _wins(side, row)]
    found = []
    for metric in won:
        of_measure = [name for name in drawn if measure_of(name) == measure_of(metric)]
        every = all(name in won for name in of_measure)
        found.append(measure_label(pair.left.frames, metric, split=not every))
    return list(dict.fromkeys(found))


def _row(pair: Pair, metric: str) -> tuple[object, ...]:
    one, two = (interval(side.of_best(metric).to_numpy()) for side in pair.sides)
    gap = pair.difference(metric)
    known = (pair.left.frames.study.get("metrics") or {}).get(measure_of(metric)) or {}
    doubts = [(side, about(side.trials_of_best, metric)) for side in pair.sides]
    return (
        metric,
        measure_label(pair.left.frames, metric),
        str(known.get("better") or ""),
        *(one.mean, one.low, one.high, one.n),
        *(two.mean, two.low, two.high, two.n),
        *(gap.mean, gap.low, gap.high, pair.by_seed(metric)),
        "; ".join(f"{side.label} {found}" for side, found in doubts if found is not None),
    )


def _gap(row: dict[str, Any]) -> dict[str, Any]:
    names = {"mean": "difference", "low": "difference_low", "high": "difference_high"}
    return {**{to: row[name] for to, name in names.items()}, "n": 0}


def _wins(side: Side, row: dict[str, Any]) -> bool:
    if not row["better"]:
        return False
    right_is_lower = float(row["difference"]) < 0
    return right_is_lower == ((side.place == 1) == (str(row["better"]) == "lower"))


def _dot(side: Side, row: dict[str, Any], first: bool, axes: tuple[str, str]) -> dict[str, Any]:
    name = ("left", "right")[side.place]
    found = Interval(row[name], row[f"{name}_low"], row[f"{name}_high"], int(row[f"{name}_n"]))
    half = found.high - found.mean if found.known else 0.0
    bounds = f"<br>{spread(found)}" if found.known else ""
    return typed(
        "scatter",
        x=[found.mean],
        y=[side.place],
        xaxis=axes[0],
        yaxis=axes[1],
        name=plain(side.label),
        legendgroup=str(side.place),
        showlegend=first,
        mode="markers+text",
        cliponaxis=False,
        marker={"color": side.colour, "size": 10, "symbol": side.symbol},
        error_x={"array": [half], "color": side.colour, "thickness": 2, "width": 0},
        text=[number(found.mean)],
        textposition="top center",
        textfont={"size": 12, "color": LIGHT.text},
        hovertemplate=f"{plain(side.label)}: <b>{plus_minus(found)}</b>{bounds}"
        f"<br>{count(found.n, 'seed')}<extra></extra>",
    )
