"""Fields of networks with two inputs, against closed forms and finite differences."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from without_ray import train

from layerwise.models import create
from layerwise.platform.answer import inside as module
from layerwise.platform.answer.field import MARGIN, SIDE, Field, grid, noise, vector_field
from layerwise.platform.answer.inside import look
from layerwise.platform.answer.ranking import ranked
from layerwise.platform.data import load
from layerwise.platform.execution.trained import layers
from layerwise.platform.store import Store
from layerwise.platform.study import Study

FAST: dict[str, Any] = {"learning_rate": 0.03, "batch_size": 50}


def line(n: int = 200) -> np.ndarray:
    """Points (n, 2) of a line through (1, −2) along (3, 4)/5."""
    along = np.random.default_rng(3).uniform(-2, 2, n)
    return (np.array([1.0, -2.0]) + along[:, None] * np.array([0.6, 0.8])).astype(np.float32)


def test_the_grid_goes_beyond_the_data_by_its_margin() -> None:
    x = np.array([[0, 5], [10, 7], [4, 6]], dtype=np.float32)
    points = grid(x)
    assert points.shape == (SIDE**2, 2)
    np.testing.assert_allclose(points.min(0), [-10 * MARGIN, 5 - 2 * MARGIN], rtol=1e-5)
    np.testing.assert_allclose(points.max(0), [10 + 10 * MARGIN, 7 + 2 * MARGIN], rtol=1e-5)
    assert len(np.unique(points, axis=0)) == SIDE**2
    for column in points.T:
        steps = np.diff(np.unique(column))
        assert len(steps) == SIDE - 1
        np.testing.assert_allclose(steps, steps[0], rtol=1e-3)


@pytest.mark.parametrize("x", [[[3.0, 1.0], [3.0, 2.0]], [[1.0, 1.0]], [[0.0, 0.0]]])
def test_inputs_that_are_constant_have_a_plane_too(x: list[list[float]]) -> None:
    points = grid(np.array(x, dtype=np.float32))
    assert len(np.unique(points, axis=0)) == SIDE**2
    assert (points.min(0) < np.min(x, axis=0)).all()
    assert (points.max(0) > np.max(x, axis=0)).all()


def test_a_linear_autoencoder_of_a_line_carries_straight_back_to_it() -> None:
    x = line()
    made = create("linear_autoencoder", hidden=1, tied=True, epochs=150, **FAST)
    found = vector_field([made.fit(x)], x)
    assert found is not None
    assert found.quantity == "reconstruction"
    direction = np.array([0.6, 0.8])
    away = found.points - np.array([1.0, -2.0])
    # Orthogonal to the line, and as long as the distance from it: the weights are tied, and
    # without noise an encoder of its own might read the plane at any slant.
    np.testing.assert_allclose(found.vectors @ direction, 0, atol=2e-2)
    expected = np.outer(away @ direction, direction) - away
    np.testing.assert_allclose(found.vectors, expected, atol=2e-2)


def test_a_stack_carries_through_all_its_layers() -> None:
    first, second = create("autoencoder", 2, 5, seed=1), create("autoencoder", 5, 3, seed=2)
    found = vector_field([first, second], line())
    assert found is not None
    back = first.decode(second.decode(second.encode(first.encode(found.points))))
    np.testing.assert_allclose(found.vectors, back - found.points, atol=1e-6)


def test_a_machine_of_real_units_descends_its_free_energy() -> None:
    machine = create("gaussian_rbm", hidden=4, dtype="float64", epochs=3, seed=5).fit(line())
    found = vector_field([machine], line())
    assert found is not None
    assert found.quantity == "score"
    step = 1e-5
    for at in (0, 1):
        ahead = np.zeros(2)
        ahead[at] = step
        points = found.points.astype(float)
        slope = machine.free_energy(points + ahead) - machine.free_energy(points - ahead)
        np.testing.assert_allclose(found.vectors[:, at], -slope / (2 * step), atol=1e-4)


def test_networks_without_a_field() -> None:
    x = line()
    assert vector_field([create("bernoulli_rbm", 2, 3)], x) is None
    assert vector_field([create("rectified_rbm", 2, 3)], x) is None
    assert vector_field([create("deep_boltzmann_machine", 2, 3, layers=[4])], x) is None
    # A dream on a code is no direction in the plane of the data.
    assert vector_field([create("autoencoder", 2, 3), create("gaussian_rbm", 3, 2)], x) is None
    classifier = create("fine_tune", 2, 3, layers=[4], objective="classification", classes=2)
    assert vector_field([classifier], x) is None


def test_a_field_that_is_not_finite_is_none() -> None:
    wild = create("linear_autoencoder", 2, 1)
    weights = wild.weights()
    wild.set_weights({**weights, "weight": np.full_like(weights["weight"], 1e30)})
    wild.set_weights({**wild.weights(), "decoder_weight": np.full((1, 2), 1e30)})
    assert vector_field([wild], line()) is None


def test_the_noise_of_a_single_layer_is_told() -> None:
    layer = create("denoising_autoencoder", 2, 3, corruption={"kind": "gaussian", "level": 0.25})
    assert noise([layer]) == {"corruption": "gaussian", "noise_level": 0.25}
    assert noise([layer, create("autoencoder", 3, 2)]) == {}
    assert noise([create("autoencoder", 2, 3)]) == {}
    assert noise([create("gaussian_rbm", 2, 3)]) == {}


def looked(folder: Path, path: Path, model: str = "denoising_autoencoder", **more: Any) -> Any:
    """What is recorded of the best setting of a study of that table."""
    stage = {"name": "codes", "model": model, "hidden": 4, "epochs": 1, **more}
    source = {"path": str(path), "validation": 0.4, "test": 0.1}
    study = Study(study="plane", data=source, seeds=[0], stages=[stage])
    data, store = load(study.data), Store(folder)
    ranking = ranked(study, train(study, store, data))
    stack = layers(ranking[0].trials[0].key, store)
    return look(ranking, data, store, stack), data, stack


def test_a_table_of_two_columns_has_its_field_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plane.npz"
    np.savez(path, x=line(1200))
    found, data, stack = looked(tmp_path / "a", path, corruption={"kind": "gaussian", "level": 0.1})
    [entry] = found.entries["field"]
    assert (entry["quantity"], entry["split"], entry["samples"]) == (
        "reconstruction",
        "validation",
        400,
    )
    assert (entry["of"], entry["corruption"], entry["noise_level"]) == (480, "gaussian", 0.1)
    points, vectors, samples = (
        found.arrays[f"inside/field/0/{part}"] for part in ("points", "vectors", "samples")
    )
    np.testing.assert_allclose(vectors, stack[0].reconstruct(points) - points, atol=1e-6)
    rows = [i * 480 // 400 for i in range(400)]
    np.testing.assert_array_equal(samples, data.validation[rows])
    both = np.concatenate([data.train, samples])
    assert (points.min(0) < both.min(0)).all()
    assert (points.max(0) > both.max(0)).all()
    monkeypatch.setattr(module, "FIELD_EFFORT", 1)
    again, _, _ = looked(tmp_path / "a", path, corruption={"kind": "gaussian", "level": 0.1})
    assert "field" not in again.entries


def test_other_tables_and_binary_machines_have_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "three.npz", x=np.random.default_rng(0).uniform(size=(60, 3)))
    assert "field" not in looked(tmp_path / "a", tmp_path / "three.npz")[0].entries
    np.savez(tmp_path / "two.npz", x=np.random.default_rng(0).uniform(size=(60, 2)))
    found = looked(tmp_path / "b", tmp_path / "two.npz", "bernoulli_rbm")[0]
    assert "field" not in found.entries


def test_it_is_cheap() -> None:
    layer, x = create("denoising_autoencoder", 2, 64), line(1000)
    found = vector_field([layer], x)
    assert isinstance(found, Field)
    started = time.process_time()
    for _ in range(10):
        vector_field([layer], x)
    assert time.process_time() - started < 0.2
