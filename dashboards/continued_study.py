"""A study while a later execution of it runs: what its trials tell, in its earlier words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEPT = ("objective", "data", "axes", "metrics")
"""Entries of study.json that the trials do not tell."""
OF_A_STAGE = ("after", "depth", "hidden", "epochs", "keep")


def continued(inferred: Mapping[str, Any], previous: Mapping[str, Any]) -> dict[str, Any]:
    """A study that was inferred from trials, with what an earlier study.json says beyond them.

    Taken over are the objective, the data, the labels of axes and metrics, and of each stage what
    it builds on, in the earlier order; a swept hyperparameter stays one while only one of its
    values has come. What only the end can tell (controls, images, verdict, cost) is not.
    """
    if not previous:
        return dict(inferred)
    study = {**inferred, **{name: previous[name] for name in KEPT if name in previous}}
    before = {str(entry["name"]): entry for entry in previous.get("stages", [])}
    now = {str(entry["name"]): entry for entry in inferred["stages"]}
    in_order = [name for name in before if name in now] + [
        name for name in now if name not in before
    ]
    study["stages"] = [_stage(now[name], before.get(name, {})) for name in in_order]
    return study


def _stage(now: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: before[name] for name in OF_A_STAGE if name in before}
    swept = list(dict.fromkeys([*before.get("swept", []), *now["swept"]]))
    fixed = {path: value for path, value in now["fixed"].items() if path not in swept}
    return {**now, **kept, "swept": swept, "fixed": fixed}
