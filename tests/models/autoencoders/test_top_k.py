"""No more than k units speak, and they are the largest."""

from __future__ import annotations

import numpy as np
import pytest
from made_cohorts import VISIBLE, Case, cohort, digits, made_samples, settings

from layerwise.models import create

X = digits()[:400]


@pytest.mark.parametrize("k", [1, 4, 9])
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_the_l0_norm_of_every_code(k: int, activation: str) -> None:
    network = create("top_k_autoencoder", hidden=24, k=k, activation=activation, epochs=5).fit(X)
    code = network.encode(X)
    speaking = (code != 0).sum(1)
    assert speaking.max() == k
    if activation == "identity":
        assert speaking.min() == k
    else:
        assert code.min() == 0


def test_with_relu_fewer_than_k_speak_where_fewer_are_above_zero() -> None:
    network = create("top_k_autoencoder", hidden=24, k=8, epochs=5).fit(X)
    weights = network.weights()
    network.set_weights(weights | {"hidden_bias": weights["hidden_bias"] - 0.7})
    speaking = (network.encode(X) != 0).sum(1)
    assert speaking.min() < speaking.max() <= 8


def test_the_units_that_speak_are_the_largest_and_say_what_they_would_have_said() -> None:
    k = 3
    case = Case("top_k_autoencoder", {"k": k, "activation": "identity"})
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0]).all()
    network.meet(x)
    code = network.encode(x).numpy()
    w = [network.weights(trial) for trial in range(2)]
    for trial in range(2):
        centred = x[0].numpy() - w[trial]["decoder_bias"]
        full = centred @ w[trial]["weight"] + w[trial]["hidden_bias"]
        kth = np.sort(full, axis=1)[:, [-k]]
        expected = np.where(full >= kth, full, 0)
        np.testing.assert_allclose(code[trial], expected, rtol=1e-12, atol=1e-14)


def test_with_room_for_all_it_is_the_plain_dictionary() -> None:
    x = made_samples([0]).all()
    codes = []
    for name, structure in (("top_k_autoencoder", {"k": 50}), ("dictionary_autoencoder", {})):
        case = Case(name, structure)
        codes.append(cohort(case, [settings(case)], [0], visible=VISIBLE).encode(x))
    assert codes[0].equal(codes[1])
