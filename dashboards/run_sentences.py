"""What is said of one trial: its name, its state, and how it stands among seeds and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .effects import ranked
from .outline import objective, own_swept, swept
from .reliability import about
from .settings import seeds_of, setting_values
from .siblings import trial
from .trial_histories import of_trial
from .wording import count, measure_label, number, setting_text, word

if TYPE_CHECKING:
    from .frames import Frames

ORDINALS = ("best", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
STATES = {
    "FINISHED": "finished",
    "FAILED": "failed",
    "KILLED": "interrupted",
    "RUNNING": "running",
    "SCHEDULED": "waiting",
}


def named(frames: Frames, row: Mapping[str, Any], own: bool = False) -> str:
    """The setting of a row of ``siblings.trial`` in words; ``own``: its stage's own values only."""
    stage = str(row["stage"])
    paths = own_swept(frames, stage) if own else swept(frames, stage)
    return setting_text(frames, row, [path for path in paths if path in row])


def status(row: Mapping[str, Any]) -> str:
    """What became of a trial, such as "finished", "diverged at epoch 2", "running"."""
    if "diverged_at" in row:
        return f"diverged at epoch {row['diverged_at']:g}"
    if "stopped_at" in row:
        return f"stopped at epoch {row['stopped_at']:g}"
    return STATES.get(str(row.get("status")), str(row.get("status")).lower())


def epochs_of(frames: Frames, key: str) -> tuple[int | None, int | None]:
    """The last epoch that a trial recorded, and the one that it was to reach; None if not known."""
    row = trial(frames, key)
    curves = of_trial(frames, key).values()
    last = max((int(epoch[-1]) for epoch, _ in curves), default=None)
    planned = row.get("epochs", frames.stage(str(row["stage"])).get("epochs"))
    return last, int(planned) if isinstance(planned, int | float | np.number) else None


def standing(frames: Frames, key: str) -> str:
    """How a trial compares with its setting's seeds and the best setting, or how it ended early."""
    row = trial(frames, key)
    metric = objective(frames, str(row["stage"]))[0]
    label, value = measure_label(frames, metric), float(row.get(metric, np.nan))
    if status(row) != "finished":
        return " ".join(filter(None, (_ended(frames, key), _others(frames, row))))
    if not np.isfinite(value):
        return " ".join(
            filter(None, (f"It finished without a finite {label}.", _others(frames, row)))
        )
    doubt = about(frames.runs[frames.runs["key"] == key], metric)
    said = f"{label} of {number(value)}{f' ({doubt})' if doubt is not None else ''}"
    return (
        f"With a {said} {_among_seeds(frames, row, value)}; {_among_settings(frames, row, value)}."
    )


def _among_seeds(frames: Frames, row: Mapping[str, Any], value: float) -> str:
    """Such as "it is the second of the 3 seeds of its setting, 0.02 above their mean of 1.21"."""
    metric, lower = objective(frames, str(row["stage"]))
    seeds = seeds_of(frames, str(row["stage"]), metric)
    values = seeds.loc[seeds["setting"] == row["setting"]].set_index("key")[metric].astype(float)
    if row["key"] not in values.index:
        n = len(values)
        if not n:
            return "it is not compared with other seeds of its setting"
        return (
            f"it is a further seed of its setting, {_apart(value, float(values.mean()))} the mean "
            f"of {number(float(values.mean()))} over the {count(n, 'seed')} that all settings have"
        )
    if len(values) == 1:
        alone = (frames.runs["setting"] == row["setting"]).sum() == 1
        return f"it is the only seed of its setting{'' if alone else ' that counts so far'}"
    place = int(((values < value) if lower else (values > value)).sum())
    which = ORDINALS[place] if place < len(ORDINALS) else f"number {place + 1}"
    if place == len(values) - 1 and place:
        which = "last"
    mean = float(values.mean())
    return (
        f"it is the {which} of the {count(len(values), 'seed')} of its setting, "
        f"{_apart(value, mean)} their mean of {number(mean)}"
    )


def _among_settings(frames: Frames, row: Mapping[str, Any], value: float) -> str:
    """Such as "the setting has rank 4 of 12, and the mean of the best, 0.92, is 0.31 lower"."""
    stage = str(row["stage"])
    order = ranked(frames, stage)
    if row["setting"] not in order.index:
        return "its setting is not ranked"
    if len(order) == 1:
        return "there is no other setting to compare it with"
    rank = int(order.loc[row["setting"], "rank"])
    if rank == 1:
        return f"its setting is the best of {len(order)}"
    best = float(order["mean"].iloc[0])
    away = number(abs(value - best))
    side = "below" if best < value else "above"
    return (
        f"its setting has rank {rank} of {len(order)}, and the mean of the best one, "
        f"{number(best)}, is {away} {side} this trial"
    )


def _ended(frames: Frames, key: str) -> str:
    """How and when a trial ended before its time, or how far it has come."""
    row = trial(frames, key)
    last, planned = epochs_of(frames, key)
    metric = objective(frames, str(row["stage"]))[0]
    of = f" of {planned}" if planned is not None else ""
    label = measure_label(frames, metric)
    epoch, values = of_trial(frames, key).get(metric, (np.empty(0, dtype=int), np.empty(0)))
    good = np.flatnonzero(np.isfinite(values))
    latest = f"{label} of {number(float(values[good[-1]]))}" if len(good) else ""
    at = int(epoch[good[-1]]) if len(good) else 0
    if "diverged_at" in row:
        text = f"It diverged at epoch {row['diverged_at']:g}{of}"
        return f"{text}, after a {latest} at epoch {at}." if latest else f"{text}."
    if "stopped_at" in row:
        text = f"A rule of the study stopped it at epoch {row['stopped_at']:g}{of}"
        return f"{text}, with a {latest} at epoch {at}." if latest else f"{text}."
    so_far = f", with a {latest}" if latest else ""
    state = status(row)
    if last is None:
        lead = {"running": "It is running", "waiting": "It is waiting"}.get(state, f"It {state}")
        return f"{lead.replace('It interrupted', 'It was interrupted')} and has no epoch recorded."
    if state in ("running", "waiting"):
        return f"It is at epoch {last}{of}{so_far}."
    was = "was interrupted" if state == "interrupted" else state
    return f"It {was} after epoch {last}{of}{so_far}."


def _others(frames: Frames, row: Mapping[str, Any]) -> str:
    """What became of the other seeds of the setting of a trial that does not count itself."""
    stage = str(row["stage"])
    metric = objective(frames, stage)[0]
    trials = frames.trials(stage)
    others = trials[(trials["setting"] == row["setting"]) & (trials["key"] != row["key"])]
    if others.empty:
        return "Its setting has no other seed."
    n = len(others)
    lost = int((others["status"] == "FAILED").sum())
    who = "The other seed" if n == 1 else f"The other {n} seeds"
    held = metric in frames.runs.columns
    seeds = seeds_of(frames, stage, metric)
    whole = int(seeds["key"].isin(others["key"]).sum())
    mean = setting_values(frames, stage, (metric,))[metric].get(row["setting"]) if held else None
    if not whole or mean is None or pd.isna(mean):
        gone = f"; {word(lost)} of them diverged or failed" if lost else ""
        return f"Of the other {count(n, 'seed')} of its setting none has finished{gone}."
    label = (
        f"{'a' if n == 1 else 'a mean'} {measure_label(frames, metric)} of {number(float(mean))}"
    )
    if whole == n:
        return f"{who} of its setting finished with {label}."
    return f"Of the other {n} seeds of its setting {word(whole)} finished, with {label}."


def _apart(value: float, mean: float) -> str:
    """Such as "0.02 above"."""
    return f"{number(abs(value - mean))} {'above' if value >= mean else 'below'}"
