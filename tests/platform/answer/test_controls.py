"""What a stage has to beat, against scikit-learn's numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from layerwise.platform.answer.controls import PrincipalComponents, measure, squared_error
from layerwise.platform.answer.ranking import ranked
from layerwise.platform.execution.frozen_codes import stage_inputs


@pytest.mark.parametrize("components", [1, 10, 64, 100])
def test_principal_components_are_scikit_learns(denoising: Any, components: int) -> None:
    data = denoising.data
    mine = PrincipalComponents(data.train.astype(np.float64), components)
    count = min(components, data.visible)
    theirs = PCA(count, svd_solver="full").fit(data.train.astype(np.float64))
    expected = theirs.inverse_transform(theirs.transform(data.test))
    np.testing.assert_allclose(mine.reconstruct(data.test), expected, atol=1e-8)
    overlap = np.abs(mine.axes @ theirs.components_.T)
    strong = theirs.explained_variance_ > 1e-9
    np.testing.assert_allclose(np.diag(overlap)[strong], 1, atol=1e-6)


def test_the_error_is_summed_over_inputs_and_mean_over_samples() -> None:
    x = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert squared_error(np.array([[1.0, 2.0], [1.0, 1.0]]), x) == (1 + 4 + 0 + 0) / 2


def test_controls_are_measured_on_the_stages_own_input(denoising: Any) -> None:
    data, outcome = denoising.data, denoising.outcome
    best = ranked(denoising.study, outcome)[0].trials
    inputs = stage_inputs((), data, denoising.store)
    pca, untrained, mean = measure(best, inputs, outcome.manifests)
    assert [c.name for c in (pca, untrained, mean)] == ["pca", "untrained", "mean_image"]
    assert pca.label == "PCA, 10 components"
    theirs = PCA(10, svd_solver="full").fit(data.train.astype(np.float64))
    for split in ("validation", "test"):
        x = getattr(data, split)
        name = f"{split}/reconstruction_error"
        expected = squared_error(theirs.inverse_transform(theirs.transform(x)), x)
        assert pca.metrics[name] == pytest.approx(expected, rel=1e-6)
        assert mean.metrics[name] == pytest.approx(squared_error(data.train.mean(0), x), rel=1e-5)
        first = [outcome.manifests[t.key]["history"][name][0] for t in best]
        assert {step for step, _ in first} == {0}
        assert untrained.metrics[name] == pytest.approx(np.mean([value for _, value in first]))
        assert pca.metrics[name] < mean.metrics[name] < untrained.metrics[name]


def test_a_deeper_stage_is_compared_on_codes(two_layers: Any) -> None:
    best = ranked(two_layers.study, two_layers.outcome)[0].trials
    inputs = stage_inputs(best[0].inputs, two_layers.data, two_layers.store)
    pca, *_ = measure(best, inputs, two_layers.outcome.manifests)
    assert pca.stage == "second"
    assert pca.label == "PCA, 4 components"
    theirs = PCA(4, svd_solver="full").fit(inputs["train"].astype(np.float64))
    expected = squared_error(
        theirs.inverse_transform(theirs.transform(inputs["test"])), inputs["test"]
    )
    assert pca.metrics["test/reconstruction_error"] == pytest.approx(expected, rel=1e-5)


def test_as_many_components_as_inputs_are_no_control(denoising: Any) -> None:
    best = [
        replace(trial, settings={**trial.settings, "hidden": 64})
        for trial in ranked(denoising.study, denoising.outcome)[0].trials
    ]
    inputs = stage_inputs((), denoising.data, denoising.store)
    found = measure(best, inputs, denoising.outcome.manifests)
    assert [control.name for control in found] == ["untrained", "mean_image"]
