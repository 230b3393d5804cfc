"""The dictionary: elements of norm 1 about an origin, what is counted, and that it is found."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings, trained

from layerwise.models import create
from layerwise.models.autoencoders.dictionary import DictionaryAutoencoder

MEMBERS = (
    "dictionary_autoencoder",
    "top_k_autoencoder",
    "batch_top_k_autoencoder",
    "matryoshka_autoencoder",
    "jump_relu_autoencoder",
    "gated_autoencoder",
)
every_member = pytest.mark.parametrize("name", MEMBERS)


def made(name: str = "dictionary_autoencoder", **given: object) -> DictionaryAutoencoder:
    network = cohort(Case(name), [settings(Case(name), **given)], [0])
    assert isinstance(network, DictionaryAutoencoder)
    return network


def test_the_code_is_the_equation() -> None:
    x = made_samples([0]).all()
    for centred in (True, False):
        network = made(centred=centred)
        for name in ("hidden_bias", "decoder_bias"):
            network.parameters[name].uniform_(-1, 1, generator=torch.Generator().manual_seed(1))
        w = network.weights()
        origin = w["decoder_bias"] if centred else 0.0
        code = np.maximum((x[0].numpy() - origin) @ w["weight"] + w["hidden_bias"], 0)
        np.testing.assert_allclose(network.encode(x)[0], code, rtol=1e-12, atol=1e-14)
        output = code @ w["decoder_weight"] + w["decoder_bias"]
        np.testing.assert_allclose(network.reconstruct(x)[0], output, rtol=1e-12)
        loss, error = network.loss(x, network.draws(1, 0))
        expected = ((output - x[0].numpy()) ** 2).sum(1).mean()
        assert error.item() == pytest.approx(expected, rel=1e-12)
        assert loss.item() == pytest.approx(expected + 0.3 * code.sum(1).mean(), rel=1e-12)


@every_member
def test_it_starts_at_the_mean_with_an_encoder_that_is_the_transpose(name: str) -> None:
    network = made(name)
    x = made_samples([0]).all()
    network.meet(x)
    torch.testing.assert_close(network.parameters["decoder_bias"], x.mean(1), rtol=0, atol=0)
    element = network.parameters["decoder_weight"]
    assert torch.equal(network.parameters["weight"], element.mT)
    torch.testing.assert_close(element.norm(dim=-1), torch.ones_like(element[..., 0]))


@every_member
@pytest.mark.parametrize("tied", [False, True])
def test_elements_keep_norm_one(name: str, tied: bool) -> None:
    network = made(name, tied=tied, learning_rate=0.1, weight_decay=0.1)
    samples = made_samples([0])
    before = network.decoder_weight().clone()
    trained(network, samples, samples)
    norm = network.decoder_weight().norm(dim=-1)
    torch.testing.assert_close(norm, torch.ones_like(norm), rtol=1e-12, atol=0)
    assert not torch.allclose(before, network.decoder_weight(), atol=0.01)


def test_an_element_of_length_zero_stays_finite() -> None:
    network = made()
    network.parameters["decoder_weight"][0, 2] = 0.0
    network.constrain(network.draws(1, 0))
    assert network.parameters["decoder_weight"].isfinite().all()


def test_what_training_reports_is_counted() -> None:
    network = made(**{"revival.after": 20})
    network.parameters["hidden_bias"][:, :2] = -9.0
    x = made_samples([0]).all()
    code = network.encode(x[:, :16])
    never = (code == 0).all(1).sum().item()
    assert 2 <= never < 7
    for seen, dead in ((16, 0), (32, never)):
        _, reported = network.gradients(x[:, :16], network.draws(1, 0))
        assert reported["nonzero_units"].item() == (code != 0).sum().item() / 16
        assert reported["dead_units"].item() == dead
        assert network.state["silence"][0, :2].tolist() == [seen, seen]
    assert network.evaluate(x[:, :16], x)["nonzero_units"].item() == (code != 0).sum().item() / 16


def test_the_contractive_penalty_composes() -> None:
    x = made_samples([0]).all()
    network, plain = (made("gated_autoencoder", **{"contraction.weight": w}) for w in (0.3, 0.0))
    for each in (network, plain):
        each.parameters["log_magnitude"] += 0.5
    squares = network.jacobian(x).square().sum((2, 3)).mean()
    difference = network.loss(x, network.draws())[0] - plain.loss(x, plain.draws())[0]
    torch.testing.assert_close(difference, 0.3 * squares[None], rtol=1e-10, atol=0)


def test_the_elements_that_made_the_data_are_found() -> None:
    """2 000 sums of 2 out of 32 elements in 16 dimensions, from 48 units."""
    rng = np.random.default_rng(0)
    element = rng.normal(size=(32, 16))
    element /= np.linalg.norm(element, axis=1, keepdims=True)
    amount = np.zeros((2000, 32))
    for row in amount:
        row[rng.choice(32, 2, replace=False)] = rng.uniform(0.5, 1.5, 2)
    network = create("top_k_autoencoder", hidden=48, k=2, epochs=40).fit(amount @ element)
    cosine = element @ network.weights()["decoder_weight"].T
    assert (cosine.max(1) > 0.95).mean() > 0.8


def test_without_norms_the_l1_penalty_is_evaded() -> None:
    x = digits()[:600]
    sparsity = {"kind": "l1", "weight": 0.3}
    free = create("sparse_autoencoder", activation="relu", sparsity=sparsity, epochs=40).fit(x)
    held = create("dictionary_autoencoder", sparsity=sparsity, epochs=40).fit(x)
    norms = [np.linalg.norm(n.weights()["decoder_weight"], axis=1) for n in (free, held)]
    assert norms[0].max() > 1.5
    np.testing.assert_allclose(norms[1], 1, rtol=1e-5)
