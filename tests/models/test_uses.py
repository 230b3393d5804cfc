"""What networks are used for: the same of one layer and of a stack, and only where it has sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_cohorts import digits
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from layerwise.models import Stack, create, load
from layerwise.models.abilities import Array
from layerwise.models.colouring import luma
from layerwise.models.inputs import Inputs
from layerwise.models.uses import Uses

RNG = np.random.default_rng(0)
X = RNG.random((60, 12)).astype(np.float32)


class Painter(Uses):
    """Every pixel gets the same red, whatever is asked of it."""

    model = "painter"
    visible_ = 12

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @property
    def lowest_settings(self) -> dict[str, Any]:
        return {"corruption.kind": self.kind}

    def encode(self, x: Any) -> Array:
        return np.asarray(x)

    def reconstruct(self, x: Any) -> Array:
        return np.asarray(x) + np.repeat([0.2, 0.0, 0.0], 4)

    def score_samples(self, x: Any) -> Array:
        return np.asarray(x).sum(1)


def test_the_anomaly_score_of_an_autoencoder_is_its_error() -> None:
    network = create("autoencoder", hidden=4, epochs=2).fit(X)
    np.testing.assert_array_equal(network.anomaly_score(X), -network.score_samples(X))
    assert (network.anomaly_score(X) >= 0).all()
    stack = Stack([network, create("autoencoder", hidden=2, epochs=1).fit(network.encode(X))])
    error = np.square(stack.reconstruct(X) - X).sum(1)
    np.testing.assert_allclose(stack.anomaly_score(X), error, rtol=1e-6)


def test_the_anomaly_score_of_a_machine_is_its_free_energy() -> None:
    machine = create("bernoulli_rbm", hidden=3, epochs=2).fit(X)
    np.testing.assert_array_equal(machine.anomaly_score(X), machine.free_energy(X))
    # −log p(v) up to a constant.
    constant = machine.anomaly_score(X) + machine.log_likelihood(X)
    np.testing.assert_allclose(constant, constant[0], rtol=1e-4)


def test_a_digit_upside_down_is_an_anomaly() -> None:
    x, y = np.asarray(digits()), load_digits().target
    normal = x[(y == 7) | (y == 4)]
    network = create("denoising_autoencoder", hidden=16, epochs=60).fit(normal[:200])
    seen = normal[200:]
    turned = seen[:, ::-1]
    score = network.anomaly_score(np.concatenate([seen, turned]))
    assert roc_auc_score(np.repeat([0, 1], len(seen)), score) > 0.95


def test_what_is_searched_finds_itself_first() -> None:
    network = create("autoencoder", hidden=6, epochs=2).fit(X)
    stack = Stack([network, create("autoencoder", hidden=5, epochs=2).fit(network.encode(X))])
    for one in (network, stack):
        found = one.retrieve(X[7:12], X, k=3)
        np.testing.assert_array_equal(found.places[:, 0], np.arange(7, 12))
        np.testing.assert_allclose(found.distances[:, 0], 0, atol=1e-6)
        assert (np.diff(found.distances, axis=1) >= 0).all()


def test_only_a_network_that_saw_grey_images_gives_them_colour() -> None:
    grey = RNG.uniform(0.2, 0.8, (3, 4))
    painted = Painter("grey").colourise(grey)
    np.testing.assert_allclose(luma(painted), grey, atol=1e-6)
    assert (painted[:, :4] > painted[:, 4:8]).all()
    assert not hasattr(Painter("masking"), "colourise")
    with pytest.raises(AttributeError, match="painter has no colourise"):
        _ = Painter("masking").colourise
    assert not hasattr(create("denoising_autoencoder", visible=12), "colourise")
    assert not hasattr(create("bernoulli_rbm", visible=12), "colourise")


def test_a_network_learns_which_grey_was_which_colour() -> None:
    # Dark pixels are blue, bright ones yellow: colour follows from luma alone.
    grey = np.random.default_rng(0).uniform(0.3, 0.7, (400, 4))
    warm = grey - 0.5
    chroma = np.concatenate([warm, warm, -2 * warm], 1)
    true = np.tile(grey - luma(chroma), 3) + chroma
    settings = {"corruption": {"kind": "grey", "level": 1.0}, "epochs": 100}
    network = create("denoising_autoencoder", hidden=12, seed=1, learning_rate=0.1, **settings).fit(
        true[:300]
    )
    stack = Stack([network, create("autoencoder", hidden=12, learning_rate=0.1, epochs=100)])
    stack.layers[1].fit(network.encode(true[:300]))
    found = network.colourise(grey[300:])
    left = np.square(found - true[300:]).sum() / np.square(chroma[300:]).sum()
    assert left < 0.5
    for one in (network, stack):
        found = one.colourise(grey[300:])
        unclipped = ((found > 0) & (found < 1)).reshape(100, 3, 4).all(1)
        assert unclipped.mean() > 0.5
        np.testing.assert_allclose(luma(found)[unclipped], grey[300:][unclipped], atol=1e-5)


def test_what_the_inputs_are_stays_with_the_network(tmp_path: Path) -> None:
    network = create("autoencoder", hidden=4, epochs=1).fit(X)
    stack = Stack([network, create("autoencoder", hidden=2, epochs=1).fit(network.encode(X))])
    for name, one in {"network": network, "stack": stack}.items():
        assert load(one.save(tmp_path / name)).inputs is None
        one.inputs = Inputs(12, image_shape=(3, 4), example=X[0])
        found = load(one.save(tmp_path / name)).inputs
        assert found is not None
        assert found.image_shape == (3, 4)
        # Saved again without, the folder says nothing of another network's inputs.
        one.inputs = None
        assert load(one.save(tmp_path / name)).inputs is None
