"""Studies whose trials follow from results, trained without Ray and found again in the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from without_ray import train

from layerwise.platform.data import load
from layerwise.platform.execution.execution import Execution
from layerwise.platform.home import Home
from layerwise.platform.store import Store
from layerwise.platform.study import Study

SEARCHED: dict[str, Any] = {
    "study": "searched",
    "data": "digits",
    "seeds": [0, 1],
    "stages": [
        {
            "name": "first",
            "model": "denoising_autoencoder",
            "hidden": 12,
            "corruption": {"kind": "gaussian", "level": {"grid": [0.0, 0.2, 0.4]}},
            "epochs": 2,
            "keep": {"best": 1, "value": "descendants"},
        },
        {
            "name": "second",
            "model": "autoencoder",
            "hidden": 4,
            "learning_rate": {"log_uniform": [1e-4, 0.5]},
            "optimiser": {"choice": ["adam", "momentum"]},
            "momentum": {"uniform": [0.0, 0.9], "when": {"optimiser": "momentum"}},
            "epochs": 3,
            "search": {"trials": 14, "at_once": 4},
            "stop": {"plateau": {"patience": 2}},
        },
    ],
}


def searched(trials: int = 14, **rest: Any) -> Study:
    first, second = SEARCHED["stages"]
    stages = [first, {**second, "search": {"trials": trials, "at_once": 4}}]
    return Study(**{**SEARCHED, "stages": stages, **rest})


def test_a_search_is_found_again_in_the_store_and_a_longer_one_trains_the_difference(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.ensure()
    data = load(searched().data)
    outcome = train(searched(), Store(home.store), data)
    keys = [trial.key for trial in outcome.plan.trials()]
    # Three first layers, one second layer on each of the two that lose, fourteen on the winner.
    assert len(keys) == len(outcome.manifests) == 2 * (3 + 2 + 14)
    again = Execution(searched(), data, home)
    assert again.complete
    assert sorted(again.reused) == sorted(keys)
    assert [trial.key for trial in again.plan.trials()] == keys

    longer = Execution(searched(trials=18), data, home)
    assert sorted(longer.reused) == sorted(keys)
    # The last round of the shorter search was cut short; its other two proposals come first.
    missing = [t for t in longer.plan.trials() if t.key not in longer.manifests]
    assert len(missing) == 2 * 2
    assert {trial.stage for trial in missing} == {"second"}
    assert longer.plan.expected == len(keys) + 2 * 4

    more_seeds = Execution(searched(seeds=[0, 1, 2]), data, home)
    assert {t.seed for t in more_seeds.plan.trials() if t.key not in more_seeds.manifests} == {2}


def test_a_damaged_entry_is_trained_again_and_the_search_comes_out_the_same(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.ensure()
    data, store = load(searched().data), Store(home.store)
    outcome = train(searched(), store, data)
    keys = [trial.key for trial in outcome.plan.trials()]
    lost = next(t for t in outcome.plan.trials() if t.stage == "second" and t.seed == 1)
    weights = home.store / lost.key[:2] / lost.key / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    damaged = Execution(searched(), data, home)
    assert not damaged.complete
    assert lost.key not in damaged.manifests
    schedule = damaged.preview(workers=1)
    assert [t.key for c in schedule.waiting for t in c.trials] == [lost.key]
    while (cohort := schedule.next()) is not None:
        ended = {}
        for trial in cohort.trials:
            # Once the lost one is back, the later rounds are those that the store holds.
            assert trial.key == lost.key or trial.key in store
            history = outcome.manifests[trial.key]["history"]
            ended[trial.key] = {name: points[-1][1] for name, points in history.items()}
        schedule.finish(cohort, ended)
    assert schedule.done
    assert [trial.key for trial in schedule.plan.trials()] == keys


def test_a_study_whose_budget_is_spent_has_nothing_left_to_train(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.ensure()
    data = load(searched().data)
    limited = searched(budget={"trials": 12})
    outcome = train(limited, Store(home.store), data)
    assert len(outcome.manifests) == 12
    again = Execution(limited, data, home)
    assert again.complete
    assert len(again.reused) == 12
    assert not Execution(searched(), data, home).complete
