"""Pictures of images, and none where there are no images or no single stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from without_ray import train

from layerwise.platform.answer.controls import PrincipalComponents
from layerwise.platform.answer.pictures import FILTERS, SHOWN, take
from layerwise.platform.answer.ranking import ranked
from layerwise.platform.execution.trained import estimator
from layerwise.platform.store import Store
from layerwise.platform.study import Study


def test_images_have_four_panels(denoising: Any) -> None:
    ranking = ranked(denoising.study, denoising.outcome)
    pictures = take(ranking, denoising.data, denoising.store)
    panels = {panel["panel"]: panel for panel in pictures.panels}
    assert list(panels) == ["best", "noise", "pca", "untrained"]
    named = {name for p in pictures.panels for name in p["arrays"].values()}  # type: ignore[attr-defined]
    assert named == {name for name in pictures.arrays if not name.startswith("inside/")}
    for name in named:
        array = pictures.arrays[name]
        assert array.dtype == np.float32, name
        assert array.shape[1:] == (8, 8)
        assert np.isfinite(array).all()
        assert len(array) == (10 if name.endswith("filters") else SHOWN)
    clean = denoising.data.test[:SHOWN]
    best = estimator(ranking[0].trials[0].key, denoising.store)
    shown = pictures.arrays["best/reconstructed"].reshape(SHOWN, -1)
    np.testing.assert_allclose(shown, best.reconstruct(clean), atol=1e-6)
    np.testing.assert_array_equal(pictures.arrays["best/clean"].reshape(SHOWN, -1), clean)
    np.testing.assert_allclose(
        pictures.arrays["best/filters"].reshape(10, -1), best.weights()["weight"].T
    )
    pca = PrincipalComponents(denoising.data.train, 10)
    shown = pictures.arrays["pca/reconstructed"].reshape(SHOWN, -1)
    np.testing.assert_allclose(shown, pca.reconstruct(clean), atol=1e-5)


def test_the_noise_is_that_of_the_noisiest_setting(denoising: Any) -> None:
    ranking = ranked(denoising.study, denoising.outcome)
    pictures = take(ranking, denoising.data, denoising.store)
    [panel] = [p for p in pictures.panels if p["panel"] == "noise"]
    noisiest = next(row for row in ranking if row.values["corruption.level"] == 0.5)
    assert panel["key"] == noisiest.trials[0].key
    noise = pictures.arrays["noise/corrupted"] - pictures.arrays["noise/clean"]
    assert noise.std() == pytest.approx(0.5, rel=0.15)


def test_a_stack_shows_the_data_and_the_first_layers_filters(two_layers: Any) -> None:
    ranking = ranked(two_layers.study, two_layers.outcome)
    pictures = take(ranking, two_layers.data, two_layers.store)
    assert [panel["panel"] for panel in pictures.panels] == ["best", "pca", "untrained"]
    assert pictures.arrays["best/reconstructed"].shape == (SHOWN, 8, 8)
    assert pictures.arrays["best/filters"].shape == (12, 8, 8)
    # As many components as the deepest code has units.
    assert pictures.arrays["pca/filters"].shape == (4, 8, 8)
    assert FILTERS >= 12


def test_data_that_are_no_images_have_no_pictures(denoising: Any) -> None:
    ranking = ranked(denoising.study, denoising.outcome)
    pictures = take(ranking, replace(denoising.data, image_shape=None), denoising.store)
    assert pictures.panels == []
    # What needs no images is there.
    assert list(pictures.inside) == ["code_map", "units", "spectrum"]
    assert all(name.startswith("inside/") for name in pictures.arrays)
    assert not take([], denoising.data, denoising.store).panels


def test_joined_parents_have_no_pictures(tmp_path: Path, denoising: Any) -> None:
    one = {"model": "autoencoder", "hidden": 3, "epochs": 1, "after": []}
    stages = [
        {"name": "left", **one},
        {"name": "right", **one, "hidden": 2},
        {"name": "both", **one, "after": ["left", "right"]},
    ]
    study, store = Study(study="joined", data="digits", stages=stages), Store(tmp_path)
    outcome = train(study, store, denoising.data)
    pictures = take(ranked(study, outcome), denoising.data, store)
    assert not pictures.panels
    assert list(pictures.inside) == ["code_map", "units", "spectrum"]
    assert pictures.arrays["inside/units/0/mean"].shape == (3,)
