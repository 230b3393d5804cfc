"""Which settings no other beats: reconstruction error against code sparsity and probe accuracy.

One setting dominates another when it is at least as good in every objective and better in one;
what nothing dominates is the Pareto front (Miettinen 1999, Nonlinear Multiobjective Optimization).
It is the front of means over seeds: of two settings close to one another, chance may decide which
is on it. A setting that lost a seed, or has fewer seeds than others so far, is shown but not
compared, because its mean hides what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..effects import with_starting_seeds
from ..memory import remembered
from ..outline import ERROR, finished, swept
from ..palette import LIGHT, stops
from ..statistics import rows
from ..wording import capital, count, listing, measure_label, number, setting_text, word
from .style import Drawing, axis, checked, drawing, legend, plain, typed

if TYPE_CHECKING:
    from ..frames import Frames

SPARSITY = (
    ("validation/hoyer_sparsity", "higher"),
    ("validation/nonzero_units", "lower"),
    ("validation/active_units", "lower"),
)
PROBE = (("validation/probe_accuracy", "higher"), ("test/probe_accuracy", "higher"))
Objective = tuple[str, str]


def front(values: ArrayLike, directions: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) whether a row of ``values`` (n, k) is dominated by none; equal rows are on it together.

    ``directions``: "lower" or "higher", which is better, for each of the k columns. A row that
    holds a NaN is not on the front, and dominates nothing.
    """
    signs = np.array([{"lower": 1.0, "higher": -1.0}[way] for way in directions])
    costs = np.asarray(values, dtype=float).reshape(-1, len(signs)) * signs
    known = ~np.isnan(costs).any(1)
    no_worse = known[:, None] & known
    better = np.zeros_like(no_worse)
    for column in costs.T:
        no_worse &= column[:, None] <= column
        better |= column[:, None] < column
    found: NDArray[np.bool_] = known & ~(no_worse & better).any(0)
    return found


@remembered
def objectives(frames: Frames, stage: str) -> tuple[Objective, ...]:
    """(metric, better way) of error, sparsity and perhaps probe; empty without the first two."""
    trials = finished(frames, stage, ERROR)
    held = [
        next((one for one in choice if one[0] in trials and trials[one[0]].notna().any()), None)
        for choice in (((ERROR, "lower"),), SPARSITY, PROBE)
    ]
    if held[0] is None or held[1] is None:
        return ()
    return tuple(one for one in held if one is not None)


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """A row per setting by error: ``setting``, its swept values, its means, ``n, whole, front``.

    The means bear the metrics' names. ``n``: seeds with all of them; ``whole``: whether that is as
    many as any setting has; ``front``: whether it is whole and no whole setting dominates it.
    """
    aims = objectives(frames, stage)
    if not aims:
        return pd.DataFrame()
    names, directions = [name for name, _ in aims], [way for _, way in aims]
    trials = with_starting_seeds(frames, finished(frames, stage, ERROR))
    trials = trials[np.isfinite(trials[names].to_numpy(dtype=float)).all(1)]
    if trials.empty:
        return pd.DataFrame()
    codes, settings = pd.factorize(trials["setting"].to_numpy())
    n = np.bincount(codes)
    means = {name: np.bincount(codes, trials[name].to_numpy(float)) / n for name in names}
    first = np.unique(codes, return_index=True)[1]
    whole = n == n.max()
    # Single precision, as measured: the order of summation must not break a tie.
    compared = np.column_stack(list(means.values()))[whole].astype(np.float32)
    on_front = np.zeros(len(n), dtype=bool)
    on_front[whole] = front(compared, directions)
    found = {
        "setting": settings,
        **{path: trials[path].to_numpy()[first] for path in swept(frames, stage)},
        **means,
        "n": n,
        "whole": whole,
        "front": on_front,
    }
    return pd.DataFrame(found).sort_values([ERROR, names[1]], ignore_index=True)


def draw(frames: Frames, stage: str, narrow: bool = False) -> Drawing:
    """A mark per setting, its colour the probe accuracy; two objectives' front is joined."""
    shown = table(frames, stage)
    drawn = drawing(520 if narrow else 430, margin={"l": 64, "r": 14, "t": 64, "b": 56})
    if shown.empty:
        return drawn
    (error, _), (sparsity, way), *probe = objectives(frames, stage)
    on_front = shown[shown["front"]]
    if not probe and len(on_front) > 1:
        drawn.traces.append(
            typed(
                "scatter",
                x=list(on_front[error]),
                y=list(on_front[sparsity]),
                mode="lines",
                line={"color": LIGHT.categorical[1], "width": 1.6},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    whole = shown["whole"]
    for part, look in (
        (shown[~whole], ("a seed is lost or missing", "x-thin", 8, LIGHT.reference)),
        (shown[whole & ~shown["front"]], ("dominated", "circle", 8, LIGHT.reference)),
        (on_front, ("on the Pareto front", "diamond", 13, LIGHT.text)),
    ):
        if part.empty:
            continue
        name, symbol, size, edge = look
        marker = {"symbol": symbol, "size": size, "line": {"color": edge, "width": 1.5}}
        one = {"color": LIGHT.reference if probe or size < 13 else LIGHT.categorical[1]}
        scaled = {"color": list(part[probe[0][0]]), "coloraxis": "coloraxis"} if probe else one
        drawn.traces += [
            typed(
                "scatter",
                x=list(part[error]),
                y=list(part[sparsity]),
                mode="markers",
                marker={**marker, **scaled},
                text=[_hover(frames, stage, row) for row in rows(part)],
                hovertemplate="%{text}<extra></extra>",
                showlegend=False,
            ),
            # A legend shows a scale's mark in black, which the night would hide.
            typed("scatter", x=[None], y=[None], mode="markers", name=name, marker=marker | one),
        ]
    if probe:
        title = plain(measure_label(frames, probe[0][0]))
        drawn.layout["coloraxis"] = _colours(shown[probe[0][0]], capital(title), narrow)
        drawn.layout["margin"]["b"] = 140 if narrow else 56
    drawn.layout["xaxis"] = axis(capital(plain(measure_label(frames, error))), nticks=6)
    drawn.layout["yaxis"] = axis(
        capital(plain(measure_label(frames, sparsity))),
        nticks=6,
        **({"autorange": "reversed"} if way == "lower" else {}),
    )
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(traceorder="reversed")
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stage: str) -> str:
    """How many settings are on the front, its ends with their numbers, and what is left out."""
    aims, shown = objectives(frames, stage), table(frames, stage)
    if shown.empty:
        return "No finished trial of this stage has both a reconstruction error and a sparsity."
    labels = [measure_label(frames, name, split=False) for name, _ in aims]
    compared = shown[shown["whole"]]
    left = frames.trials(stage)["setting"].nunique() - len(compared)
    out = f" Not compared, for a lost or missing seed: {count(left, 'setting')}." if left else ""
    ends: dict[int, list[str]] = {}
    on_front = rows(compared[compared["front"]])
    for label, (name, way) in zip(labels, aims, strict=True):
        place = _end(compared[compared["front"]], aims, name)
        ends.setdefault(place, []).append(f"the {way.replace('er', 'est')} {label}")
    if len(compared) == 1:
        what = f"{_said(frames, stage, on_front[0])} has {_numbers(frames, on_front[0], aims)}"
        return f"One setting can be compared, so nothing is traded: {what}.{out}"
    whole = f"{capital(word(len(on_front)))} of {count(len(compared), 'setting')}"
    splits = [measure_label(frames, name) for name, _ in aims]
    if all(name.startswith("validation/") for name, _ in aims):
        splits = [*splits[:1], *labels[1:]]
    lead = (
        f"{whole} {'is' if len(on_front) == 1 else 'are'} on the Pareto front of {listing(splits)}"
    )
    parts = [
        f"{_said(frames, stage, on_front[place])} has {listing(names)} "
        f"({_numbers(frames, on_front[place], aims)})"
        for place, names in ends.items()
    ]
    return f"{lead}: {'; '.join(parts)}.{out}"


def _end(on_front: pd.DataFrame, aims: Sequence[Objective], first: str) -> int:
    """The place of the best in one objective, ties broken by the others in order."""
    order = sorted(aims, key=lambda one: (one[0] == first, -aims.index(one)))
    signs = [1 if way == "lower" else -1 for _, way in order]
    values = [on_front[name].to_numpy(dtype=np.float32) for name, _ in order]
    return int(np.lexsort([v * sign for v, sign in zip(values, signs, strict=True)])[0])


def _numbers(frames: Frames, row: dict[str, Any], aims: Sequence[Objective]) -> str:
    return ", ".join(
        f"{measure_label(frames, name, split=False)} {number(float(row[name]))}" for name, _ in aims
    )


def _said(frames: Frames, stage: str, row: dict[str, Any]) -> str:
    """The setting in words; what a setting does not have is not named."""
    paths = [path for path in swept(frames, stage) if not pd.isna(row[path])]
    return setting_text(frames, row, paths)


def _hover(frames: Frames, stage: str, row: dict[str, Any]) -> str:
    text = plain(_said(frames, stage, row)).replace(", ", "<br>")
    numbers = plain(_numbers(frames, row, objectives(frames, stage))).replace(", ", "<br>")
    return f"<b>{text}</b><br>{numbers}<br>{count(int(row['n']), 'seed')}"


def _colours(values: pd.Series, title: str, narrow: bool) -> dict[str, Any]:
    """The scale of probe accuracy: beside the plot, or below it on narrow screens."""
    low, high = float(values.min()), float(values.max())
    below = {"orientation": "h", "y": -0.24, "yanchor": "top", "x": 0.5}
    return {
        "colorscale": stops(LIGHT.sequential),
        "cmin": low,
        "cmax": high if high > low else low + 1.0,
        "colorbar": {
            "title": {
                "text": title,
                "side": "top" if narrow else "right",
                "font": {"color": LIGHT.quiet_text, "size": 13},
            },
            "thickness": 10,
            "outlinewidth": 0,
            "tickfont": {"color": LIGHT.quiet_text, "size": 12},
            "nticks": 5,
            "len": 1.0,
            **(below if narrow else {}),
        },
    }
