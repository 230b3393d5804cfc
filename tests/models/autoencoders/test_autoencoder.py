"""The losses, the parts, and the tied decoder of the plain autoencoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import VISIBLE, Case, cohort, made_samples, settings

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.network import Network


def network(**given: object) -> Autoencoder:
    made = cohort(Case("autoencoder"), [settings(Case("autoencoder"), **given)], [0])
    assert isinstance(made, Autoencoder)
    return made


def test_encoder_and_decoder_are_the_equation() -> None:
    x = made_samples([0]).all()
    made = network(activation="tanh", output_activation="sigmoid")
    w = {name: array.astype(np.float64) for name, array in made.weights().items()}
    code = np.tanh(x[0].numpy() @ w["weight"] + w["hidden_bias"])
    output = 1 / (1 + np.exp(-(code @ w["decoder_weight"] + w["decoder_bias"])))
    np.testing.assert_allclose(made.encode(x)[0], code, rtol=1e-12)
    np.testing.assert_allclose(made.reconstruct(x)[0], output, rtol=1e-12)


def test_squared_error_is_summed_over_inputs_and_averaged_over_samples() -> None:
    x = made_samples([0]).all()
    made = network()
    loss, error = made.loss(x, made.draws(1, 0))
    expected = (made.reconstruct(x)[0] - x[0]).square().sum() / x.shape[1]
    torch.testing.assert_close(loss, expected[None], rtol=1e-12, atol=0)
    assert torch.equal(loss, error)


def test_cross_entropy_is_minus_the_bernoulli_log_likelihood() -> None:
    x = made_samples([0]).all()
    made = network(reconstruction="cross_entropy", output_activation="sigmoid")
    loss, error = made.loss(x, made.draws(1, 0))
    p = made.reconstruct(x)[0]
    likelihood = (x[0] * p.log() + (1 - x[0]) * (1 - p).log()).sum() / x.shape[1]
    torch.testing.assert_close(loss, -likelihood[None], rtol=1e-12, atol=0)
    expected = (p - x[0]).square().sum() / x.shape[1]
    torch.testing.assert_close(error, expected[None], rtol=1e-12, atol=0)


def test_penalties_add_to_the_loss_and_not_to_the_error() -> None:
    x = made_samples([0]).all()
    plain = network()
    penalised = network(**{"sparsity.weight": 0.2, "contraction.weight": 0.3})
    code, weight = plain.encode(x), plain.parameters["weight"]
    l1 = 0.2 * code.abs().sum(-1).mean()
    slopes = (code * (1 - code)).square().mean(1)
    jacobian = 0.3 * (slopes * weight.square().sum(1)).sum()
    loss, error = plain.loss(x, plain.draws())
    loss2, error2 = penalised.loss(x, penalised.draws())
    torch.testing.assert_close(loss2 - loss, (l1 + jacobian)[None], rtol=1e-10, atol=0)
    assert torch.equal(error, error2)


def test_the_clean_input_is_asked_of_a_corrupted_one() -> None:
    x = made_samples([0]).all()
    noisy = network(**{"corruption.kind": "masking", "corruption.level": 1.0})
    seen = noisy.reconstruct(torch.zeros_like(x))
    _, error = noisy.loss(x, noisy.draws())
    torch.testing.assert_close(error, (seen - x).square().sum((1, 2)) / x.shape[1])


@pytest.mark.parametrize("entropy", [False, True])
def test_with_emphasis_inputs_that_were_not_hit_count_less(entropy: bool) -> None:
    x = made_samples([0]).all()
    given = {"reconstruction": "cross_entropy"} if entropy else {}
    made = network(**{
        **given, "output_activation": "sigmoid", "corruption.kind": "masking",
        "corruption.level": 0.4, "corruption.emphasis": 0.7,
    })  # fmt: skip
    seen = made.corruption(x, made.draws(1, 0))
    output = made.reconstruct(seen)
    square = (output - x).square()
    distance = -(x * output.log() + (1 - x) * (1 - output).log()) if entropy else square
    counting = torch.where(seen == x, 0.3, 1.0)
    loss, error = made.loss(x, made.draws(1, 0))
    rows = x.shape[1]
    torch.testing.assert_close(loss, (counting * distance).sum((1, 2)) / rows)
    torch.testing.assert_close(error, square.sum((1, 2)) / rows)


def test_a_tied_decoder_is_the_transpose_and_learns_once() -> None:
    x = np.random.default_rng(0).random((40, 6))
    made = create("autoencoder", hidden=3, tied=True, epochs=2).fit(x)
    w = made.weights()
    assert list(w) == ["weight", "hidden_bias", "decoder_bias", "decoder_weight"]
    np.testing.assert_array_equal(w["decoder_weight"], w["weight"].T)
    with pytest.raises(InputError, match="transpose"):
        made.set_weights({**w, "decoder_weight": w["decoder_weight"] + 1})
    with pytest.raises(InputError, match=r"set_weights\(weight\): must be given"):
        made.set_weights({name: array for name, array in w.items() if name != "weight"})
    del w["decoder_weight"]
    made.set_weights(w)


def test_the_field_divides_by_the_variance_of_gaussian_noise_only() -> None:
    x = made_samples([0]).all()
    for kind, level, divisor in [
        ("gaussian", 0.5, 0.25),
        ("gaussian", 0.0, 1.0),
        ("masking", 0.5, 1.0),
    ]:
        made = network(**{"corruption.kind": kind, "corruption.level": level})
        torch.testing.assert_close(made.score(x), (made.reconstruct(x) - x) / divisor)


def test_the_field_points_uphill_after_denoising() -> None:
    """For data N(0, s²) the smoothed score is −x/(s² + σ²), and r(x) − x its σ²-fold."""
    x = np.random.default_rng(1).normal(scale=2.0, size=(4000, 1))
    made = create(
        "linear_autoencoder", hidden=1, epochs=60, batch_size=200, learning_rate=0.01,
        corruption={"kind": "gaussian", "level": 1.0},
    ).fit(x)  # fmt: skip
    probe = np.array([[-2.0], [1.0], [3.0]])
    np.testing.assert_allclose(made.score(probe), -probe / 5, atol=0.08)


def test_first_weights_keep_to_the_glorot_range() -> None:
    for activation, gain in [("sigmoid", 4), ("tanh", 1), ("relu", 2**0.5), ("identity", 1)]:
        made = network(activation=activation, hidden=300)
        reach = (6 / (VISIBLE + 300)) ** 0.5
        for name, factor in [("weight", gain), ("decoder_weight", 1.0)]:
            largest = made.parameters[name].abs().max().item()
            assert 0.98 * reach * factor < largest <= reach * factor
        assert not made.parameters["hidden_bias"].any()


def test_what_excludes_one_another_is_refused() -> None:
    with pytest.raises(HyperparameterError, match="output_activation: sigmoid"):
        create("autoencoder", reconstruction="cross_entropy")
    with pytest.raises(HyperparameterError, match="kind: l1"):
        create("autoencoder", activation="relu", sparsity={"kind": "kl", "weight": 0.1})
    with pytest.raises(HyperparameterError, match="It is a share"):
        create("autoencoder", corruption={"kind": "masking", "level": 1.5})
    create("autoencoder", corruption={"kind": "gaussian", "level": 1.5})


def test_cross_entropy_refuses_inputs_that_are_no_probabilities() -> None:
    made = create("autoencoder", reconstruction="cross_entropy", output_activation="sigmoid")
    with pytest.raises(InputError, match="from 0 to 1, but got 'a range from -1 to 2'"):
        made.fit([[-1.0, 2.0]])


@pytest.mark.parametrize("name", ["weight", "decoder_weight"])
def test_trials_start_at_the_weights_of_their_seed(name: str) -> None:
    case = Case("autoencoder")
    made: Network = cohort(case, [settings(case)] * 3, [4, 9, 4])
    first, second, third = made.parameters[name]
    assert torch.equal(first, third)
    assert not torch.equal(first, second)
