"""Rectified codes: what they scale with, what they stand for, and learning with them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from enumerated_machines import HIDDEN, VISIBLE, machine, made_states
from made_cohorts import digits

from layerwise.models import InputError, create
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.rectified_rbm import RectifiedRBM


def test_without_biases_the_code_scales_with_the_input() -> None:
    """Intensity equivariance (Nair & Hinton 2010, section 4), which sigmoid codes do not have."""
    made, binary = machine(RectifiedRBM, visible_units="gaussian"), machine(BernoulliRBM)
    v = torch.randn(1, 9, VISIBLE, generator=torch.Generator().manual_seed(0)).double()
    for of in (made, binary):
        of.parameters["hidden_bias"].zero_()
    torch.testing.assert_close(made.encode(3 * v), 3 * made.encode(v))
    assert not torch.allclose(binary.encode(3 * v), 3 * binary.encode(v))
    assert (made.encode(v) == 0).any()


@pytest.mark.parametrize("visible_units", ["bernoulli", "gaussian"])
def test_it_stands_for_rows_of_binary_units_with_shifted_biases(visible_units: str) -> None:
    """F within 1/24 per unit of an RBM with 60 copies of each unit at c − ½, c − 1½, …"""
    made, copies = machine(RectifiedRBM, visible_units=visible_units), 60
    p = made.parameters
    shift = torch.arange(copies, dtype=torch.float64).repeat_interleave(HIDDEN) + 0.5
    weight, bias = p["weight"].repeat(1, 1, copies), p["hidden_bias"].repeat(1, copies) - shift
    v = made_states(30)[None]
    row = torch.nn.functional.softplus(bias[:, None] + v @ weight).sum(-1)
    if visible_units == "bernoulli":
        alone = -(v @ p["visible_bias"][..., None])[..., 0]
    else:
        alone = (v - p["visible_bias"][:, None]).square().sum(-1) / 2
    gap = alone - row - made.free_energy(v)
    assert (gap >= 0).all()
    assert (gap <= HIDDEN / 24).all()


def test_a_reconstruction_is_a_probability_or_the_units_mean() -> None:
    code = torch.rand(1, 5, HIDDEN, dtype=torch.float64) * 9
    for visible_units in ("bernoulli", "gaussian"):
        made = machine(RectifiedRBM, visible_units=visible_units)
        input = made.visible_input(code)
        expected = torch.sigmoid(input) if visible_units == "bernoulli" else input
        torch.testing.assert_close(made.decode(code), expected)


def test_real_inputs_are_learned() -> None:
    x = digits()[:600]
    x = (x - x.mean(0)) / np.maximum(x.std(0), 0.1)
    made = create("rectified_rbm", visible_units="gaussian", learning_rate=0.01, epochs=20).fit(x)
    error = np.square(made.reconstruct(x) - x).sum(1).mean()
    assert error < 0.5 * np.square(x).sum(1).mean()
    assert (made.encode(x) == 0).mean() > 0.2


def test_only_binary_visibles_need_probabilities() -> None:
    with pytest.raises(InputError, match="needs inputs from 0 to 1"):
        create("rectified_rbm").fit([[0.0, 1.5]])
    create("rectified_rbm", visible_units="gaussian", epochs=1).fit([[0.0, 1.5], [1.0, -3.0]])
