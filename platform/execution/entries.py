"""Under which key a trial's entry lies: its own, or the one it has where a comparison stopped it.

What such a trial has reached depends on what it was compared with. Its own key stays free for the
day it is trained to its end, by another study or without the rule.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from ..plan.trial import STOPPED, Trial


def entry_key(trial: Trial, held: Container[str]) -> str | None:
    """The key of the entry that a store holds of this trial; None where it holds none.

    Args:
        trial: one of a plan.
        held: the store, or the keys of its entries.
    """
    if trial.key in held:
        return trial.key
    if trial.compared and trial.stopped_key in held:
        return trial.stopped_key
    return None


def recorded_key(trial: Trial, manifest: Mapping[str, Any] | None) -> str:
    """The key under which a trial is stored and recorded, given its manifest if there is one."""
    stopped = manifest is not None and manifest.get(STOPPED) is not None
    return trial.stopped_key if stopped else trial.key


def last_metrics(manifest: Mapping[str, Any]) -> dict[str, float]:
    """The last value of every metric; nothing for a diverged trial.

    With ``stopped_at``, the epoch after which it left, for a trial that halving or a median ended.
    """
    if manifest["diverged_at"] is not None:
        return {}
    found: dict[str, float] = {name: points[-1][1] for name, points in manifest["history"].items()}
    if manifest.get(STOPPED) is not None:
        found[STOPPED] = float(manifest[STOPPED])
    return found
