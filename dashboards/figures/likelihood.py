"""What machines know of the data, in nats: log-likelihoods and the bounds that log Z leaves.

log p(x) = log p*(x) − log Z. Where one side is small, log Z is a sum over all states, and exact.
Else it is estimated by annealed importance sampling (Neal 2001; Salakhutdinov & Murray 2008, ICML).
The value is that of the upward chains; the *bounds* enclose the upward and the downward estimate
and three standard errors of either (Burda et al. 2015, AISTATS, bound from both sides); the
downward estimate by itself is not recorded. Where the two disagree by more than a nat, or rest on
too few samples, the value is unreliable: hollow, and called so. The thin line is the 95 % interval
over seeds, cut off at the axis's ends. Where annealing was asked for although the sum is known,
its estimate is a diamond above the exact square: how far it misses is the error of the method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import statistics
from ..effects import ranked, ranked_labels
from ..memory import remembered
from ..outline import finished
from ..palette import LIGHT
from ..reliability import FLAG, HIGH, LOW
from ..statistics import Interval
from ..wording import capital, count, measure_label, number, spread
from .style import (
    Drawing,
    axis,
    checked,
    drawing,
    labels_above,
    legend,
    plain,
    rows_axis,
    typed,
    wrapped,
)

if TYPE_CHECKING:
    from ..frames import Frames

METRICS = tuple(
    f"{split}/{measure}"
    for measure in ("log_likelihood", "log_likelihood_bound")
    for split in ("test", "validation")
)
SHOWN = 20  # Settings.
ANNEALED = "_annealed"
BESIDE = ["annealed", "annealed_lower", "annealed_upper", "miss"]
COLUMNS = [
    "rank", "label", "mean", "low", "high", "n", "lower", "upper", "exact", "unreliable", *BESIDE
]  # fmt: skip
KINDS = {
    "exact": ("exact", "square", LIGHT.categorical[2]),
    "estimated": ("estimated, with the bounds of annealing", "circle", LIGHT.categorical[0]),
    "unreliable": ("unreliable", "circle-open", LIGHT.categorical[1]),
}


def metric(frames: Frames, stage: str) -> str:
    """The log-likelihood that is drawn: of test before validation data; "" if there is none."""
    return next((name for name in METRICS if len(finished(frames, stage, name))), "")


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """A row for each setting, best first.

    ``mean, low, high, n``: over seeds, in nats per sample. ``lower, upper``: the means of the
    trials' bounds; of an unreliable setting the lowest and the highest, as ``reliability.Doubt``.
    ``exact``: whether all trials are; ``unreliable``: how many are. ``annealed, annealed_lower,
    annealed_upper``: means of the estimate beside an exact value, NaN where there is none;
    ``miss``: by how much it misses that value in the worst trial.
    """
    name, order = metric(frames, stage), ranked(frames, stage)
    if not name or order.empty:
        return pd.DataFrame(columns=COLUMNS)
    trials = finished(frames, stage, name)
    over = statistics.over_seeds(trials, ["setting"], name)
    value = trials[name].to_numpy(dtype=float)
    nothing = pd.Series(np.nan, trials.index)
    lower = trials.get(name + LOW, nothing).to_numpy(dtype=float)
    upper = trials.get(name + HIGH, nothing).to_numpy(dtype=float)
    annealed = trials.get(name + ANNEALED, nothing).to_numpy(dtype=float)
    of_trials = pd.DataFrame(
        {
            "annealed": annealed,
            "annealed_lower": trials.get(name + ANNEALED + LOW, nothing).to_numpy(dtype=float),
            "annealed_upper": trials.get(name + ANNEALED + HIGH, nothing).to_numpy(dtype=float),
            "miss": abs(annealed - value),
            "lower": lower,
            "upper": upper,
            "exact": (lower == value) & (value == upper),
            "unreliable": trials.get(name + FLAG, nothing).to_numpy(dtype=float) == 0,
        }
    )
    grouped = of_trials.groupby(trials["setting"].to_numpy())
    poor, exact = grouped["unreliable"].any(), grouped["exact"].all()
    # Bounds that are the value itself have its mean, to the last digit.
    lower_mean = grouped["lower"].mean().where(~exact, over["mean"])
    upper_mean = grouped["upper"].mean().where(~exact, over["mean"])
    columns: dict[str, Any] = {
        "rank": order["rank"],
        "label": ranked_labels(frames, stage),
        **{part: over[part] for part in ("mean", "low", "high", "n")},
        "lower": lower_mean.where(~poor, grouped["lower"].min()),
        "upper": upper_mean.where(~poor, grouped["upper"].max()),
        "exact": exact,
        "unreliable": grouped["unreliable"].sum(),
        **{part: grouped[part].mean() for part in BESIDE[:-1]},
        "miss": grouped["miss"].max(),
    }
    made = pd.DataFrame(columns, index=order.index)
    made = made[made["mean"].notna()].rename_axis("setting")
    return made.astype({"n": int, "exact": bool, "unreliable": int})


def draw(frames: Frames, stage: str, beside: bool = True) -> Drawing:
    """A row per setting; labels ``beside`` the rows or above them."""
    rows = table(frames, stage).iloc[:SHOWN]
    names = [wrapped(label, 46 if beside else 44) for label in rows["label"]]
    lines = max((name.count("<br>") + 1 for name in names), default=1)
    height = 150 + (22 * lines + 14 if beside else 18 * lines + 40) * len(names)
    drawn = drawing(height, margin={"l": 12, "r": 24, "t": 96, "b": 54})
    if rows.empty:
        return drawn
    of = {name: rows[name].to_numpy() for name in rows.columns}
    left, right = (
        np.where(np.isfinite(of[name]), of[name], of["mean"]) for name in ("lower", "upper")
    )
    beside_low, beside_high = (of[name][np.isfinite(of[name])] for name in BESIDE[1:3])
    lowest = float(np.concatenate([left, beside_low]).min())
    highest = float(np.concatenate([right, beside_high]).max())
    margin = 0.25 * (highest - lowest) or 1.0
    reach = [lowest - margin, highest + margin]
    kinds = [_kind(row) for row in statistics.rows(rows)]
    drawn.traces.append(_seeds(of))
    for kind, (name, symbol, colour) in KINDS.items():
        at = [place for place, found in enumerate(kinds) if found == kind]
        if not at:
            continue
        part = rows.iloc[at]
        caps = 0 if kind == "exact" else 7
        bounds = {"type": "data", "symmetric": False, "thickness": 3, "width": caps}
        drawn.traces.append(
            typed(
                "scatter",
                x=list(of["mean"][at]),
                y=at,
                mode="markers+text",
                name=name,
                marker={
                    "color": colour,
                    "size": 10,
                    "symbol": symbol,
                    "line": {"width": 2, "color": colour},
                },
                error_x={
                    **bounds,
                    "color": colour,
                    "array": list((right - of["mean"])[at]),
                    "arrayminus": list((of["mean"] - left)[at]),
                },
                text=[_words(row) for row in statistics.rows(part)],
                textposition="bottom center",
                textfont={"size": 12, "color": LIGHT.text},
                customdata=[_hover(row) for row in statistics.rows(part)],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    if rows["annealed"].notna().any():
        drawn.traces.append(_beside(of))
    title = capital(plain(measure_label(frames, metric(frames, stage))))
    drawn.layout["xaxis"] = axis(f"{title}, nats per sample", range=reach, nticks=7)
    drawn.layout["yaxis"] = rows_axis(names, beside, 0.5 if beside else 0.9)
    if not beside:
        drawn.annotations += labels_above(names)
    drawn.layout["showlegend"] = True
    drawn.layout["legend"] = legend(traceorder="normal", entrywidth=1, entrywidthmode="fraction")
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stage: str) -> str:
    """The best reliable setting's log-likelihood with its bounds, and how many were unreliable."""
    rows = statistics.rows(table(frames, stage))
    if not rows:
        return "No finished trial of this stage has a log-likelihood."
    label = measure_label(frames, metric(frames, stage))
    poor = sum(row["unreliable"] > 0 for row in rows)
    settings = count(len(rows), "setting")
    if poor == len(rows):
        few = "The one setting" if poor == 1 else f"Each of {settings}"
        return f"{few} has an unreliable {label}: nothing can be said in nats."
    best = next(row for row in rows if not row["unreliable"])
    name = str(best["label"]).split(". ", 1)[1]
    place = "The best" if best["rank"] == 1 else "The best reliable"
    value, seeds = number(best["mean"], 4), f"mean over {count(best['n'], 'seed')}"
    how = "without bounds"
    if best["exact"]:
        how = "exact"
    elif np.isfinite(best["lower"]) and np.isfinite(best["upper"]):
        how = f"between the bounds {number(best['lower'], 4)} and {number(best['upper'], 4)}"
    text = f"{place} setting, {name}, has a {label} of {value} nats per sample, {how} ({seeds})."
    if poor:
        are = "is" if poor == 1 else "are"
        text += f" {capital(count(poor, 'setting'))} of {len(rows)} {are} unreliable."
    elif not all(row["exact"] for row in rows):
        text += " No estimate is unreliable."
    missed = [row["miss"] for row in rows if np.isfinite(row["miss"])]
    if missed:
        worst = number(max(missed), 2)
        text += f" Annealing beside the sums misses them by at most {worst} nats in a trial."
    left = len(rows) - SHOWN
    return f"{text} {count(left, 'setting')} of lower rank not drawn." if left > 0 else text


def _kind(row: dict[str, Any]) -> str:
    return "unreliable" if row["unreliable"] else "exact" if row["exact"] else "estimated"


def _words(row: dict[str, Any]) -> str:
    """What stands below a mark."""
    if row["unreliable"]:
        return f"unreliable: {number(row['lower'])} to {number(row['upper'])}"
    return f"{number(row['mean'], 4)}{' exact' if row['exact'] else ''}"


def _hover(row: dict[str, Any]) -> str:
    found = Interval.of(row)
    between = f"<br>bounds {number(row['lower'], 4)} to {number(row['upper'], 4)}"
    over = f"<br>{spread(found, 4)} over {count(found.n, 'seed')}" if found.known else ""
    name = plain(row["label"]).replace(", ", "<br>")
    value = f"<b>{number(found.mean, 4)}</b> {_kind(row)}"
    return f"{value}{'' if row['exact'] else between}{over}<br>{name}"


def _beside(of: dict[str, Any]) -> dict[str, Any]:
    """Annealing's estimates of exact values, as diamonds above them."""
    known = [i for i in range(len(of["mean"])) if np.isfinite(of["annealed"][i])]
    value, lower, upper = (of[name][known] for name in BESIDE[:-1])
    colour = KINDS["estimated"][2]
    return typed(
        "scatter",
        x=list(value),
        y=[i - 0.3 for i in known],
        mode="markers",
        name="by annealing, beside the exact value",
        marker={"color": colour, "size": 9, "symbol": "diamond-open", "line": {"width": 2}},
        error_x={
            "type": "data",
            "symmetric": False,
            "thickness": 2,
            "width": 5,
            "color": colour,
            "array": list(upper - value),
            "arrayminus": list(value - lower),
        },
        customdata=[
            f"<b>{number(value[k], 4)}</b> by annealing<br>between {number(lower[k], 4)} and "
            f"{number(upper[k], 4)}<br>misses the exact value by at most "
            f"{number(of['miss'][i], 2)} in a trial"
            for k, i in enumerate(known)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _seeds(of: dict[str, Any]) -> dict[str, Any]:
    """The intervals over seeds as thin lines, broken between settings."""
    known = [i for i in range(len(of["mean"])) if np.isfinite(of["low"][i])]
    return typed(
        "scatter",
        x=[x for i in known for x in (of["low"][i], of["high"][i], None)],
        y=[y for i in known for y in (i, i, None)],
        mode="lines",
        name="95\u00a0% over seeds",
        line={"color": LIGHT.axis, "width": 1.4},
        hoverinfo="skip",
        showlegend=bool(known),
    )
