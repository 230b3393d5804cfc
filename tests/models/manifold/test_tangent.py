"""Tangents are the singular vectors of the Jacobian."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import HIDDEN, VISIBLE, Case, cohort, made_samples, settings

from layerwise.models.errors import InputError
from layerwise.models.manifold.tangent import tangents


@pytest.mark.parametrize("model", ["contractive_autoencoder", "bernoulli_rbm"])
def test_the_jacobian_maps_one_side_to_the_other(model: str) -> None:
    case = Case(model)
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0]).all()[:, :5]
    found = tangents(network, x, 3)
    assert found.input_TBKV.shape == (2, 5, 3, VISIBLE)
    assert found.code_TBKH.shape == (2, 5, 3, HIDDEN)
    jacobian = network.jacobian(x)
    moved = found.input_TBKV @ jacobian.mT
    torch.testing.assert_close(moved, found.gain_TBK[..., None] * found.code_TBKH)
    gram = found.input_TBKV @ found.input_TBKV.mT
    torch.testing.assert_close(gram, torch.eye(3).double().expand_as(gram))
    whole = tangents(network, x, HIDDEN)
    rebuilt = whole.code_TBKH.mT @ (whole.gain_TBK[..., None] * whole.input_TBKV)
    torch.testing.assert_close(rebuilt, jacobian)
    assert (whole.gain_TBK.diff(dim=-1) <= 0).all()
    largest = found.input_TBKV.gather(-1, found.input_TBKV.abs().argmax(-1, keepdim=True))
    assert (largest > 0).all()


@pytest.mark.parametrize("count", [0, HIDDEN + 1])
def test_there_are_no_more_tangents_than_units(count: int) -> None:
    case = Case("autoencoder")
    network = cohort(case, [settings(case)], [0])
    with pytest.raises(InputError, match=f"from 1 to {HIDDEN}, but got {count}"):
        tangents(network, made_samples([0]).all(), count)
