"""Every prefix of the dictionary reconstructs; with one level this is batch-top-k."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings, trained

from layerwise.models import create
from layerwise.models.autoencoders.matryoshka import MatryoshkaAutoencoder


def made(**structure: object) -> MatryoshkaAutoencoder:
    case = Case("matryoshka_autoencoder", structure)
    network = cohort(case, [settings(case)] * 2, [0, 1])
    assert isinstance(network, MatryoshkaAutoencoder)
    return network


def test_with_one_level_it_is_batch_top_k_to_the_bit() -> None:
    found = []
    for name, own in (("matryoshka_autoencoder", {"levels": 1}), ("batch_top_k_autoencoder", {})):
        case = Case(name, {"k": 2, "revival.after": 20, **own})
        rng = np.random.default_rng(6)
        network = cohort(case, [settings(case, rng) for _ in range(3)], [0, 1, 1])
        found.append((network, trained(network, made_samples([0, 1, 2]), made_samples([0, 1, 2]))))
    (network, epochs), (batch_top_k, expected) = found
    for epoch, other in zip(epochs, expected, strict=True):
        assert epoch.metrics.keys() == other.metrics.keys()
        for name, values in epoch.metrics.items():
            np.testing.assert_array_equal(values, other.metrics[name], err_msg=name)
    for of, others in (
        (network.parameters, batch_top_k.parameters),
        (network.state, batch_top_k.state),
    ):
        assert of.keys() == others.keys()
        assert all(value.equal(others[name]) for name, value in of.items())


@pytest.mark.parametrize(
    ("hidden", "levels", "prefixes"),
    [(7, 1, (7,)), (7, 3, (2, 4, 7)), (128, 4, (16, 32, 64, 128)), (3, 9, (1, 2, 3))],
)
def test_each_prefix_is_half_as_wide_as_the_next(
    hidden: int, levels: int, prefixes: tuple[int, ...]
) -> None:
    assert made(hidden=hidden, levels=levels).prefixes == prefixes


def test_the_loss_is_the_sum_over_the_prefixes() -> None:
    network = made(k=3, levels=3)
    x = made_samples([0]).all()
    network.meet(x)
    loss, error = network.loss(x, network.draws(1, 0))
    code = network.selected(network.candidates(x))
    for trial in range(2):
        w = network.weights(trial)
        errors = []
        for width in (2, 4, 7):
            cut = code[trial, :, :width].numpy()
            output = cut @ w["decoder_weight"][:width] + w["decoder_bias"]
            errors.append(((output - x[0].numpy()) ** 2).sum(1).mean())
        assert loss[trial].item() == pytest.approx(sum(errors), rel=1e-12)
        assert error[trial].item() == pytest.approx(errors[-1], rel=1e-12)


def test_a_prefix_tells_more_than_that_of_a_flat_dictionary() -> None:
    x = digits()[:600]
    errors = []
    for levels in (3, 1):
        network = create("matryoshka_autoencoder", hidden=64, levels=levels, k=6, epochs=20).fit(x)
        code = torch.tensor(network.encode(x))
        code[:, 16:] = 0
        errors.append(((network.decode(code.numpy()) - x) ** 2).sum(1).mean())
    assert errors[0] < 0.7 * errors[1]
