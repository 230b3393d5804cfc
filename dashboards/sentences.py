"""One plain sentence for each chart, computed from the table that the chart draws.

Every function returns text, not markup; names from a study are in it as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .effects import Effect, effect, ranked
from .figures import controls, cost, crossings, learning_curves, ranking
from .outline import final_stages, finished, objective, swept
from .statistics import Interval, interval, paired
from .wording import (
    axis_label,
    capital,
    count,
    duration,
    estimate,
    listing,
    measure_label,
    number,
    setting_text,
    shared_places,
    spread,
    value_text,
    word,
)

if TYPE_CHECKING:
    from .frames import Frames


def answer(frames: Frames) -> str:
    """The study's answer: the best setting, its test error, and the strongest control beside it."""
    stages = final_stages(frames)
    parts = [_answer_of(frames, stage, len(stages) > 1) for stage in stages]
    return " ".join(parts) or "No trial has been recorded yet."


def _answer_of(frames: Frames, stage: str, several: bool) -> str:
    order = ranked(frames, stage)
    where = f" of stage {stage}" if several else ""
    if order.empty:
        return f"No trial{where} has finished with a finite {measure_label(frames, objective(frames)[0])}."
    best = order.iloc[0]
    text = setting_text(frames, best, swept(frames, stage))
    lead = (
        f"Of {count(len(order), 'setting')}{where}, the best is {text}: "
        if len(order) > 1
        else f"The one setting{where} reaches "
    )
    on = controls.metric(frames, stage)
    trials = finished(frames, stage, on)
    own = trials[trials["setting"] == order.index[0]] if on in trials.columns else trials
    if own.empty:
        on = objective(frames)[0]
        trials = finished(frames, stage, on)
        own = trials[trials["setting"] == order.index[0]]
    found = interval(own[on].to_numpy())
    seeds = f", {count(found.n, 'seed')}" if found.known else ", one seed, so without an interval"
    bounds = f" (95 % interval {spread(found)}{seeds})" if found.known else seeds
    return f"{lead}a {measure_label(frames, on)} of {number(found.mean)}{bounds}{_against(frames, stage)}."


def _against(frames: Frames, stage: str) -> str:
    rows = controls.table(frames, stage)
    others = rows[(rows["kind"] == "control") & (rows["name"] != "untrained")]
    if others.empty:
        return ""
    strongest = others.loc[others["mean"].idxmin()]
    return f", against {number(strongest['mean'])} for {strongest['label']}"


def ranks(frames: Frames, stage: str) -> str:
    """How far ahead the best is, and what these seeds cannot tell from it."""
    rows = ranking.table(frames, stage)
    metric, lower = objective(frames)
    if rows.empty:
        return "No trial of this stage has finished."
    if len(rows) == 1:
        return f"There is one setting: a {measure_label(frames, metric)} of {estimate(_of(rows.iloc[0]))}."
    better = "lowest" if lower else "highest"
    first = rows.iloc[0]
    lead = (
        f"The best setting has the {better} {measure_label(frames, metric)}, {estimate(_of(first))}"
    )
    if not np.isfinite(rows["diff_low"].iloc[1:]).any():
        return f"{lead}; with one seed nothing says how much of the order is chance."
    tied = int(rows["tied"].sum())
    if tied == 0:
        second = rows.iloc[1]
        gap = Interval(second["diff"], second["diff_low"], second["diff_high"], int(second["n"]))
        verb = "above" if lower else "below"
        size = estimate(gap if lower else Interval(-gap.mean, -gap.high, -gap.low, gap.n))
        return f"{lead}; the next is {size} {verb} it, and no setting ties with it."
    return (
        f"{lead}; {word(tied)} of the other {len(rows) - 1} cannot be told from it: "
        "their paired difference over seeds has an interval that reaches zero."
    )


def beside_controls(frames: Frames, stage: str) -> str:
    """By what share the best setting's test error is below or above each control's."""
    rows = controls.table(frames, stage)
    networks, others = rows[rows["kind"] == "network"], rows[rows["kind"] == "control"]
    if networks.empty or others.empty:
        return ""
    best = networks.iloc[0]
    parts = []
    for row in others.itertuples():
        change = float(best["mean"]) / float(row.mean) - 1 if row.mean else np.nan
        side = "below" if change < 0 else "above"
        parts.append(f"{number(abs(change) * 100, 2)} % {side} {row.label}")
    label = measure_label(frames, controls.metric(frames, stage))
    return f"The best setting's {label}, {estimate(_of(best))}, is {listing(parts)}."


def regulariser(frames: Frames, stage: str, path: str, metrics: Sequence[str]) -> str:
    """What raising a hyperparameter from its lowest to its highest value does to each metric."""
    label = axis_label(frames, path)
    found = {metric: effect(frames, stage, path, metric) for metric in metrics}
    shown = {metric: one for metric, one in found.items() if not one.table.empty}
    if not shown:
        return f"No finished trial shows what the {label} does."
    crossed_ = {metric: one for metric, one in shown.items() if one.crossed}
    if not crossed_:
        return " ".join(_trend(frames, one.table, label, metric) for metric, one in shown.items())
    values = list(next(iter(crossed_.values())).by_seed.columns)
    if isinstance(values[0], str):
        return " ".join(_lowest(frames, one, label, metric) for metric, one in crossed_.items())
    parts = [_change(frames, one, metric) for metric, one in crossed_.items()]
    span = f"Raising the {label} from {value_text(values[0])} to {value_text(values[-1])}"
    also = f" It also {listing(parts[1:])}." if len(parts) > 1 else ""
    return f"{span} {parts[0]}.{also}"


def _change(frames: Frames, found: Effect, metric: str) -> str:
    """ "raises the reconstruction error by 0.82 (95 % interval …); it is lowest at 0.1"."""
    measure = measure_label(frames, metric, split=False)
    low, high = found.by_seed.columns[0], found.by_seed.columns[-1]
    change = found.difference(high, low)
    size = Interval(abs(change.mean), *sorted((abs(change.low), abs(change.high))), change.n)
    paired_ = f"paired over {count(change.n, 'seed')}"
    if change.known and not change.excludes_zero:
        text = (
            f"leaves the {measure} where it was as far as {count(change.n, 'seed')} can tell "
            f"(a change of {estimate(change).replace('(', '').replace(')', '')})"
        )
    elif change.known:
        verb = "raises" if change.mean > 0 else "lowers"
        bounds = f"95 % interval {spread(size)}, {paired_}"
        text = (
            f"{verb} the {measure} by {number(size.mean, decimals=shared_places(size))} ({bounds})"
        )
    else:
        verb = "raises" if change.mean > 0 else "lowers" if change.mean < 0 else "changes"
        text = f"{verb} the {measure} by {number(size.mean)} (one seed, so without an interval)"
    means = found.by_seed.mean()
    if means.idxmin() not in (low, high):
        return f"{text}, with its lowest value at {value_text(means.idxmin())}"
    if means.idxmax() not in (low, high):
        return f"{text}, with its highest value at {value_text(means.idxmax())}"
    return text


def _lowest(frames: Frames, found: Effect, label: str, metric: str) -> str:
    name = found.by_seed.mean().idxmin()
    value = estimate(interval(found.by_seed[name].to_numpy()))
    return (
        f"The {measure_label(frames, metric, split=False)} is lowest with {label} {name}: {value}."
    )


def _trend(frames: Frames, table: pd.DataFrame, label: str, metric: str) -> str:
    measure = measure_label(frames, metric, split=False)
    ranks_ = table[["value", "mean"]].dropna()
    if len(ranks_) < 3 or ranks_["value"].map(type).eq(str).any():
        return f"{count(len(table), 'setting')}, each a point: too few to say how the {measure} follows the {label}."
    rho = float(ranks_["value"].rank().corr(ranks_["mean"].rank()))
    if not np.isfinite(rho):
        return f"The {measure} does not vary with the {label}."
    way = "rises" if rho > 0 else "falls"
    strength = "clearly" if abs(rho) > 0.7 else "somewhat" if abs(rho) > 0.3 else "hardly"
    return (
        f"Over {count(len(ranks_), 'random setting')} the {measure} {strength} {way} "
        f"with the {label} (rank correlation {number(rho, 2)})."
    )


def company(frames: Frames, stage: str, path: str) -> str:
    """What the lines of a regulariser's chart hold fixed."""
    found = effect(frames, stage, path, f"{objective(frames)[0]}")
    others = [axis_label(frames, name) for name in swept(frames, stage) if name != path]
    if not found.crossed:
        return (
            "Values were drawn at random, so each point is one setting and the others vary with it."
        )
    if not others:
        return "Nothing else is swept."
    missing = found.possible - found.company
    left_out = (
        f" ({count(missing, 'more was', 'more were')} left out because a trial of theirs is missing or diverged)"
        if missing
        else ""
    )
    return (
        f"Average over {count(found.company, 'setting')} of {listing(others)}, the same for every value{left_out}; "
        "dotted, these are held at the best setting's values. A band is the interval of the level; "
        "seeds shift all values alike, so that differences are known better than the bands suggest."
    )


def crossed(frames: Frames, stage: str, metric: str) -> str:
    """Where in the crossing a metric is lowest and highest."""
    cells = crossings.table(frames, stage, metric)
    if cells.empty:
        return ""
    by = [name for name in cells.columns if name not in ("mean", "trials")]
    low, high = cells.loc[cells["mean"].idxmin()], cells.loc[cells["mean"].idxmax()]
    return (
        f"{capital(measure_label(frames, metric))} goes from {number(low['mean'])} "
        f"({setting_text(frames, low, by)}) to {number(high['mean'])} "
        f"({setting_text(frames, high, by)})."
    )


def curves(frames: Frames, stage: str) -> str:
    """From where to where the best setting learned, and whether it still does."""
    rows = learning_curves.table(frames, stage)
    shown = [m for m in learning_curves.metrics(frames) if m.startswith("validation/")]
    best = rows[(rows["rank"] == 1) & (rows["metric"] == (shown[0] if shown else ""))]
    if len(best) < 2:
        return "Training and validation over epochs."
    first, last = best.iloc[0], best.iloc[-1]
    label = measure_label(frames, shown[0])
    text = (
        f"In {count(int(last['epoch'] - first['epoch']), 'epoch')} the best setting's {label} "
        f"went from {number(first['mean'])} to {number(last['mean'])}"
    )
    before = best.iloc[-2]
    share = abs(last["mean"] - before["mean"]) / max(abs(first["mean"] - last["mean"]), 1e-300)
    lowest = best.loc[best["mean"].idxmin()]
    if lowest["mean"] < 0.98 * last["mean"] and lowest["epoch"] < last["epoch"]:
        return f"{text}, after {number(lowest['mean'])} at epoch {int(lowest['epoch'])}: training longer than that hurt."
    if share > 0.01:
        return f"{text}; the last epoch alone brought {number(share * 100, 2)} % of that, so it was still learning."
    return f"{text} and has settled."


def spent(frames: Frames) -> str:
    """How much was trained, how long it took, and what was not trained twice."""
    spending: dict[str, Any] = frames.study.get("cost") or {}
    recorded = len(frames.runs)
    reused = int(spending.get("reused", int(frames.runs["reused"].sum()) if recorded else 0))
    trained = int(spending.get("trained", recorded - reused))
    total = (spending.get("seconds") or {}).get("total")
    text = f"{capital(word(trained))} {'trial was' if trained == 1 else 'trials were'} trained"
    cohorts = len(cost.table(frames))
    if cohorts:
        text += f" in {count(cohorts, 'cohort')}"
    if total is not None:
        text += f"; the whole study took {duration(float(total))}"
    if not reused:
        return f"{text}. Nothing could be taken from the store."
    saved = spending.get("seconds_saved")
    time = f", which saved {duration(float(saved))}" if saved else ""
    were = "was" if reused == 1 else "were"
    return f"{text}. {capital(word(reused))} {were} in the store already and {were} not trained again{time}."


def reconstruction(errors: pd.DataFrame) -> str:
    """Mean squared errors of the samples that are shown, row by row."""
    parts = [
        f"{number(errors[label].mean())} for {'the corrupted images' if label == 'corrupted' else label}"
        for label in errors.columns
        if label != "sample"
    ]
    return (
        f"Squared distance from the clean images, mean of {count(len(errors), 'sample')}: "
        f"{listing(parts)}."
    )


def seeds_difference(frames: Frames, stage: str, metric: str, first: str, second: str) -> Interval:
    """Paired over seeds: ``metric`` of setting ``first`` minus that of ``second``."""
    trials = finished(frames, stage, metric)
    by_seed = trials.pivot_table(index="seed", columns="setting", values=metric)
    return paired(by_seed[first], by_seed[second])


def _of(row: pd.Series) -> Interval:
    return Interval(float(row["mean"]), float(row["low"]), float(row["high"]), int(row["n"]))
