"""The measures against values worked out by hand, and in slices."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import HIDDEN, Case, cohort, made_samples, settings

from layerwise.models import measures
from layerwise.models.boltzmann import bernoulli_rbm
from layerwise.models.measures import hoyer_sparsity, measure


def test_hoyer_runs_from_equal_to_single() -> None:
    code = torch.tensor([[[1.0, 1, 1, 1], [0, 0, 3, 0], [0, 0, 0, 0], [1, -1, 0, 0]]])
    expected = torch.tensor([[0.0, 1.0, 0.0, 2 - 2**0.5]])
    torch.testing.assert_close(hoyer_sparsity(code), expected)
    assert hoyer_sparsity(torch.ones(2, 5, 1)).tolist() == [[0.0] * 5] * 2


def test_measures_by_hand() -> None:
    case = Case("autoencoder", {"activation": "relu"})
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0]).all()
    network.parameters["weight"][:, :, 2] = 0
    network.parameters["hidden_bias"][:, 2] = 0.1  # Not above the threshold: dead.
    code = network.encode(x)
    found = measure(network, x)
    for trial in range(2):
        active = code[trial] > 0.1
        assert found["active_units"][trial].item() == active.sum().item() / x.shape[1]
        assert found["dead_units"][trial] == HIDDEN - active.any(0).sum() >= 1
        error = (network.decode(code)[trial] - x[0]).square().sum() / x.shape[1]
        torch.testing.assert_close(found["reconstruction_error"][trial], error)
    torch.testing.assert_close(found["hoyer_sparsity"], hoyer_sparsity(code).mean(-1))


@pytest.mark.parametrize("model", ["autoencoder", "bernoulli_rbm"])
def test_slices_do_not_change_the_measures(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = cohort(Case(model), [settings(Case(model))] * 3, [0, 1, 2])
    x = made_samples([0, 1, 2], rows=50).all()
    whole = network.evaluate(x, x)
    for module in (measures, bernoulli_rbm):
        monkeypatch.setattr(module, "ROWS", 7)
    sliced = network.evaluate(x, x)
    assert whole.keys() == sliced.keys()
    for name, value in whole.items():
        torch.testing.assert_close(sliced[name], value, rtol=1e-10, atol=1e-12)
