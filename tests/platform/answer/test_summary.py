"""study.json: what the dashboards are promised, in plain values."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from answers import DENOISING

from layerwise.platform.answer.controls import measure
from layerwise.platform.answer.pictures import take
from layerwise.platform.answer.ranking import ranked, verdict
from layerwise.platform.answer.summary import summarise
from layerwise.platform.execution.frozen_codes import stage_inputs
from layerwise.platform.study import Study

SECONDS = {"start": 1.0, "train": 2.0, "track": 0.5, "total": 3.5}


def summary(answered: Any) -> dict[str, Any]:
    """The whole study.json of a trained study."""
    study, data, outcome = answered.study, answered.data, answered.outcome
    ranking = ranked(study, outcome)
    best = ranking[0].trials
    inputs = stage_inputs(best[0].inputs, data, answered.store)
    controls = measure(best, inputs, outcome.manifests)
    pictures = take(ranking, data, answered.store)
    said = verdict(ranking[0], controls)
    return summarise(study, data, outcome, controls, pictures, said, SECONDS)


@pytest.fixture(scope="module", params=["denoising", "two_layers"])
def answered(request: pytest.FixtureRequest) -> Any:
    """Each of the trained studies."""
    return request.getfixturevalue(request.param)


def test_it_is_strict_json(answered: Any) -> None:
    told = summary(answered)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_it_has_all_that_is_promised(answered: Any) -> None:
    told = summary(answered)
    assert set(told) == {
        *(
            "study",
            "question",
            "version",
            "seeds",
            "objective",
            "data",
            "stages",
            "axes",
            "metrics",
        ),
        *("trials", "controls", "verdict", "images", "inside", "cost"),
        *("expected", "measures", "said", "claims"),
    }
    assert told["study"] == answered.study.name
    assert told["question"] == answered.study.question
    assert told["objective"] == {
        "metric": "validation/reconstruction_error",
        "direction": "minimize",
    }
    assert told["seeds"] == list(answered.study.seeds)
    data = answered.data
    assert told["data"] == {
        "name": "digits",
        "digest": data.digest,
        "train": 1258,
        "validation": 269,
        "test": 270,
        "visible": 64,
        "image_shape": [8, 8],
    }
    assert told["trials"] == [trial.key for trial in answered.outcome.plan.trials()]
    assert {c["name"] for c in told["controls"]} == {"pca", "untrained", "mean_image"}
    assert "PCA" in told["verdict"]
    assert all(set(i) == {"panel", "title", "key", "arrays"} for i in told["images"])
    assert list(told["inside"]) == ["code_map", "traversal", "units", "spectrum"]


def test_seeds_that_are_added_are_told_by_their_rule(denoising: Any) -> None:
    study = Study(**DENOISING | {"seeds": {"until": "2%", "max": 9, "start": 3}})
    told = summary(replace(denoising, study=study))
    assert told["seeds"] == {"start": 3, "max": 9, "until": 0.02, "stage": "codes"}


def test_stages_tell_what_was_swept_and_what_was_fixed(two_layers: Any) -> None:
    first, second = summary(two_layers)["stages"]
    assert first | {"keep": None} == {
        "name": "first",
        "model": "denoising_autoencoder",
        "after": [],
        "depth": 0,
        "hidden": 12,
        "epochs": 2,
        "swept": ["corruption.level"],
        "fixed": {"hidden": 12, "corruption.kind": "gaussian", "learning_rate": 0.01, "epochs": 2},
        "keep": None,
        "trials": 4,
    }
    assert second["after"] == ["first"]
    assert (second["depth"], second["trials"]) == (1, 8)


def test_axes_and_metrics_carry_labels_and_units(answered: Any) -> None:
    told = summary(answered)
    swept = {path for stage in told["stages"] for path in stage["swept"]}
    assert set(told["axes"]) == swept
    for axis in told["axes"].values():
        assert axis["label"]
        assert axis["unit"]
        assert isinstance(axis["log"], bool)
    measured = {
        name.partition("/")[2]
        for manifest in answered.outcome.manifests.values()
        for name in manifest["history"]
    }
    assert measured == set(told["metrics"])
    for metric in told["metrics"].values():
        assert metric["label"]
        assert metric["unit"]
        assert metric["better"] in ("lower", "higher", "neither")


def test_the_cost_counts_every_cohort_once(answered: Any) -> None:
    cost = summary(answered)["cost"]
    assert cost["seconds"] == SECONDS
    assert cost["trained"] == len(answered.outcome.manifests)
    assert cost["reused"] == cost["seconds_saved"] == 0
    assert sum(cohort["trials"] for cohort in cost["cohorts"]) == cost["trained"]
    starts = [cohort["start"] for cohort in cost["cohorts"]]
    assert starts == sorted(starts)
    assert starts[0] == 0
    for cohort in cost["cohorts"]:
        assert cohort["end"] - cohort["start"] == pytest.approx(cohort["seconds"])
        assert cohort["worker"]
