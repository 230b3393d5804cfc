"""One plain sentence for each chart, computed from the table that the chart draws.

Every function returns text, not markup; names from a study are in it as they are. What a single
hyperparameter does is said in ``effect_sentences``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from .claims import claims, tally
from .effects import looking, ranked, standing
from .figures import controls, cost, crossings, learning_curves, ranking
from .outline import final_stages, finished, measure_of, objective, swept
from .reliability import of_settings
from .statistics import Interval, interval, rows
from .winner import said
from .wording import (
    capital,
    count,
    duration,
    estimate,
    listing,
    measure_label,
    number,
    setting_text,
    spread,
    word,
)

if TYPE_CHECKING:
    from .frames import Frames

SETTLED = 0.01
"""Share of all progress below which the last epoch's progress counts as none."""


def answer(frames: Frames) -> str:
    """The study's answer: how its first claim came out, and how many did; else what was reached.

    Claims are what a study's question means, whatever its networks were trained for.
    """
    found = claims(frames)
    if not found:
        return reached(frames)
    first = capital(found[0].said)
    return first if len(found) == 1 else f"{first} {tally(frames)}"


def reached(frames: Frames) -> str:
    """The best setting, its test error, and the strongest control beside it."""
    stages = final_stages(frames)
    parts = [_answer_of(frames, stage, len(stages) > 1) for stage in stages]
    return " ".join(parts) or "No trial has been recorded yet."


def _answer_of(frames: Frames, stage: str, several: bool) -> str:
    order = rows(ranked(frames, stage).reset_index())
    where = f" of stage {stage}" if several else ""
    wanted = objective(frames, stage)[0]
    if not order:
        return f"No trial{where} has finished with a finite {measure_label(frames, wanted)}."
    best = order[0]
    text = setting_text(frames, best, swept(frames, stage))
    lead = (
        f"Of {count(len(order), 'setting')}{where}, the best is {text}: "
        if len(order) > 1
        else f"The one setting{where} reaches "
    )
    tested = (f"test/{measure_of(wanted)}", controls.metric(frames, stage))
    on = next((name for name in tested if not finished(frames, stage, name).empty), wanted)
    trials = finished(frames, stage, on)
    found = interval(trials.loc[trials["setting"] == best["setting"], on].to_numpy())
    bounds = (
        f" (95\u00a0% interval {spread(found)}, {count(found.n, 'seed')})"
        if found.known
        else ", one seed, so without an interval"
    )
    against = _against(frames, stage) if on == controls.metric(frames, stage) else ""
    value = f"{number(found.mean)}{bounds}{_doubted(frames, stage, best, on)}"
    return f"{lead}a {measure_label(frames, on)} of {value}{against}."


def _doubted(frames: Frames, stage: str, row: dict[str, Any], metric: str) -> str:
    """What is said behind a setting's value where it is unreliable."""
    found = of_settings(frames, stage, metric).get(str(row["setting"]))
    return f" ({found})" if found is not None else ""


def _against(frames: Frames, stage: str) -> str:
    shown = rows(controls.table(frames, stage))
    others = [r for r in shown if r["kind"] == "control" and r["name"] != "untrained"]
    if not others:
        return ""
    strongest = min(others, key=lambda row: float(row["mean"]))
    return f", against {number(strongest['mean'])} for {strongest['label']}"


def ranks(frames: Frames, stage: str) -> str:
    """How far ahead the best is, and whether the winner is clear."""
    order = rows(ranking.table(frames, stage).reset_index())
    metric, lower = objective(frames, stage)
    label = measure_label(frames, metric)
    if not order:
        return "No trial of this stage has finished."
    first = estimate(Interval.of(order[0])) + _doubted(frames, stage, order[0], metric)
    if len(order) == 1:
        return f"There is one setting: a {label} of {first}."
    lead = f"The best setting has the {'lowest' if lower else 'highest'} {label}, {first}"
    found = standing(frames, stage)
    looks, until = looking(frames, stage)
    second = order[1]
    gap = Interval(second["diff"], second["diff_low"], second["diff_high"], int(second["n"])).size()
    if found is not None and found.state == "clear" and gap.known:
        side = "above" if second["diff"] > 0 else "below"
        lead += f"; the next is {estimate(gap)} {side} it"
    text = said(found, until, looks is not None) if found is not None else ""
    return f"{lead}. {text}".rstrip()


def beside_controls(frames: Frames, stage: str) -> str:
    """By what share the best setting's test error is below or above each control's."""
    shown = rows(controls.table(frames, stage))
    networks = [row for row in shown if row["kind"] == "network"]
    others = [row for row in shown if row["kind"] == "control" and row["mean"]]
    if not networks or not others:
        return ""
    best = Interval.of(networks[0])
    parts = []
    for row in others:
        change = best.mean / float(row["mean"]) - 1
        side = "below" if change < 0 else "above"
        parts.append(f"{number(abs(change) * 100, 2)}\u00a0% {side} {row['label']}")
    label = measure_label(frames, controls.metric(frames, stage))
    return f"The best setting's {label}, {estimate(best)}, is {listing(parts)}."


def crossed(frames: Frames, stage: str, metric: str) -> str:
    """Where in the crossing a metric is lowest and highest."""
    cells = crossings.table(frames, stage, metric)
    if cells.empty:
        return ""
    by = [str(name) for name in cells.columns if name not in crossings.COLUMNS]
    order = sorted(rows(cells), key=lambda cell: float(cell["mean"]))
    low, high = (
        f"{number(cell['mean'])}{', unreliable' if cell.get('unreliable') else ''} "
        f"({setting_text(frames, cell, by)})"
        for cell in (order[0], order[-1])
    )
    return f"{capital(measure_label(frames, metric))} goes from {low} to {high}."


def curves(frames: Frames, stage: str) -> str:
    """From where to where the best setting learned, and whether it still does."""
    shown = [m for m in learning_curves.metrics(frames, stage) if m.startswith("validation/")]
    table = learning_curves.table(frames, stage)
    best = rows(table[(table["rank"] == 1) & table["metric"].isin(shown)])
    if len(best) < 2:
        return "Training and validation over epochs."
    first, before, last = best[0], best[-2], best[-1]
    text = (
        f"In {count(last['epoch'] - first['epoch'], 'epoch')} the best setting's "
        f"{measure_label(frames, shown[0])} went from {number(first['mean'])} "
        f"to {number(last['mean'])}"
    )
    lowest = min(best, key=lambda row: float(row["mean"]))
    if last["mean"] < first["mean"] and lowest["mean"] < 0.98 * last["mean"]:
        where = f"{number(lowest['mean'])} at epoch {lowest['epoch']}"
        return f"{text}, after {where}: training longer than that hurt."
    share = abs(last["mean"] - before["mean"]) / max(abs(first["mean"] - last["mean"]), 1e-300)
    if share > SETTLED:
        part = f"{number(share * 100, 2)}\u00a0%"
        return f"{text}; the last epoch alone brought {part} of that, so it was still learning."
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
    again = f"{were} in the store already and {were} not trained again{time}"
    return f"{text}. {capital(word(reused))} {again}."


def reconstruction(errors: pd.DataFrame) -> str:
    """Mean squared errors of the samples that are shown, row by row."""
    labels = [str(label) for label in errors.columns if label != "sample"]
    parts = [
        f"{number(float(errors[label].mean()))} for "
        f"{'the corrupted images' if label == 'corrupted' else label}"
        for label in labels
    ]
    samples = count(len(errors), "sample")
    return f"Squared distance from the clean images, mean of {samples}: {listing(parts)}."
