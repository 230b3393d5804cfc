"""The optional methods: there where the theory has them, and honest about what is an estimate."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.models import create
from layerwise.models.errors import UnreliableEstimate

X = np.random.default_rng(0).random((40, 6))


def test_methods_exist_where_the_theory_has_them() -> None:
    machine, network = (
        create("bernoulli_rbm", visible=6, hidden=4),
        create("autoencoder", visible=6),
    )
    for name in ("free_energy", "sample", "log_likelihood"):
        assert hasattr(machine, name)
        assert not hasattr(network, name)
    for name in ("score", "walk_back", "langevin"):
        assert hasattr(network, name)
        assert not hasattr(machine, name)
    assert not hasattr(create("fine_tune", visible=6), "predict")
    assert hasattr(create("fine_tune", visible=6, objective="classification"), "predict")
    with pytest.raises(AttributeError, match="autoencoder has no sample"):
        _ = network.sample


def test_an_estimate_whose_directions_disagree_is_said_to_be_unreliable() -> None:
    machine = create("bernoulli_rbm", visible=24, hidden=24, dtype="float64")
    weights = machine.weights()
    machine.set_weights(weights)
    assert np.isfinite(machine.log_likelihood(np.zeros((1, 24)))).all()
    # Two modes, all on and all off, that no chain passes between.
    weights["weight"] = np.full((24, 24), 3.0)
    weights["hidden_bias"] = weights["visible_bias"] = np.full(24, -36.0)
    machine.set_weights(weights)
    with pytest.warns(UnreliableEstimate, match="is unreliable"):
        machine.log_likelihood(np.ones((1, 24)))


def test_classes_are_learned_and_predicted() -> None:
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 200)
    x = np.clip(0.5 + (2 * y - 1)[:, None] * 0.25 + 0.1 * rng.normal(size=(200, 6)), 0, 1)
    network = create("fine_tune", hidden=4, objective="classification", classes=2, epochs=30)
    network.fit(x, y)
    probability = network.class_probability(x)
    np.testing.assert_allclose(probability.sum(1), 1, rtol=1e-5)
    assert (network.predict(x) == y).mean() > 0.95
