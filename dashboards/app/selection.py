"""Which settings meet a view's conditions, and the frames of those alone.

A condition chooses settings and never seeds: a measure is compared as the mean over a setting's
seeds, and all seeds of a setting stay or go together, so that every mean and interval of what is
left is the one that it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..outline import swept
from ..settings import column_label, setting_values
from ..trial_histories import kept_with_history
from ..wording import value_text
from .address import Among, Condition

if TYPE_CHECKING:
    from ..frames import Frames

FEW = 12
"""Up to so many values are listed; more are a range."""


def columns(frames: Frames, stage: str) -> tuple[str, ...]:
    """What conditions may be about: what the stage and those below it sweep."""
    return swept(frames, stage)


def values(frames: Frames, stage: str, column: str) -> list[object]:
    """The distinct values of a swept column, in order; missing ones left out."""
    found = frames.trials(stage)[column].dropna().unique().tolist()
    try:
        return sorted(found)
    except TypeError:
        return sorted(found, key=str)


def known(frames: Frames, stage: str, conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Those conditions that are about a column which the stage's trials have."""
    held = set(map(str, frames.trials(stage).columns))
    return tuple(one for one in conditions if one.column in held)


def chosen(frames: Frames, stage: str, conditions: Sequence[Condition]) -> frozenset[str] | None:
    """The settings of a stage that meet all conditions; None where there is no condition."""
    asked = known(frames, stage, conditions)
    if not asked:
        return None
    table = setting_values(frames, stage, tuple(one.column for one in asked))
    good = np.ones(len(table), dtype=bool)
    for one in asked:
        good &= _met(table[one.column], one)
    return frozenset(map(str, table.index[good]))


def _met(column: pd.Series, condition: Condition) -> np.ndarray:
    if isinstance(condition, Among):
        texts = [value_key(value) for value in column]
        return np.isin(np.array(texts, dtype=object), list(condition.values))
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    # A range that was read off a chart ends at a pixel: what is shown inside is inside.
    slack = 1e-9 * np.maximum(np.abs(numbers), 1e-300)
    return np.asarray((numbers >= condition.low - slack) & (numbers <= condition.high + slack))


def value_key(value: object) -> str:
    """A value as conditions write it: numbers as Python does, so that each has a key of its own."""
    return repr(float(value)) if isinstance(value, (int, float)) else str(value)


def selected(frames: Frames, stage: str, settings: frozenset[str] | None) -> Frames:
    """The frames with those settings of a stage alone, and what they stand on and led to.

    Histories stay as they are, because figures look up the trials that they draw.
    """
    if settings is None:
        return frames
    runs = frames.runs
    inside = (runs["stage"] == stage) & runs["setting"].isin(settings)
    kept = _related(runs, set(runs.loc[inside, "key"]))
    left = runs[runs["key"].isin(kept)].reset_index(drop=True)
    return replace(frames, runs=left, memory=kept_with_history(frames))


def _related(runs: pd.DataFrame, keys: set[str]) -> set[str]:
    """The trials of ``keys``, those they stand on, and those that stand on them."""
    parents = {
        key: [one for one in str(above).split(",") if one]
        for key, above in zip(runs["key"], runs["parent_key"], strict=True)
    }
    children: dict[str, list[str]] = {}
    for key, above in parents.items():
        for one in above:
            children.setdefault(one, []).append(key)
    return _reached(keys, parents) | _reached(keys, children)


def _reached(start: set[str], edges: Mapping[str, Sequence[str]]) -> set[str]:
    found, ahead = set(start), list(start)
    while ahead:
        new = [one for one in edges.get(ahead.pop(), ()) if one not in found]
        found.update(new)
        ahead += new
    return found


def first_trial(frames: Frames, stage: str, setting: str) -> str:
    """The key of a setting's trial with the smallest seed, a finished one first; "" if none."""
    trials = frames.trials(stage)
    own = trials[trials["setting"] == setting].sort_values("seed", kind="stable")
    done = own[own["status"] == "FINISHED"]
    found = done if len(done) else own
    return str(found["key"].iloc[0]) if len(found) else ""


def in_words(frames: Frames, condition: Condition) -> str:
    """Such as "noise level 0 to 0.2" or "sparsity kind l1 or kl"."""
    label = column_label(frames, condition.column)
    if isinstance(condition, Among):
        return f"{label} {' or '.join(_shown(text) for text in condition.values)}"
    low, high = condition.low, condition.high
    if np.isinf(low) and np.isinf(high):
        return f"{label} known"
    if np.isinf(low):
        return f"{label} at most {value_text(high)}"
    if np.isinf(high):
        return f"{label} at least {value_text(low)}"
    return f"{label} {value_text(low)} to {value_text(high)}"


def _shown(text: str) -> str:
    try:
        return value_text(float(text))
    except ValueError:
        return text
