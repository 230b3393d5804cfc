"""Layers upon layers, as one deep network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from made_cohorts import digits
from sklearn.datasets import load_digits

from layerwise.models import Estimator, InputError, Stack, create, load

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


def digits_apart() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """1 300 digits and their labels to learn from, and 497 to be tested with."""
    order = np.random.default_rng(0).permutation(len(digits()))
    x, label = digits()[order], load_digits().target[order]
    return x[:1300], label[:1300], x[1300:], label[1300:]


def test_fitting_it_fits_each_layer_on_the_codes_below() -> None:
    made = Stack([create("autoencoder", hidden=5, epochs=1), create("bernoulli_rbm", hidden=3)])
    assert made.fit(X) is made
    lower = create("autoencoder", hidden=5, epochs=1).fit(X)
    upper = create("bernoulli_rbm", hidden=3).fit(lower.encode(X))
    np.testing.assert_array_equal(made.encode(X), upper.encode(lower.encode(X)))


def test_untuned_it_is_the_stack_and_comes_back_bit_for_bit(tmp_path: Path) -> None:
    made = stack()
    tuned = made.fine_tune(X, epochs=0)
    np.testing.assert_allclose(tuned.encode(X), made.encode(X), rtol=1e-5)
    np.testing.assert_allclose(tuned.reconstruct(X), made.reconstruct(X), rtol=1e-5, atol=1e-6)
    tuned = made.fine_tune(X, epochs=2)
    again = load(tuned.save(tmp_path))
    assert isinstance(again, Estimator)
    np.testing.assert_array_equal(again.reconstruct(X), tuned.reconstruct(X))
    np.testing.assert_array_equal(tuned.fit(X).reconstruct(X), again.reconstruct(X))


def test_thresholds_learned_in_training_are_saved_too(tmp_path: Path) -> None:
    made = Stack([create("batch_top_k_autoencoder", hidden=6, k=2, epochs=1)]).fit(X)
    again = load(made.save(tmp_path))
    np.testing.assert_array_equal(again.encode(X), made.encode(X))


def test_tuning_lowers_the_error_of_a_pretrained_stack() -> None:
    """And starting from it is better than starting at random, at as many epochs end to end."""
    train, _, test, _ = digits_apart()
    sizes = (128, 64, 16)
    made = Stack(
        [create("denoising_autoencoder", hidden=h, epochs=15, output_activation="sigmoid")
         for h in sizes]
    ).fit(train)  # fmt: skip
    tuned = made.fine_tune(train, epochs=10)
    start = create(
        "fine_tune", layers=sizes[:2], hidden=16, epochs=10, output_activation="sigmoid"
    ).fit(train)
    before, after, random = (
        -n.score_samples(test).mean() for n in (made, tuned, start)
    )  # fmt: skip
    assert after < 0.75 * before
    assert after < 0.75 * random


def test_a_tuned_stack_classifies_digits() -> None:
    train, label, test, asked = digits_apart()
    made = Stack([create("bernoulli_rbm", hidden=h, epochs=20) for h in (128, 64)]).fit(train)
    tuned = made.fine_tune(train, label, epochs=20)
    assert tuned.settings["objective"] == "classification"
    assert tuned.settings["classes"] == 10
    assert tuned.network_ is not None
    x = torch.tensor(test[None], dtype=torch.float32)
    measured = tuned.network_.supervised_measures(x, torch.tensor(asked))
    assert measured["classification_error"].item() < 0.05


def test_what_cannot_be_tuned_is_refused() -> None:
    with pytest.raises(InputError, match="must be fitted"):
        Stack([create("autoencoder"), create("autoencoder")]).fine_tune(X)
    with pytest.raises(InputError, match="labels that are whole numbers"):
        stack().fine_tune(X, ["a"] * 20)  # type: ignore[arg-type]
    words = create("replicated_softmax", hidden=3, epochs=1).fit(np.round(9 * X) + 1)
    with pytest.raises(InputError, match="cannot be unrolled"):
        Stack([words]).fine_tune(np.round(9 * X) + 1)


def test_a_machine_on_top_is_sampled_through_the_layers_below() -> None:
    x = np.random.default_rng(3).random((30, 10))
    lower = create("autoencoder", hidden=6, epochs=1).fit(x)
    machine = create("bernoulli_rbm", hidden=4, epochs=1).fit(lower.encode(x))
    stack = Stack([lower, machine])
    samples = stack.sample(5, steps=20, seed=1)
    np.testing.assert_array_equal(samples, lower.decode(machine.sample(5, 20, 1)))
    assert samples.shape == (5, 10)
    assert not hasattr(Stack([lower]), "sample")


@pytest.mark.parametrize("model", ["bimodal_autoencoder", "multimodal_boltzmann_machine"])
def test_it_completes_a_modality_where_its_lowest_layer_does(model: str) -> None:
    x = np.random.default_rng(4).random((8, 10)).astype(np.float32)
    lower = create(model, hidden=6, layers=[5], first_visible=4, epochs=1).fit(x)
    stack = Stack([lower, create("autoencoder", hidden=3, epochs=1).fit(lower.encode(x))])
    other = x.copy()
    other[:, 4:] = 0.5
    found = stack.complete(x, "first")
    np.testing.assert_array_equal(found[:, :4], x[:, :4])
    np.testing.assert_array_equal(found, stack.complete(other, "first"))
    filled = lower.complete(x, "second")
    np.testing.assert_array_equal(
        stack.complete(x, "second")[:, :4], stack.reconstruct(filled)[:, :4]
    )
    np.testing.assert_array_equal(stack.complete(x, "second")[:, 4:], x[:, 4:])
    with pytest.raises(InputError, match="first or second"):
        stack.complete(x, "third")
    assert not hasattr(Stack([create("autoencoder", visible=10)]), "complete")
