"""What stored trials had reached, for the cohorts of a plan that never saw them train.

A study that is widened, or given more seeds, is another plan with another table of :mod:`.rungs`.
Its new trials are compared with the stored ones all the same, and new seeds of a setting follow
what was decided for it; else halving might keep other settings for every seed, and complete none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..plan.trial import STOPPED, Trial
from .early_stopping import folder_of, is_due
from .rungs import Rungs

Manifest = Mapping[str, Any]


def remember(rungs: Path, stored: Iterable[tuple[Trial, Manifest]]) -> None:
    """Write down what stored trials had reached, where no cohort of the plan has done so.

    Args:
        rungs: where cohorts of the plan record what they have reached.
        stored: trials of the plan, each with the manifest of its entry.

    Raises:
        StoreError: ``rungs`` cannot be written.
    """
    cohorts: dict[tuple[Path, str], dict[str, list[tuple[Trial, Manifest]]]] = {}
    for trial, manifest in stored:
        if trial.compared:
            place = rungs / folder_of(trial), str(manifest["cohort"])
            cohorts.setdefault(place, {}).setdefault(trial.setting, []).append((trial, manifest))
    for (folder, name), settings in cohorts.items():
        if not (folder / f"{name}.jsonl").exists():
            _write(folder, name, settings)


def _write(folder: Path, name: str, settings: Mapping[str, list[tuple[Trial, Manifest]]]) -> None:
    members = list(settings.values())
    first, _ = members[0][0]
    groups = [tuple(trial.key for trial, _ in group) for group in members]
    table = Rungs(folder, name, groups, list(settings))
    # Trained without such rules nothing was decided, only reached.
    ruled = any(m.get(STOPPED) is not None for group in members for _, m in group)
    for rule_name, rule in first.compared.items():
        for epoch in range(1, int(first.settings["epochs"])):
            if not is_due(rule_name, rule, epoch):
                continue
            values = [_value(rule_name, rule, epoch, [m for _, m in group]) for group in members]
            table.record(rule_name, epoch, values)
            if ruled:
                left = [
                    place
                    for place, group in enumerate(members)
                    if any(m.get(STOPPED) == epoch for _, m in group)
                ]
                table.decide(rule_name, epoch, values, left)
    table.close()


def _value(
    name: str, rule: Mapping[str, Any], epoch: int, manifests: Iterable[Manifest]
) -> float | None:
    """What a group had reached at an epoch, as a cohort in training would have said it."""
    sign = 1.0 if rule["direction"] == "minimize" else -1.0
    reached = []
    for manifest in manifests:
        diverged, stopped = manifest["diverged_at"], manifest.get(STOPPED)
        past = {e: sign * v for e, v in manifest["history"].get(rule["by"], ()) if 0 < e <= epoch}
        if diverged is not None and diverged <= epoch:
            return None
        if not past or (name == "halving" and stopped is not None and stopped < epoch):
            return None
        values = list(past.values()) if name == "median" else [past[max(past)]]
        found = sum(values) / len(values)
        reached.append(math.inf if math.isnan(found) else found)
    return sum(reached) / len(reached)
