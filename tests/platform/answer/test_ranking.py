"""Settings from best to worst, and the sentence about the best."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from answers import DENOISING, METRIC, WILD, Found
from without_ray import TWO_LAYERS, train

from layerwise.dashboards.statistics import interval
from layerwise.platform.answer.controls import Control
from layerwise.platform.answer.ranking import (
    CLASSIFIED,
    TEST,
    Ranking,
    ranked,
    ranking,
    target,
    verdict,
)
from layerwise.platform.store import Store
from layerwise.platform.study import Study

LINEAR = {"output_activation": "identity"}
SIGMOID = {"output_activation": "sigmoid"}
PCA = Control("codes", "pca", "PCA, 10 components", {METRIC: 2.0, TEST: 2.0})


def test_settings_are_ranked_by_their_mean_over_seeds(denoising: Any) -> None:
    rows = ranked(denoising.study, denoising.outcome)
    assert [row.rank for row in rows] == [1, 2, 3, 4]
    means = [row.objective.mean for row in rows]
    assert means == sorted(means)
    for row in rows:
        assert [trial.seed for trial in row.trials] == [0, 1, 2]
        assert set(row.values) == {"corruption.level", "contraction.weight"}
        values = [
            denoising.outcome.manifests[trial.key]["history"][METRIC][-1][1] for trial in row.trials
        ]
        assert row.objective == interval(values)
        assert row.objective.n == 3
        assert row.objective.low < np.mean(values) < row.objective.high


def test_maximising_turns_the_order(denoising: Any) -> None:
    metric = "validation/hoyer_sparsity"
    study = Study(**DENOISING | {"objective": {"maximize": metric}})
    means = [row.objective.mean for row in ranked(study, denoising.outcome)]
    assert means == sorted(means, reverse=True)
    assert target(study, "codes") == (metric, "maximize")


def test_a_promotion_is_ranked_by_its_own_metric() -> None:
    kept = {"best": 1, "by": "validation/dead_units"}
    stage = DENOISING["stages"][0] | {"keep": kept}
    study = Study(**DENOISING | {"stages": [stage]})
    assert target(study, "codes") == ("validation/dead_units", "minimize")


def test_a_setting_with_a_diverged_seed_is_no_candidate(tmp_path: Any) -> None:
    study = Study(**WILD)
    outcome = train(study, Store(tmp_path))
    [row] = ranked(study, outcome)
    assert row.values == {"learning_rate": 0.0001}
    assert len(outcome.diverged) == 2


def test_a_deeper_setting_names_what_it_stands_on(two_layers: Any) -> None:
    rows = ranked(two_layers.study, two_layers.outcome)
    assert len(rows) == 4
    assert all(set(row.values) == {"first.corruption.level", "contraction.weight"} for row in rows)
    assert len(ranked(two_layers.study, two_layers.outcome, "first")) == 2


def test_a_row_is_plain_values(denoising: Any) -> None:
    row = ranked(denoising.study, denoising.outcome)[0].mapping()
    assert json.loads(json.dumps(row)) == row
    assert row["rank"] == 1
    assert set(row["metrics"][METRIC]) == {"mean", "low", "high", "seeds"}  # type: ignore[index]


def test_settings_are_compared_with_the_best_seed_by_seed(denoising: Any) -> None:
    found = ranking(denoising.study, denoising.outcome)
    best, *others = found.rows
    assert (best.difference.n, best.contends) == (0, True)
    histories = {key: m["history"] for key, m in denoising.outcome.manifests.items()}
    for row in others:
        pairs = zip(row.trials, best.trials, strict=True)
        gaps = [histories[a.key][METRIC][-1][1] - histories[b.key][METRIC][-1][1] for a, b in pairs]
        # Three settings are compared with the best, which share the error of 5 %.
        expected = interval(gaps, level=1 - 0.05 / 3)
        assert row.difference.mean == pytest.approx(expected.mean)
        assert row.difference.low == pytest.approx(expected.low)
        assert row.difference.high == pytest.approx(expected.high)
        assert row.contends == (row.difference.low <= 0)
        told: Any = row.mapping()
        assert told["contends"] == row.contends
        assert told["difference"]["low"] == row.difference.low
    assert best.mapping()["difference"] == {"mean": 0.0, "low": None, "high": None, "seeds": 0}
    contenders = sum(row.contends for row in found.rows)
    winner = found.winner(denoising.study)
    assert winner["state"] == ("clear" if contenders == 1 else "open")
    assert (winner["contenders"], winner["seeds"]) == (contenders, 3)
    assert str(winner["said"]).endswith(".")
    assert Ranking([], None).winner(denoising.study)["said"] == ""


def test_contenders_with_further_seeds_come_first(denoising: Any) -> None:
    """The two settings that come out best were given two seeds more than the others."""
    rows = ranked(denoising.study, denoising.outcome)
    study = Study(**DENOISING | {"seeds": {"until": 1e-9, "max": 5}})
    manifests = dict(denoising.outcome.manifests)
    trials = {trial: trial.setting for row in rows for trial in row.trials}
    further = [
        replace(row.trials[0], seed=seed, key=f"{seed}{row.rank}".ljust(64, "0"))
        for row in rows[:2]
        for seed in (3, 4)
    ]
    like = {row.trials[0].setting: row.trials[0].key for row in rows}
    for trial in further:
        manifests[trial.key] = manifests[like[trial.setting]]
    [planned] = denoising.outcome.plan.stages
    plan = replace(denoising.outcome.plan, stages=(replace(planned, trials=(*trials, *further)),))
    outcome = replace(denoising.outcome, plan=plan, manifests=manifests)
    found = ranking(study, outcome)
    assert [len(row.trials) for row in found.rows] == [5, 5, 3, 3]
    assert {row.trials[0].setting for row in found.rows[:2]} == {
        row.trials[0].setting for row in rows[:2]
    }
    assert [row.rank for row in found.rows] == [1, 2, 3, 4]
    # Interrupted: one of the further seeds is missing, and no setting is lost for it.
    manifests.pop(further[0].key)
    part = ranking(study, replace(outcome, manifests=manifests))
    assert sorted(len(row.trials) for row in part.rows) == [3, 3, 4, 5]
    # Diverged at a further seed: a mean over the survivors would flatter it.
    lost = manifests[further[1].key] | {"diverged_at": 3}
    part = ranking(study, replace(outcome, manifests={**manifests, further[1].key: lost}))
    assert len(part.rows) == 3


def test_a_stopped_setting_is_no_candidate(denoising: Any) -> None:
    rows = ranked(denoising.study, denoising.outcome)
    key = rows[0].trials[1].key
    stopped = denoising.outcome.manifests[key] | {"stopped_at": 2}
    outcome = replace(denoising.outcome, manifests={**denoising.outcome.manifests, key: stopped})
    assert len(ranked(denoising.study, outcome)) == 3


def test_one_seed_has_no_bounds(tmp_path: Any) -> None:
    study = Study(**DENOISING | {"seeds": [0]})
    row = ranked(study, train(study, Store(tmp_path)))[0]
    assert not row.objective.known
    told: Any = row.mapping()["metrics"]
    assert told[METRIC]["low"] is None
    assert told[METRIC]["seeds"] == 1


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (Found(1.5, 0.2, SIGMOID), "below the 2 of PCA, 10 components: its sigmoid output can"),
        (Found(1.5, 0.2, {}), "below the 2 of PCA, 10 components: a nonlinear network can"),
        (Found(1.5, 0.2, LINEAR), "this cannot come from the training error"),
        (Found(1.9, 0.2, LINEAR), "not distinguishable from the 2 of PCA, 10 components."),
        (Found(2.1, 0.2, SIGMOID), "not distinguishable from the 2 of PCA, 10 components."),
        (Found(2.5, 0.2, SIGMOID), "above the 2 of PCA, 10 components: a nonlinear output could"),
        (Found(2.5, 0.2, LINEAR), "no autoencoder of one hidden layer can beat PCA"),
        (Found(1.5, None, SIGMOID), "below the 2 of PCA, 10 components; one seed gives no"),
        (Found(2.5, None, SIGMOID), "above the 2 of PCA, 10 components"),
        (
            Found(2.5, 0.2, SIGMOID | {"contraction.weight": 0.1}),
            "and the penalties ask for more than reconstruction",
        ),
        (Found(1.5, 0.2, SIGMOID, depth=1), "reconstruction error of the codes below it is 1.5"),
    ],
)
def test_the_verdict_says_what_the_interval_allows(found: Found, says: str) -> None:
    said = verdict(found.ranked(), [PCA])
    assert says in said
    assert said.startswith("On the test set the best setting's reconstruction error")
    assert said.endswith(".")
    assert ("95 % interval" in said) == (found.half is not None)


def test_without_a_control_of_its_stage_nothing_is_said() -> None:
    other = Control("another", "pca", "PCA", {TEST: 2.0})
    assert verdict(Found(1.5, 0.2, SIGMOID).ranked(), [other]) == ""


def test_a_setting_with_an_unreliable_seed_is_doubted_as_a_whole(denoising: Any) -> None:
    metric = "test/log_likelihood"
    rows = ranked(denoising.study, denoising.outcome)
    poor = rows[1].trials[2].key
    manifests = {}
    for place, (key, manifest) in enumerate(denoising.outcome.manifests.items()):
        value, reach = -90.0 - place, 9.0 if key == poor else 0.1
        estimate = {"": value, "_low": value - reach, "_high": value + reach}
        estimate["_reliable"] = float(key != poor)
        more = {f"{metric}{name}": [[6, number]] for name, number in estimate.items()}
        manifests[key] = {**manifest, "history": {**manifest["history"], **more}}
    outcome = replace(denoising.outcome, manifests=manifests)
    doubted = ranked(denoising.study, outcome)
    assert [set(row.doubts) for row in doubted] == [set(), {metric}, set(), set()]
    found = doubted[1].doubts[metric]
    values = [manifests[t.key]["history"][metric][-1][1] for t in doubted[1].trials]
    assert found.low == min([v - 0.1 for v in values[:2]] + [values[2] - 9.0])
    assert found.high == max([v + 0.1 for v in values[:2]] + [values[2] + 9.0])
    told = [row.mapping()["metrics"] for row in doubted]
    assert told[0][metric]["reliable"] is True  # type: ignore[index]
    assert told[1][metric]["reliable"] is False  # type: ignore[index]
    assert told[1][metric]["bounds"] == [found.low, found.high]  # type: ignore[index]
    assert "reliable" not in told[1][TEST]  # type: ignore[index]
    assert f"Its {metric} is unreliable: " in verdict(doubted[1], [])
    assert "unreliable" not in verdict(doubted[0], [])


def test_a_classification_is_judged_by_what_it_misclassifies() -> None:
    best = Found(1.5, 0.2, SIGMOID).ranked()
    shares = interval([0.04, 0.05, 0.06])
    taught = replace(best, metrics={**best.metrics, CLASSIFIED: shares})
    said = verdict(taught, [PCA])
    assert said.startswith("The best setting misclassifies 5 % of the test set (95 % interval ")
    assert "PCA" not in said


def test_a_stage_on_the_way_is_ranked_by_its_error_where_it_lacks_the_metric(
    two_layers: Any,
) -> None:
    goal = {"maximize": "validation/classification_accuracy"}
    study = Study(**TWO_LAYERS | {"objective": goal})
    assert ranked(study, two_layers.outcome) == []
    means = [row.objective.mean for row in ranked(study, two_layers.outcome, "first")]
    assert len(means) == 2
    assert means == sorted(means)
