"""The measures of every epoch against values worked out by hand, and in slices."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import HIDDEN, Case, cohort, made_samples, settings

from layerwise.models.boltzmann import bipartite_machine
from layerwise.models.measures import evaluation, hoyer_sparsity, measure


def test_measures_by_hand() -> None:
    case = Case("autoencoder", {"activation": "relu"})
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0]).all()
    network.parameters["weight"][:, :, 2] = 0
    network.parameters["hidden_bias"][:, 2] = 0.1  # Not above the threshold: dead.
    network.parameters["weight"][:, :, 3] = 0  # Silent throughout.
    code = network.encode(x)
    found = measure(network, x)
    samples = x.shape[1]
    for trial in range(2):
        active = code[trial] > 0.1
        assert found["active_units"][trial].item() == active.sum().item() / samples
        assert found["dead_units"][trial] == HIDDEN - active.any(0).sum() >= 2
        assert found["nonzero_units"][trial].item() == (code[trial] > 0).sum().item() / samples
        error = (network.decode(code)[trial] - x[0]).square().sum() / samples
        torch.testing.assert_close(found["reconstruction_error"][trial], error)
        responses = code[trial][:, code[trial].any(0)]
        alike = responses.mean(0) ** 2 / (responses**2).mean(0)
        expected = ((1 - alike) / (1 - 1 / samples)).mean()
        torch.testing.assert_close(found["lifetime_sparsity"][trial], expected)
    torch.testing.assert_close(found["hoyer_sparsity"], hoyer_sparsity(code).mean(-1))


def test_a_code_that_is_zero_throughout_has_finite_measures() -> None:
    case = Case("autoencoder", {"activation": "relu"})
    network = cohort(case, [settings(case)], [0])
    network.parameters["weight"].zero_()
    found = measure(network, made_samples([0]).all())
    assert found["lifetime_sparsity"].tolist() == found["nonzero_units"].tolist() == [0.0]
    assert found["dead_units"].tolist() == [HIDDEN]


@pytest.mark.parametrize("model", ["autoencoder", "bernoulli_rbm"])
def test_slices_do_not_change_the_measures(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = cohort(Case(model), [settings(Case(model))] * 3, [0, 1, 2])
    x = made_samples([0, 1, 2], rows=50).all()
    whole = network.evaluate(x, x)
    for module in (evaluation, bipartite_machine):
        monkeypatch.setattr(module, "ROWS", 7)
    sliced = network.evaluate(x, x)
    assert whole.keys() == sliced.keys()
    for name, value in whole.items():
        torch.testing.assert_close(sliced[name], value, rtol=1e-10, atol=1e-12)
