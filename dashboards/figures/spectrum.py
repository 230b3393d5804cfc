"""In how many directions a code moves: the spectrum of its Jacobian against what was swept.

Of the singular values σ of ∂code/∂input every trial keeps two numbers, means over samples: the
effective rank exp(−Σ p log p) with p = σ/Σσ, in directions (Roy & Vetterli 2007, EUSIPCO), and the
largest σ, in the code's unit per the input's. A spectrum that falls steeply, so few directions,
says that the code follows a manifold of few dimensions (Rifai et al. 2011, ICML). Each point is a
setting, mean over seeds; the line is the average over those settings of the other hyperparameters
that were finished at every value and seed, so that all values are averaged over the same company.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import wording
from ..effects import ranked, with_starting_seeds
from ..memory import remembered
from ..outline import finished, own_swept, swept
from ..palette import LIGHT
from ..statistics import Interval, interval
from . import style
from .scales import Scale, scale, ticks
from .style import Drawing, checked, plain, typed

if TYPE_CHECKING:
    from ..frames import Frames

RANK, LARGEST = "validation/effective_rank", "validation/leading_singular_value"
CONTRACTION = "contraction.weight"
SHOWN = 3  # Hyperparameters: as many panels as stand in a row.
COLUMNS = ["metric", "path", "view", "setting", "role", "value", "mean", "low", "high", "n"]
LOOKS = {
    "": ("circle-open", LIGHT.axis),
    "best": ("diamond", LIGHT.categorical[1]),
    **dict.fromkeys(("strongest", "highest"), ("triangle-up", LIGHT.categorical[2])),
    **dict.fromkeys(("weakest", "lowest"), ("triangle-down", LIGHT.categorical[3])),
}


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``COLUMNS``: ``view`` is "setting" or "average", ``role`` as in ``marked``, else ""."""
    paths = own_swept(frames, stage)[:SHOWN]
    panels = [_panel(frames, stage, m, path) for m in (RANK, LARGEST) for path in paths]
    rows = [row for panel in panels for row in panel]
    told = {setting: role for role, (setting, _) in reversed(marked(frames, stage).items())}
    made = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "role"])
    made.insert(4, "role", [told.get(row[3], "") for row in rows])
    return made


@remembered
def marked(frames: Frames, stage: str) -> dict[str, tuple[str, str]]:
    """The settings to tell apart, by role: which it is and what it is called.

    The best one, and those with the strongest and the weakest contraction. Where that is not swept:
    the highest and the lowest value of the hyperparameter along which the average effective rank
    goes farthest. Of several settings with that value it is the best by the objective.
    """
    order = ranked(frames, stage)
    if order.empty:
        return {}
    found = {"best": (str(order.index[0]), "the best setting")}
    path, roles = CONTRACTION, ("strongest", "weakest")
    if path not in own_swept(frames, stage):
        reach = {one: _reach(frames, stage, one) for one in own_swept(frames, stage)[:SHOWN]}
        path, roles = max(reach, key=lambda one: reach[one], default=""), ("highest", "lowest")
    if not path:
        return found
    known = order[path].dropna()
    along = scale(list(known), log=False)
    where = [along.at(value) for value in known]
    if len(set(where)) < 2:
        return found
    for role, end in zip(roles, (max(where), min(where)), strict=True):
        place = where.index(end)
        value = f"{wording.axis_label(frames, path)}, {wording.value_text(known.iloc[place])}"
        found[role] = (str(known.index[place]), f"{role} {value}: the best setting with it")
    return found


def draw(frames: Frames, stage: str, columns: int = SHOWN) -> Drawing:
    """A panel per number and hyperparameter, ``columns`` to a row."""
    rows = table(frames, stage)
    shown = list(dict.fromkeys(zip(rows["metric"], rows["path"], strict=True)))
    columns = max(1, min(columns, len({path for _, path in shown})))
    top = 44 + 20 * (2 + len(marked(frames, stage)))
    height = top + 52 + 260 * max(-(-len(shown) // columns), 1)
    drawn = style.drawing(height, margin={"l": 56, "r": 18, "t": top, "b": 52})
    if rows.empty:
        return drawn
    domains = style.tiles(len(shown), columns, gap=0.085, row_gap=96 / (height - top - 52))
    arrays = {name: rows[name].to_numpy() for name in COLUMNS}
    for index, (metric, path) in enumerate(shown):
        name = "" if index == 0 else str(index + 1)
        chosen = (arrays["metric"] == metric) & (arrays["path"] == path)
        part = {column: values[chosen] for column, values in arrays.items()}
        along = scale(list(part["value"]), bool(wording.axis_entry(frames, path).get("log")))
        drawn.traces += [
            {**trace, "xaxis": f"x{name}", "yaxis": f"y{name}", "showlegend": index == 0}
            for trace in _traces(frames, stage, path, part, along)
        ]
        x, y = domains[index]
        margin = (along.positions[-1] - along.positions[0]) * 0.08 or 0.5
        reach = [along.positions[0] - margin, along.positions[-1] + margin]
        below = {"domain": x, "anchor": f"y{name}", "range": reach, "showgrid": False}
        title = plain(wording.axis_label(frames, path))
        drawn.layout[f"xaxis{name}"] = style.axis(title, **below, **ticks(along))
        low, high = float(np.min(part["mean"])), float(np.max(part["mean"]))
        steep = style.log_axis(low, high) if metric == LARGEST and high > 3 * low > 0 else {}
        beside = {"domain": y, "anchor": f"x{name}", "nticks": 6, "showline": False, "ticks": ""}
        drawn.layout[f"yaxis{name}"] = style.axis("", **beside, **steep)
        title = wording.capital(plain(wording.measure_label(frames, metric, split=False)))
        drawn.annotations.append(style.panel_title(f"<b>{title}</b>", x[0], y[1]))
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = style.legend(
        y=1 + 30 / (height - top - 52), traceorder="normal", entrywidth=1, entrywidthmode="fraction"
    )
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stage: str) -> str:
    """In how many directions the best setting's code moves, and how that varies over settings."""
    order, trials = ranked(frames, stage), _trials(frames, stage, RANK)
    each = _each(frames, stage, RANK)
    found = [setting for setting in order.index if setting in each]
    if not found:
        return "No finished trial of this stage holds the spectrum of its Jacobian."
    best = found[0]
    hidden = trials["hidden"][trials["setting"] == best][0]
    units = f" for its {wording.value_text(hidden)} units" if hidden == hidden else ""
    text = f"The best setting's code moves in {wording.estimate(each[best])} directions{units}"
    text += ", counted by the effective rank of its Jacobian"
    if len(found) > 1:
        by_mean = sorted(found, key=lambda one: each[one].mean)
        ends = []
        for one in (by_mean[0], by_mean[-1]):
            name = wording.setting_text(frames, order.loc[one].to_dict(), swept(frames, stage))
            ends.append(f"{wording.number(each[one].mean)} ({name})")
        text += f"; over {wording.count(len(found), 'setting')} it goes from {' to '.join(ends)}"
    more = len(own_swept(frames, stage)) - SHOWN
    left = f" Left out: {wording.count(more, 'more hyperparameter')}." if more > 0 else ""
    return f"{text}.{left}"


def _reach(frames: Frames, stage: str, path: str) -> float:
    means = [row[5] for row in _panel(frames, stage, RANK, path) if row[2] == "average"]
    return max(means) - min(means) if means else 0.0


@remembered
def _trials(frames: Frames, stage: str, metric: str) -> dict[str, NDArray[Any]]:
    """What of the finished trials is needed here, by column."""
    trials = with_starting_seeds(frames, finished(frames, stage, metric))
    columns = ["setting", "seed", "hidden", metric, *swept(frames, stage)]
    trials = trials.reindex(columns=list(dict.fromkeys(columns)))
    return {str(name): np.asarray(trials[name]) for name in trials}


@remembered
def _each(frames: Frames, stage: str, metric: str) -> dict[str, Interval]:
    """By setting the interval over seeds."""
    trials = _trials(frames, stage, metric)
    places, names = pd.factorize(trials["setting"])
    values = trials[metric].astype(float)
    return {str(name): interval(values[places == i]) for i, name in enumerate(names)}


@remembered
def _panel(frames: Frames, stage: str, metric: str, path: str) -> list[tuple[Any, ...]]:
    """The rows of ``table`` of one panel, without the role."""
    trials = _trials(frames, stage, metric)
    has = pd.notna(trials[path])
    if not has.any():
        return []
    trials = {name: column[has] for name, column in trials.items()}
    values, distinct = pd.factorize(trials[path], sort=True)
    seeds, kinds = pd.factorize(trials["seed"])
    company = np.zeros(has.sum(), dtype=np.int64)
    for name in swept(frames, stage):
        if name != path:
            codes, levels = pd.factorize(trials[name])
            company = pd.factorize(company * (len(levels) + 1) + codes)[0]
    each = _each(frames, stage, metric)
    rows = [
        ("setting", setting, value, each[setting])
        for setting, value in dict(zip(trials["setting"], trials[path], strict=True)).items()
    ]
    whole = len(kinds) * len(distinct)
    fair = np.bincount(company)[company] == whole
    if fair.any() and len(distinct) > 1:
        cell = (seeds * len(distinct) + values)[fair]
        sums = np.bincount(cell, trials[metric].astype(float)[fair], whole)
        means = (sums / np.bincount(cell, minlength=whole)).reshape(len(kinds), -1)
        rows += [("average", "", v, interval(means[:, i])) for i, v in enumerate(distinct)]
    return [
        (metric, path, *row[:3], *(getattr(row[3], name) for name in COLUMNS[6:])) for row in rows
    ]


def _traces(
    frames: Frames, stage: str, path: str, part: dict[str, Any], along: Scale
) -> list[dict[str, Any]]:
    """Of one panel: all settings, their average, the marked ones."""
    at = np.array([along.at(value) for value in part["value"]])
    middle = (along.positions[0] + along.positions[-1]) / 2
    label, blue, traces = plain(wording.axis_label(frames, path)), LIGHT.categorical[0], []
    words = [(role, words) for role, (_, words) in marked(frames, stage).items()]
    average = "average over the other settings"
    for role, name in (("", "a setting"), ("", average), *reversed(words)):
        chosen = part["view"] == ("average" if name == average else "setting")
        chosen &= part["role"] == role
        numbers = zip(*(part[one][chosen] for one in ("value", "mean", "low", "high")), strict=True)
        symbol, colour = ("circle", blue) if name == average else LOOKS[role]
        joined = "lines+" if name == average and not along.named else ""
        traces.append(
            typed(
                "scatter",
                x=list(at[chosen]),
                y=list(part["mean"][chosen]),
                mode=f"{joined}markers{'+text' if role else ''}",
                name=plain(name),
                marker={"symbol": symbol, "color": colour, "size": 10 if role else 7},
                line={"color": colour, "width": 2.2},
                text=[f" {role} "] * int(chosen.sum()),
                textposition=["middle left" if x > middle else "middle right" for x in at[chosen]],
                textfont={"size": 12, "color": LIGHT.text},
                cliponaxis=False,
                customdata=[
                    f"{label} {plain(wording.value_text(value))}: <b>{wording.number(mean)}</b>"
                    + (f"<br>{wording.spread(Interval(mean, low, high, 2))}" if low == low else "")
                    for value, mean, low, high in numbers
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    return [trace for trace in traces if trace["x"]]
