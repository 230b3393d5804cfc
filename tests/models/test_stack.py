"""Layers upon layers, as one deep network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerwise.models import InputError, Stack, create, load

X = np.random.default_rng(0).random((20, 8))


def stack() -> Stack:
    lower = create("autoencoder", hidden=5, epochs=1).fit(X)
    upper = create("bernoulli_rbm", hidden=3, epochs=1).fit(lower.encode(X))
    return Stack([lower, upper])


def test_it_encodes_upwards_and_decodes_downwards() -> None:
    made = stack()
    lower, upper = made.layers
    code = upper.encode(lower.encode(X))
    np.testing.assert_array_equal(made.encode(X), code)
    np.testing.assert_array_equal(made.transform(X), code)
    np.testing.assert_array_equal(made.decode(code), lower.decode(upper.decode(code)))
    np.testing.assert_array_equal(made.reconstruct(X), made.decode(code))
    error = np.square(made.reconstruct(X) - X).sum(1)
    np.testing.assert_allclose(made.score_samples(X), -error)


def test_it_comes_back_from_a_folder_bit_for_bit(tmp_path: Path) -> None:
    made = stack()
    made.save(tmp_path / "deep")
    again = load(tmp_path / "deep")
    assert isinstance(again, Stack)
    np.testing.assert_array_equal(again.reconstruct(X), made.reconstruct(X))
    for before, after in zip(made.weights(), again.weights(), strict=True):
        assert before.keys() == after.keys()


def test_layers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="at least one layer"):
        Stack([])
    with pytest.raises(InputError, match="needs a layer with 5 visible units, but got 6"):
        Stack([create("autoencoder", visible=8, hidden=5), create("autoencoder", visible=6)])
