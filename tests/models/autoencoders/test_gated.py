"""Gate and magnitude, the three terms of the loss, and the frozen decoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings

from layerwise.models import create
from layerwise.models.autoencoders.gated import GatedAutoencoder

Arrays = dict[str, np.ndarray]


def made() -> tuple[GatedAutoencoder, np.ndarray]:
    """A gate and magnitudes that have gone apart."""
    case = Case("gated_autoencoder")
    network = cohort(case, [settings(case)], [0])
    assert isinstance(network, GatedAutoencoder)
    x = made_samples([0]).all()
    network.meet(x)
    generator = torch.Generator().manual_seed(2)
    for parameter in network.parameters.values():
        parameter += 0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return network, x[0].numpy()


def code_of(w: Arrays, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """relu of the gate, and the code."""
    shared = (x - w["decoder_bias"]) @ w["weight"]
    gate = shared + w["hidden_bias"]
    magnitude = np.exp(w["log_magnitude"]) * shared + w["magnitude_bias"]
    return np.maximum(gate, 0), (gate > 0) * np.maximum(magnitude, 0)


def loss_of(w: Arrays, frozen: Arrays, x: np.ndarray, weight: float) -> float:
    """The loss of the paper's section 3, with the decoder of the last term given apart."""
    gate, code = code_of(w, x)
    said = code @ w["decoder_weight"] + w["decoder_bias"] - x
    aside = gate @ frozen["decoder_weight"] + frozen["decoder_bias"] - x
    return float(((said**2).sum(1) + weight * gate.sum(1) + (aside**2).sum(1)).mean())


def test_the_code_is_the_equation() -> None:
    network, x = made()
    _, code = code_of(network.weights(), x)
    found = network.encode(torch.tensor(x)[None])[0].numpy()
    np.testing.assert_allclose(found, code, rtol=1e-12, atol=1e-14)
    opened = (code_of(network.weights(), x)[0] > 0) & (code == 0)
    assert opened.any(), "an open gate with nothing to say"


def test_the_loss_has_its_three_terms() -> None:
    network, x = made()
    w = network.weights()
    loss, error = network.loss(torch.tensor(x)[None], network.draws(1, 0))
    assert loss.item() == pytest.approx(loss_of(w, w, x, 0.4), rel=1e-12)
    said = code_of(w, x)[1] @ w["decoder_weight"] + w["decoder_bias"]
    assert error.item() == pytest.approx(((said - x) ** 2).sum(1).mean(), rel=1e-12)


def test_gradients_take_the_decoder_of_the_gate_as_a_constant() -> None:
    network, x = made()
    w = network.weights()
    found, _ = network.gradients(torch.tensor(x)[None], network.draws(1, 0))
    step = 1e-6
    for name, array in w.items():
        numeric = np.empty_like(array)
        for index in np.ndindex(*array.shape):
            sides = []
            for shift in (step, -step):
                moved = {n: a.copy() for n, a in w.items()}
                moved[name][index] += shift
                sides.append(loss_of(moved, w, x, 0.4))
            numeric[index] = (sides[0] - sides[1]) / (2 * step)
        np.testing.assert_allclose(found[name][0], numeric, rtol=1e-5, atol=1e-7, err_msg=name)


def test_at_equal_sparsity_it_reconstructs_better_than_l1_alone() -> None:
    """What the penalty shrinks, the magnitudes restore."""
    x = digits()
    reached = []
    for name, weight in (("gated_autoencoder", 0.6), ("dictionary_autoencoder", 0.3)):
        network = create(name, sparsity={"weight": weight}, epochs=15).fit(x)
        speaking = (network.encode(x) != 0).sum(1).mean()
        reached.append((speaking, ((network.reconstruct(x) - x) ** 2).sum(1).mean()))
    (speaking, error), (more_speaking, more_error) = reached
    assert speaking < more_speaking
    assert error < 0.9 * more_error
