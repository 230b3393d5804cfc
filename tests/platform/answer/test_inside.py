"""What is recorded of the networks' insides, against the networks themselves."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from without_ray import train

from layerwise.models import create
from layerwise.platform.answer import inside as module
from layerwise.platform.answer.inside import PLACES, effort, grey, look
from layerwise.platform.answer.ranking import ranked
from layerwise.platform.execution.trained import estimator, layers, network
from layerwise.platform.store import Store
from layerwise.platform.study import Study


def looked(answered: Any, **data: Any) -> module.Inside:
    """Inside the best setting of a trained study."""
    ranking = ranked(answered.study, answered.outcome)
    stack = layers(ranking[0].trials[0].key, answered.store)
    return look(ranking, replace(answered.data, **data), answered.store, stack)


def test_every_array_is_named_once_and_small(denoising: Any) -> None:
    found = looked(denoising)
    entries = [entry for group in found.entries.values() for entry in group]
    named = [name for entry in entries for name in entry["arrays"].values()]  # type: ignore[attr-defined]
    assert sorted(named) == sorted(found.arrays)
    assert sum(array.nbytes for array in found.arrays.values()) < 200_000
    assert {array.dtype for array in found.arrays.values()} == {
        np.dtype(np.float32),
        np.dtype(np.uint8),
    }


def test_the_map_is_of_validation_codes_with_their_labels(denoising: Any) -> None:
    found = looked(denoising)
    [entry] = found.entries["code_map"]
    data = denoising.data
    codes = estimator(str(entry["key"]), denoising.store).encode(data.validation).astype(float)
    centred = codes - codes.mean(0)
    values = np.linalg.svd(centred, compute_uv=False)
    np.testing.assert_allclose(entry["shares"], (values**2)[:2] / (values**2).sum(), rtol=1e-4)
    points = found.arrays["inside/code_map/0/points"].astype(float)
    np.testing.assert_allclose((points**2).sum(0), (values**2)[:2], rtol=1e-4)
    labels = found.arrays["inside/code_map/0/labels"]
    np.testing.assert_array_equal(labels, data.class_numbers["validation"])
    assert entry["classes"] == [str(digit) for digit in range(10)]
    assert (entry["samples"], entry["of"], entry["split"]) == (269, 269, "validation")
    images = found.arrays["inside/code_map/0/thumbnails"]
    np.testing.assert_array_equal(images, grey(data.validation.reshape(-1, 8, 8)))


def test_units_agree_with_the_measures_of_the_trial(denoising: Any) -> None:
    found = looked(denoising)
    keys = [entry["key"] for entry in found.entries["units"]]
    assert len(set(keys)) == len(keys) == 2
    for place, key in enumerate(keys):
        frequency = found.arrays[f"inside/units/{place}/frequency"]
        history = denoising.outcome.manifests[key]["history"]
        assert (frequency == 0).sum() == history["validation/dead_units"][-1][1]
        active = history["validation/active_units"][-1][1]
        assert frequency.sum() == pytest.approx(active, rel=1e-4)
        codes = estimator(str(key), denoising.store).encode(denoising.data.validation)
        mean = found.arrays[f"inside/units/{place}/mean"]
        np.testing.assert_allclose(mean, codes.mean(0), rtol=1e-4)


def test_spectra_stand_beside_the_units(denoising: Any) -> None:
    found = looked(denoising)
    spectra, units = found.entries["spectrum"], found.entries["units"]
    assert [entry["key"] for entry in spectra] == [entry["key"] for entry in units]
    mean = found.arrays["inside/spectrum/0/mean"]
    assert mean.shape == (10,)
    assert (np.diff(mean) <= 0).all()


def test_a_traversal_passes_through_the_mean_code(two_layers: Any) -> None:
    found = looked(two_layers)
    [entry] = found.entries["traversal"]
    images = found.arrays["inside/traversal/0/images"]
    assert images.shape == (4, len(PLACES), 8, 8)
    stack = layers(str(entry["key"]), two_layers.store)
    assert stack is not None
    codes = network(stack).encode(two_layers.data.validation)
    middle = network(stack).decode(codes.mean(0)[None])[0].reshape(8, 8)
    for row in images:
        np.testing.assert_allclose(row[3], middle, atol=1e-5)
    _, values, directions = np.linalg.svd(codes - codes.mean(0), full_matrices=False)
    away = 2 * values[0] / len(codes) ** 0.5 * directions[0]
    ends = network(stack).decode(np.stack([codes.mean(0) - away, codes.mean(0) + away]))
    shown = images[0, [0, -1]].reshape(2, -1)
    assert min(abs(shown - ends).max(), abs(shown - ends[::-1]).max()) < 1e-4


def test_a_machine_on_a_stack_dreams_in_images(tmp_path: Any, denoising: Any) -> None:
    stages = [
        {"name": "first", "model": "bernoulli_rbm", "hidden": 6, "epochs": 1},
        {"name": "second", "model": "bernoulli_rbm", "hidden": 3, "epochs": 1},
    ]
    study, store = Study(study="dreams", data="digits", stages=stages), Store(tmp_path)
    ranking = ranked(study, train(study, store, denoising.data))
    stack = layers(ranking[0].trials[0].key, store)
    assert stack is not None
    found = look(ranking, denoising.data, store, stack)
    assert "traversal" not in found.entries
    [entry] = found.entries["gibbs"]
    assert entry["steps"] == [1, 10, 100, 1000]
    images = found.arrays["inside/gibbs/0/images"]
    assert images.shape == (4, 8, 8, 8)
    expected = stack[0].decode(stack[1].sample(8, 10, 0))
    np.testing.assert_allclose(images[1].reshape(8, -1), expected, atol=1e-6)


def test_data_that_are_no_images_or_have_no_labels(denoising: Any) -> None:
    found = looked(denoising, image_shape=None, labels=None)
    assert list(found.entries) == ["code_map", "units", "spectrum"]
    assert list(found.entries["code_map"][0]["arrays"]) == ["points"]  # type: ignore[call-overload]
    assert found.entries["code_map"][0]["classes"] == []


def test_large_networks_are_looked_at_alone(
    denoising: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EFFORT", 1)
    assert len(looked(denoising).entries["units"]) == 1


def test_it_is_cheap_and_leaves_the_threads_alone(denoising: Any) -> None:
    threads = torch.get_num_threads()
    looked(denoising)
    started = time.process_time()
    looked(denoising)
    assert time.process_time() - started < 0.3
    assert torch.get_num_threads() == threads


def test_effort_counts_passes_of_the_mean_field() -> None:
    flat = create("bernoulli_rbm", visible=8, hidden=4)
    assert effort(flat) == 8 * 4 + 8 + 4
    deep = create("deep_boltzmann_machine", visible=8, layers=[5], hidden=4)
    assert effort(deep) == 11 * (8 * 5 + 5 * 4 + 8 + 5 + 4)


def test_grey_levels_of_a_flat_image() -> None:
    assert not grey(np.full((2, 3, 3), 7.0)).any()
