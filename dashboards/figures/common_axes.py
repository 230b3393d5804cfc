"""The regularisers on common measured axes: what each one costs in error for what it does.

A sparsity weight, a noise level and a contraction weight have no common unit. What they do has: how
sparse the code is, how strongly it answers the input (‖J‖_F; Rifai et al. 2011, ICML), and how far
r carries a noisy input (‖r(x̃) − x̃‖; Alain & Bengio 2014, JMLR 15:3743). For each regulariser of a
stage a line leads through its values in order of strength, the others at their lowest values or, if
that gives more lines, averaged over: the same ones, seed by seed, at every value of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..effects import with_starting_seeds
from ..memory import remembered
from ..outline import ERROR, REGULARISERS, finished, measure_of, own_swept, swept
from ..palette import LIGHT, categorical
from ..wording import axis_label, capital, count, listing, measure_label, number, value_text
from .style import Drawing, axis, checked, drawing, plain, tiles, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

Numbers = NDArray[np.float64]
PROBE = "validation/probe_accuracy"
EXTREMES = {
    "hoyer_sparsity": ("the sparsest code", "the densest"),
    "nonzero_units": ("the most units that speak", "the fewest"),
    "jacobian_norm": ("the least contractive code", "the most contractive"),
    "displacement_0.25": ("the longest way of noisy inputs", "the shortest"),
}
WAYS = {
    "lowest": "at their lowest value",
    "averaged": "averaged over, the same ones at every value",
}
LOOKS = (("solid", "circle"), ("dash", "square"), ("dot", "diamond"))
COLUMNS = ["metric", "regulariser", "value", "measure", "error", "n", "held"]
POINTER = {"arrowhead": 0, "arrowwidth": 1, "arrowcolor": LIGHT.axis}
LETTERS = {"font": {"size": 12.5, "color": LIGHT.text}, "bgcolor": LIGHT.background}
PANEL, ROOM = 250, 64  # pixels: a panel's height, and between two rows


class Line(NamedTuple):
    """One regulariser's points in order of strength; ``held``: a key of ``WAYS``."""

    path: str
    held: str
    n: int
    values: Numbers
    error: Numbers
    measures: dict[str, Numbers]


def outcomes(frames: Frames, stage: str) -> tuple[str, ...]:
    """What can stand upright, of probe accuracy 1 − it; nothing without two regularisers."""
    known = (ERROR, PROBE) if len(_regularisers(frames, stage)) > 1 else ()
    return tuple(metric for metric in known if not finished(frames, stage, metric).empty)


@remembered
def lines(frames: Frames, stage: str, outcome: str = ERROR) -> tuple[Line, ...]:
    """Regularisers' lines, none where not two have one; of measures that most trials have."""
    if outcome not in outcomes(frames, stage):
        return ()
    trials = with_starting_seeds(frames, finished(frames, stage, outcome))
    known = [name for name in (f"validation/{measure}" for measure in EXTREMES) if name in trials]
    metrics = [outcome, *(name for name in known if trials[name].notna().mean() > 0.5)]
    data = trials[metrics].to_numpy(dtype=float)
    fine: NDArray[np.bool_] = np.all(np.isfinite(data), axis=1)
    trials, data = trials.loc[fine], data[fine]
    if outcome == PROBE:
        data[:, 0] = 1.0 - data[:, 0]
    columns = {name: trials[name].to_numpy() for name in ("seed", *swept(frames, stage))}
    codes = {n: pd.factorize(c, use_na_sentinel=False)[0] for n, c in columns.items()}
    paths, found = _regularisers(frames, stage), list[Line]()
    for held in WAYS:
        made = []
        for path in paths:
            fixed = [name for name in paths if name != path and held == "lowest"]
            lowest = [columns[name] == frames.trials(stage)[name].min() for name in fixed]
            chosen = np.all([~np.isnan(columns[path]), *lowest], axis=0)
            by = [code[chosen] for name, code in codes.items() if name not in (path, *fixed)]
            if walked := _walk(columns[path][chosen], by, data[chosen]):
                levels, n, means = walked
                measures = dict(zip(metrics[1:], means[1:], strict=True))
                made.append(Line(path, held, n, levels, means[0], measures))
        found = made if len(made) > len(found) else found
    for metric in metrics[1:] if len(found) > 1 else []:
        points = np.concatenate([line.measures[metric] for line in found])
        if np.ptp(points) <= 1e-6 * np.abs(points).max():
            for line in found:
                del line.measures[metric]
    return tuple(found) if len(found) > 1 and found[0].measures else ()


def _walk(
    values: Numbers, by: list[NDArray[np.int64]], data: Numbers
) -> tuple[Numbers, int, Numbers] | None:
    """Levels, seeds, means (columns, levels) over companies (seed, …) that are at every level."""
    levels, column = np.unique(values, return_inverse=True)
    if len(levels) < 2:
        return None
    row = np.unique(np.stack(by), axis=1, return_inverse=True)[1].ravel()
    shape = (int(row.max()) + 1, len(levels))
    cell, cells = row * shape[1] + column, shape[0] * shape[1]
    trials = np.bincount(cell, minlength=cells).reshape(shape)
    whole: NDArray[np.bool_] = np.all(trials > 0, axis=1)
    sums = np.stack([np.bincount(cell, one, minlength=cells).reshape(shape) for one in data.T])
    means = sums[:, whole] / trials[whole]
    return (levels, len(set(by[0][whole[row]])), means.mean(1)) if whole.any() else None


def _regularisers(frames: Frames, stage: str) -> list[str]:
    own, trials = own_swept(frames, stage), frames.trials(stage)
    return [path for path in REGULARISERS if path in own and trials[path].dtype.kind == "f"]


def table(frames: Frames, stage: str, outcome: str = ERROR) -> pd.DataFrame:
    """``COLUMNS``: every point; means over ``n`` seeds of ``metric`` and of the outcome (error)."""
    found, rows = lines(frames, stage, outcome), []
    for metric in found[0].measures if found else ():
        for line in found:
            for value, *at in zip(line.values, line.measures[metric], line.error, strict=True):
                rows.append((metric, line.path, value, *at, line.n, line.held))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(frames: Frames, stage: str, outcome: str = ERROR, columns: int = 3) -> Drawing:
    """A panel per measure, ``columns`` to a row: the measure across, the error upright."""
    found = lines(frames, stage, outcome)
    if not found:
        return drawing(200)
    shown = list(found[0].measures)
    columns = min(columns, 2 if len(shown) == 4 else len(shown))
    height = -(-len(shown) // columns) * (PANEL + ROOM) - ROOM
    drawn = drawing(height + 80, margin={"l": 64, "r": 14, "t": 24, "b": 56})
    for index, (x, y) in enumerate(tiles(len(shown), columns, 0.07, ROOM / height)):
        name, metric = "" if index == 0 else str(index + 1), shown[index]
        across = _reach([line.measures[metric] for line in found])
        upright = _reach([line.error for line in found])
        title = capital(plain(measure_label(frames, metric, split=False)))
        side = capital(plain(_upright(frames, outcome))) if index % columns == 0 else ""
        drawn.layout[f"xaxis{name}"] = axis(title, domain=x, anchor=f"y{name}", range=across)
        drawn.layout[f"yaxis{name}"] = axis(side, domain=y, anchor=f"x{name}", range=upright)
        drawn.traces += [_trace(frames, line, metric, outcome, name) for line in found]
        drawn.annotations += _labels(frames, found, metric, [across, upright], name)
    return drawn


figure = checked(draw)


def _upright(frames: Frames, outcome: str) -> str:
    return "validation probe error" if outcome == PROBE else measure_label(frames, outcome)


def _reach(parts: list[Numbers]) -> list[float]:
    values = np.concatenate(parts)
    margin = 0.1 * float(np.ptp(values)) or 0.5
    return [float(values.min()) - margin, float(values.max()) + margin]


def _trace(frames: Frames, line: Line, metric: str, outcome: str, name: str) -> dict[str, Any]:
    kind = REGULARISERS.index(line.path)
    names = (measure_label(frames, metric), _upright(frames, outcome))
    label, across, upright = map(plain, (axis_label(frames, line.path), *names))
    return typed(
        "scatter",
        x=line.measures[metric].tolist(),
        y=line.error.tolist(),
        mode="lines+markers",
        line={"color": categorical(kind), "width": 2.3, "dash": LOOKS[kind][0]},
        marker={"color": categorical(kind), "size": 8, "symbol": LOOKS[kind][1]},
        text=[
            f"<b>{label} {value_text(value)}</b><br>{across} {number(at)}<br>"
            f"{upright} {number(error)}<br>{count(line.n, 'seed')}"
            for value, at, error in zip(line.values, line.measures[metric], line.error, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        xaxis=f"x{name}",
        yaxis=f"y{name}",
    )


def _labels(
    frames: Frames, found: tuple[Line, ...], metric: str, spans: list[list[float]], name: str
) -> list[dict[str, Any]]:
    """Regulariser and value at each line's strong end, so far apart that all can be read."""
    labels, last = [], -np.inf
    for line in sorted(found, key=lambda line: -float(line.error[-1])):
        x, y = float(line.measures[metric][-1]), float(line.error[-1])
        down = PANEL * (spans[1][1] - y) / (spans[1][1] - spans[1][0])
        text = wrapped(f"{axis_label(frames, line.path)} {value_text(line.values[-1])}", 26)
        place = max(down - 14, last + 18)
        last = place + 15 * text.count("<br>")
        end = {"x": x, "y": y, "xref": f"x{name}", "yref": f"y{name}", "ay": place - down}
        right = x > sum(spans[0]) / 2
        side = {"ax": -16, "xanchor": "right"} if right else {"ax": 16, "xanchor": "left"}
        labels.append({"text": text, **end, **side, **POINTER, **LETTERS})
    return labels


def at_error(measure: Numbers, error: Numbers, goal: float) -> float:
    """The measure where a line, straight from point to point, last meets an error; else NaN."""
    crossed = np.flatnonzero((error[:-1] - goal) * (error[1:] - goal) <= 0)
    if not len(crossed):
        return float("nan")
    i = crossed[-1]
    share = (goal - error[i]) / (error[i + 1] - error[i]) if error[i + 1] != error[i] else 1.0
    return float((1 - share) * measure[i] + share * measure[i + 1])


def sentence(frames: Frames, stage: str, outcome: str = ERROR) -> str:
    """At the same error, midway in what all lines reach: which regulariser does most, and least."""
    found = lines(frames, stage, outcome)
    if not found:
        return "No two regularisers of this stage can be put on common axes."
    names = {line.path: axis_label(frames, line.path) for line in found}
    label, ranges = (
        _upright(frames, outcome),
        [(e.min(), e.max()) for e in (one.error for one in found)],
    )
    low, high = max(a for a, _ in ranges), min(b for _, b in ranges)
    if high - low <= 1e-6 * abs(high):
        ends = zip(names.values(), ranges, strict=True)
        spans = [f"{name} {number(a)} to {number(b)}" for name, (a, b) in ends]
        return f"The ranges of {label} do not overlap, so nothing is compared: {listing(spans)}."
    goal, parts = float(low + high) / 2, []
    for metric in found[0].measures:
        at = {line.path: at_error(line.measures[metric], line.error, goal) for line in found}
        most, *_, least = sorted(at, key=lambda path: -at[path])
        top, bottom = EXTREMES[measure_of(metric)]
        value = f"{measure_label(frames, metric, split=False)} {number(at[most])}"
        first = f"the {names[most]} gives {top} ({value})"
        parts.append(f"{first}, the {names[least]} {bottom} ({number(at[least])})")
    return f"At a {label} of {number(goal)}, which all lines reach, {'; '.join(parts)}."


def note(frames: Frames, stage: str, outcome: str = ERROR) -> str:
    """How the other regularisers are held on every line, and which regulariser has no line."""
    found = lines(frames, stage, outcome)
    drawn = [line.path for line in found]
    left = [axis_label(frames, p) for p in _regularisers(frames, stage) if p not in drawn]
    how = f"On each line the other regularisers are {WAYS[found[0].held]}. " if found else ""
    return f"{how}{f'No line for {listing(left)}.' if left else ''}".strip()
