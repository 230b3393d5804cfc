"""Learned fields beside the true one: controls in closed form, and a small study."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.platform.contests import fields
from layerwise.platform.data import DataSet, load
from layerwise.platform.data.density import Mixture
from layerwise.platform.errors import DataError, StudyError
from layerwise.platform.study import Data
from layerwise.platform.uses.manifold import Manifold, Normal, at_noise, kernel_density

NOISE = {"kind": "gaussian", "level": 0.4}
DENOISING = {
    "name": "tied", "model": "denoising_autoencoder", "hidden": 20, "tied": True,
    "activation": "tanh", "corruption": NOISE, "learning_rate": 0.02, "epochs": 4,
}  # fmt: skip


def study(*stages: dict[str, Any]) -> dict[str, Any]:
    return {
        "study": "manifold",
        "data": {"name": "spiral", "samples": 600, "validation": 0.2, "test": 0.3},
        "seeds": [0, 1],
        "stages": list(stages),
    }


@pytest.fixture(scope="module")
def data() -> DataSet:
    return load(Data(name="spiral", samples=1500))


def test_the_true_field_misses_nothing_and_leads_back(data: DataSet) -> None:
    assert data.density is not None
    for level, rows in ((0.0, 1), (0.4, 5)):
        x, true = at_noise(data, level)
        assert len(x) == rows * len(data.test)
        assert fields.error(data.density.smoothed(level).score(x), true) == 0.0
        # Stein's identity: E[s(x) · x] = −1 for each input.
        product = (true * x).sum(1)
        assert abs(product.mean() + 2.0) < 4 * product.std() / np.sqrt(len(data.test))


def test_one_gaussian_is_right_where_there_is_one(data: DataSet) -> None:
    one = Mixture(np.array([[1.0, -2.0]]), 0.5)
    x = one.samples(20_000, np.random.default_rng(0))
    normal = Normal.of(x)
    assert fields.error(normal.score(x, 0.4), one.smoothed(0.4).score(x)) < 0.001
    drawn = normal.samples(20_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(drawn.T), 0.25 * np.eye(2), atol=0.02)
    x, true = at_noise(data, 0.4)
    assert 0.5 < fields.error(Normal.of(data.train).score(x, 0.4), true) < 1.0


def test_a_kernel_s_width_is_the_likeliest_for_validation_samples(data: DataSet) -> None:
    found = kernel_density(data)
    best = found.log_density(data.validation).mean()
    for factor in (0.5, 2.0):
        other = replace(found, spread=factor * found.spread)
        assert other.log_density(data.validation).mean() < best
    x, true = at_noise(data, 0.4)
    assert fields.error(found.smoothed(0.4).score(x), true) < 0.1


def test_contestants_and_their_numbers(trained: Any) -> None:
    found = trained(study(DENOISING))
    errors, curls, distances = Manifold(steps=20, chains=50).look(found).measures
    assert [one.name for one in errors.contestants] == [
        "tied",
        "untrained",
        "none",
        "gaussian",
        "kde",
    ]
    assert [one.name for one in curls.contestants] == ["tied", "untrained"]
    names = [one.name for one in distances.contestants]
    assert names == ["tied", "tied/langevin", "noise", "gaussian", "kde", "training"]
    x, true = at_noise(found.data, 0.4)
    for seed in (0, 1):
        network = found.leaves[0].network(seed)
        expected = np.square(network.score(x) - true).sum() / np.square(true).sum()
        assert errors.contestants[0].values[seed] == pytest.approx(expected, rel=1e-4)
        assert curls.contestants[0].values[seed] == 0.0
    assert set(errors.contestants[2].values.values()) == {1.0}
    by_name = {one.name: one.values for one in distances.contestants}
    for seed in (0, 1):
        assert by_name["training"][seed] < by_name["tied"][seed]
        assert by_name["kde"][seed] < by_name["noise"][seed]


def test_it_finds_the_same_again(trained: Any) -> None:
    found = trained(study(DENOISING))
    use = Manifold(steps=5, chains=20)
    first, second = ([m.mapping() for m in use.look(found).measures] for _ in range(2))
    assert first == second


def test_a_machine_is_held_against_the_density_itself(trained: Any) -> None:
    machine = {"name": "machine", "model": "gaussian_rbm", "hidden": 4, "epochs": 1}
    found = trained(study(machine))
    errors, _, distances = Manifold(steps=5, chains=20).look(found).measures
    x, true = at_noise(found.data, 0.0)
    field = fields.of(found.leaves[0].network(0))
    assert field is not None
    assert errors.contestants[0].values[0] == pytest.approx(fields.error(field.score(x), true))
    assert distances.contestants[0].name == "machine"


def test_what_cannot_serve_is_refused(trained: Any) -> None:
    with pytest.raises(DataError, match=r"density is known.*\n?.*spiral"):
        Manifold().check(load(Data(name="digits")))
    with pytest.raises(StudyError, match="from 10 to 10"):
        Manifold(chains=1)
    plain = {"name": "plain", "model": "autoencoder", "hidden": 2, "epochs": 0}
    with pytest.raises(StudyError, match="trained to remove gaussian noise"):
        Manifold().look(trained(study(plain)))
