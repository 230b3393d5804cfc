"""The tree of a study of several stages: which settings went on, and what came of each.

A column per stage, a node per setting, an edge to every setting that started from it. Within a
stage the strongest colour has the best mean over seeds of the objective. The best of each stage has
a ring and its number; the way to the best end is thick. Shapes say what became of a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..lineage import best_paths, places, saving, table
from ..outline import objective
from ..palette import LIGHT, stops
from ..statistics import rows as records
from ..wording import capital, count, measure_label, number
from .style import Drawing, checked, drawing, legend, plain, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

SLOT, LARGEST = 17, 14
"""Pixels from one leaf to the next, and across the largest node."""
SYMBOLS = {
    "kept": ("circle", "diamond"),
    "last stage": ("square", "star-diamond"),
    "not kept": ("circle-open", "diamond-open"),
    "stopped early": ("triangle-down-open", "triangle-down-open-dot"),
    "diverged or failed": ("x-open", "x-open-dot"),
    "not finished": ("circle-open-dot", "diamond-open-dot"),
}
"""By state, of what was trained here and of what came from the store."""


def draw(frames: Frames, labels: bool = True) -> Drawing:
    """The tree from left to right; ``labels``: beside the best of each stage, its values too."""
    every = records(table(frames))
    path = {row["setting"] for way in best_paths(frames) for row in way}
    at = places(every, path)
    rows = [row for row in every if row["setting"] in at]
    stages = [stage for stage in frames.stages if any(row["stage"] == stage for row in rows)]
    x_of = {row["setting"]: stages.index(row["stage"]) for row in rows}
    lowest = max(at.values(), default=0.0)
    bottom = 70 if labels else 130
    margin = {"l": 8, "r": 8, "t": 52, "b": bottom}
    drawn = drawing(round(52 + bottom + SLOT * (lowest + 2.2)), margin=margin)
    hidden = {"visible": False, "fixedrange": True}
    room = 0.5 if labels else 0.4
    drawn.layout["xaxis"] = {**hidden, "range": [-room, len(stages) - 1 + room]}
    drawn.layout["yaxis"] = {**hidden, "range": [lowest + 1.1, -1.1]}
    every_edge = [(parent, row["setting"]) for row in rows for parent in row["parents"]]
    for thick, colour, width in ((False, LIGHT.axis, 1), (True, LIGHT.emphasis, 3)):
        edges = [edge for edge in every_edge if (path >= set(edge)) == thick]
        x = [x for a, b in edges for x in (x_of[a], x_of[b], None)]
        y = [y for a, b in edges for y in (at[a], at[b], None)]
        line = {"mode": "lines", "line": {"color": colour, "width": width}, "hoverinfo": "skip"}
        drawn.traces.append(
            typed("scatter", x=x, y=y, name="the best path", showlegend=thick, **line)
        )
    drawn.traces += _nodes(frames, rows, x_of, at)
    for index, stage in enumerate(stages):
        own = [row for row in every if row["stage"] == stage]
        title = f"<b>{wrapped(stage, 30 if labels else 16)}</b><br>{count(len(own), 'setting')}"
        drawn.annotations.append(_note(title, index, 1.0, yref="paper", yanchor="bottom"))
        for row in own[:1] if own[0]["rank"] == 1 else []:
            text = f"<b>{number(row['mean'])}</b>"
            text += f"<br>{wrapped(row['text'], 24)}" if labels and row["text"] != "" else ""
            final = index == len(stages) - 1
            side = "left" if final else "right"
            beside = {"xanchor": side, "align": side, "xshift": 14 if final else -14}
            # Downwards from the node: beside one at the very top it would run into the title.
            beside |= {"yanchor": "top", "yshift": 11}
            drawn.annotations.append(_note(text, index, at[row["setting"]], **beside))
    drawn.layout.update(showlegend=bool(rows), legend=legend(y=0, yanchor="top"))
    return drawn


figure = checked(draw)


def sentence(frames: Frames) -> str:
    """How many settings each stage has and kept, the best path, and what sharing saved."""
    every = records(table(frames))
    if not every:
        return "No setting started from another one."
    parts = []
    for stage in frames.stages:
        own = [row for row in every if row["stage"] == stage]
        kept = sum(row["children"] > 0 for row in own)
        kept_text = f", of which {kept} {'was' if kept == 1 else 'were'} kept" if kept else ""
        parts += [f"{stage} has {count(len(own), 'setting')}{kept_text}"] if own else []
    text = f"{capital('; '.join(parts))}."
    for way in best_paths(frames):
        end = way[-1]
        values = ", ".join(f"{row['text']} ({row['stage']})" for row in way)
        label = measure_label(frames, objective(frames, end["stage"])[0])
        text += f" The best path is {values}: a {label} of {number(end['mean'])}."
    if not best_paths(frames):
        text += " No setting of the last stage has finished, so no path is the best."
    shared, alone = saving(frames)
    text += f" The tree has {count(shared, 'trial')}; had every path trained its own stages from "
    text += f"the data on, there would be {alone}: sharing saved {alone - shared}."
    path = {row["setting"] for way in best_paths(frames) for row in way}
    if left_out := len(every) - len(places(every, path)):
        text += f" {count(left_out, 'setting')}, none of them on the best path, "
        text += f"{'is' if left_out == 1 else 'are'} not drawn."
    return text


def _nodes(
    frames: Frames, rows: list[dict[str, Any]], x_of: Mapping[str, int], at: Mapping[str, float]
) -> list[dict[str, Any]]:
    """A trace per state and origin, and one of rings around the best of each stage."""
    reach: dict[str, list[float]] = {}
    for row in rows:
        if row["mean"] == row["mean"]:
            reach.setdefault(row["stage"], []).append(row["mean"])
    most = max((row["trials"] for row in rows), default=1)

    def trace(own: list[dict[str, Any]], marker: dict[str, Any], name: str) -> dict[str, Any]:
        x = [x_of[row["setting"]] for row in own]
        y = [at[row["setting"]] for row in own]
        hover = {"text": [_hover(r) for r in own], "hovertemplate": "%{text}<extra></extra>"}
        return typed("scatter", x=x, y=y, mode="markers", name=name, marker=marker, **hover)

    def goodness(row: dict[str, Any]) -> float | None:
        if row["mean"] != row["mean"]:
            return None
        low, high = min(reach[row["stage"]]), max(reach[row["stage"]])
        share = (row["mean"] - low) / (high - low) if high > low else 0.0
        return 1.0 - share if objective(frames, row["stage"])[1] else share or float(high == low)

    traces = []
    for state, symbols in SYMBOLS.items():
        for symbol, reused in zip(symbols, (False, True), strict=True):
            own = [row for row in rows if row["state"] == state and bool(row["reused"]) == reused]
            if not own:
                continue
            shares = [goodness(row) for row in own]
            marker: dict[str, Any] = {
                "symbol": symbol,
                "size": [max(LARGEST * (row["trials"] / most) ** 0.5, 6) for row in own],
                "line": {"color": LIGHT.axis, "width": 2 if "open" in symbol else 1},
                "color": LIGHT.reference,
                "opacity": 1,
            }
            if None not in shares:
                scale = {"colorscale": stops(LIGHT.sequential[2:]), "cmin": 0, "cmax": 1}
                marker |= {"color": shares, **scale}
            traces.append(trace(own, marker, f"{state}, from the store" if reused else state))
    ring = {"symbol": "circle-open", "size": LARGEST + 7, "color": LIGHT.emphasis}
    best = [row for row in rows if row["rank"] == 1]
    return [*traces, trace(best, {**ring, "line": {"width": 2}}, "best of its stage")]


def _note(text: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    font = {"size": 12.5, "color": LIGHT.text}
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": font, **more}


def _hover(row: dict[str, Any]) -> str:
    values = plain(row["text"]).replace(", ", "<br>")
    trials = f"{row['finished']} of {count(row['trials'], 'trial')} finished"
    place = (
        f"{int(row['rank'])}. <b>{number(row['mean'])}</b>" if row["rank"] == row["rank"] else ""
    )
    return "<br>".join(filter(None, (place, values, trials, row["state"])))
