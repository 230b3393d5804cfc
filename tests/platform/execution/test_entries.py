"""Under which key a trial lies that was trained to its end, or that lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from without_ray import TWO_LAYERS

from layerwise.platform.data import load
from layerwise.platform.execution.entries import entry_key, last_metrics, recorded_key
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.store import Entry, Store
from layerwise.platform.study import Study

HALVING = {"halving": {"by": "train/loss", "direction": "minimize", "from": 1, "factor": 2}}
PLATEAU = {"plateau": {"by": "train/loss", "direction": "minimize", "patience": 1}}


@pytest.fixture(scope="module")
def trial() -> Trial:
    """One of a plan, without rules."""
    study = Study(**TWO_LAYERS)
    return next(plan(study, Source.of(load(study.data))).trials())


def test_a_finished_trial_lies_under_its_own_key_first(trial: Trial) -> None:
    ruled = replace(trial, stop=HALVING)
    both = {trial.key, ruled.stopped_key}
    assert entry_key(trial, set()) is None
    assert entry_key(ruled, both) == ruled.key == trial.key
    assert entry_key(ruled, both - {trial.key}) == ruled.stopped_key


def test_what_lost_by_other_rules_or_under_none_is_still_to_be_trained(trial: Trial) -> None:
    ruled = replace(trial, stop=HALVING)
    other = replace(trial, stop={"halving": HALVING["halving"] | {"factor": 3}})
    held = {ruled.stopped_key}
    assert entry_key(ruled, held) == ruled.stopped_key
    for still in (trial, other, replace(trial, stop=PLATEAU)):
        assert entry_key(still, held) is None
    # A plateau stands in the trial's own key, and changes nothing about what it has lost by.
    assert entry_key(replace(trial, stop=HALVING | PLATEAU), held) == ruled.stopped_key


def test_a_store_is_asked_for_both(trial: Trial, tmp_path: Path) -> None:
    ruled, store = replace(trial, stop=HALVING), Store(tmp_path)
    store.put_all([Entry(ruled.stopped_key, {"stopped_at": 1}, {})])
    assert entry_key(ruled, store) == ruled.stopped_key
    assert entry_key(trial, store) is None


def test_it_is_recorded_under_the_key_of_its_entry(trial: Trial) -> None:
    ruled = replace(trial, stop=HALVING)
    assert recorded_key(ruled, None) == recorded_key(ruled, {"stopped_at": None}) == trial.key
    # As entries were written before there were rules.
    assert recorded_key(ruled, {"diverged_at": None}) == trial.key
    assert recorded_key(ruled, {"stopped_at": 4}) == ruled.stopped_key


def test_last_metrics_tell_who_has_lost() -> None:
    history: dict[str, Any] = {"train/loss": [(1, 0.5), (2, 0.25)]}
    sound = {"diverged_at": None, "history": history}
    assert last_metrics(sound) == {"train/loss": 0.25}
    assert last_metrics(sound | {"stopped_at": 2}) == {"train/loss": 0.25, "stopped_at": 2.0}
    assert last_metrics(sound | {"plateau_at": 2, "stopped_at": None}) == {"train/loss": 0.25}
    assert last_metrics(sound | {"diverged_at": 2}) == {}
