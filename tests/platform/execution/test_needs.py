"""What each study needs follows from what was written and from what the store holds by now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from without_ray import TWO_LAYERS, finish, schedule, train

from layerwise.platform.data import DataSet, load
from layerwise.platform.errors import StoreError
from layerwise.platform.execution.entries import last_metrics
from layerwise.platform.execution.needs import needs, register, replayed
from layerwise.platform.home import Home
from layerwise.platform.plan import Source, plan
from layerwise.platform.plan.tree import Tree
from layerwise.platform.store import Store
from layerwise.platform.study import Study

FIRST, SECOND = TWO_LAYERS["stages"]
KEEP = {"best": 1, "by": "validation/reconstruction_error"}
PROMOTING: dict[str, Any] = {**TWO_LAYERS, "stages": [{**FIRST, "keep": KEEP}, SECOND]}


@pytest.fixture(scope="module")
def data() -> DataSet:
    """The digits."""
    return load(Study(**TWO_LAYERS).data)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    made = Home(tmp_path / "home")
    made.ensure()
    return made


def begin(home: Home, study: Study, data: DataSet) -> Store:
    """Leave word of a study as a run does."""
    source = Source.of(data)
    register(home, study, source, plan(study, source).key)
    return Store(home.store)


def test_a_home_where_nothing_was_run_needs_nothing(home: Home) -> None:
    assert needs(home, Store(home.store)) == []


def test_an_unfinished_study_needs_what_it_has(home: Home, data: DataSet) -> None:
    study = Study(**TWO_LAYERS)
    store = begin(home, study, data)
    [need] = needs(home, store)
    assert (need.study, need.missing, need.finished) == ("layers", 12, False)
    assert need.entries == {}
    cohort = schedule(study, data).next()
    assert cohort is not None
    finish(cohort, data, store)
    [need] = needs(home, store)
    assert need.entries == dict.fromkeys((t.key for t in cohort.trials), "first")
    assert (need.missing, need.finished) == (8, False)
    train(study, store, data)
    [need] = needs(home, store)
    assert need.entries.keys() == store.keys()
    assert (need.missing, need.finished) == (0, True)


def test_what_a_promotion_chose_later_is_needed_too(home: Home, data: DataSet) -> None:
    study = Study(**PROMOTING)
    store = begin(home, study, data)
    outcome = train(study, store, data)
    assert len(outcome.manifests) == 4 + 4
    [need] = needs(home, store)
    assert need.entries.keys() == store.keys() == outcome.manifests.keys()
    assert need.finished
    assert list(need.entries.values()).count("second") == 4


def test_a_diverged_trial_leaves_nothing_to_wait_for(home: Home, data: DataSet) -> None:
    wild = {
        "name": "first",
        "model": "autoencoder",
        "hidden": 8,
        "activation": "relu",
        "optimiser": "momentum",
        "learning_rate": {"grid": [0.001, 1e12]},
        "epochs": 2,
    }
    above = {"name": "second", "model": "autoencoder", "hidden": 4, "epochs": 1}
    study = Study(study="wild", data="digits", stages=[wild, above])
    store = begin(home, study, data)
    train(study, store, data)
    [need] = needs(home, store)
    assert need.finished
    assert len(need.entries) == 3


def test_a_changed_study_is_another_one(home: Home, data: DataSet) -> None:
    begin(home, Study(**TWO_LAYERS), data)
    begin(home, Study(**TWO_LAYERS), data)
    store = begin(home, Study(**{**TWO_LAYERS, "seeds": [0]}), data)
    found = needs(home, store)
    assert [need.missing for need in found] == [6, 12]
    assert found[0].plan != found[1].plan


def test_word_that_cannot_be_read_stops_everything(home: Home, data: DataSet) -> None:
    store = begin(home, Study(**TWO_LAYERS), data)
    [path] = home.plans.glob("*.study.json")
    path.write_text(path.read_text()[:-30])
    with pytest.raises(StoreError, match=r"study.json: must say which study was run.*delete"):
        needs(home, store)


def test_a_replay_passes_over_what_is_damaged(data: DataSet, tmp_path: Path) -> None:
    store = Store(tmp_path)
    study = Study(**PROMOTING)
    outcome = train(study, store, data)
    lost = next(t for t in outcome.plan.trials() if t.stage == "first")
    (tmp_path / lost.key[:2] / lost.key / "manifest.json").write_text("{}")
    held = store.keys()
    found, entries = replayed(Tree(study, Source.of(data)), held, store.manifest)
    # The promotion is open again, so what stands on it is not known either.
    assert found.keys() == entries.keys()
    assert len(found) == 3
    assert lost.key not in held
    assert all(last_metrics(manifest) for manifest in found.values())
