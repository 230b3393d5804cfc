"""The spectrum of the Jacobian where it is known, and the counts of directions at their ends."""

from __future__ import annotations

import math

import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings

from layerwise.models.jacobian import singular_values
from layerwise.models.measures import spectrum as module
from layerwise.models.measures.spectrum import effective_rank, participation_ratio, spectrum


@pytest.mark.parametrize("hidden", [7, 20])
def test_of_a_linear_code_it_is_that_of_the_weight(hidden: int) -> None:
    case = Case("linear_autoencoder")
    network = cohort(case, [settings(case, hidden=hidden)] * 3, [0, 1, 2])
    found = spectrum(network, made_samples([0]).all()[:, :5])
    expected = torch.linalg.svdvals(network.parameters["weight"])
    torch.testing.assert_close(found, expected[:, None].expand(-1, 5, -1), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("model", ["contractive_autoencoder", "bernoulli_rbm"])
def test_it_is_that_of_the_jacobian(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(model)
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0, 1]).all()[:, :9]
    expected = singular_values(network.jacobian(x))
    torch.testing.assert_close(spectrum(network, x), expected, rtol=1e-6, atol=1e-9)
    norm = network.jacobian_norm(x, network.encode(x))
    torch.testing.assert_close(spectrum(network, x).norm(dim=-1), norm)
    monkeypatch.setattr(module, "ENTRIES", 400)
    torch.testing.assert_close(spectrum(network, x), expected, rtol=1e-6, atol=1e-9)


def test_directions_are_counted() -> None:
    spectra = torch.tensor(
        [[[2.0, 2, 2, 2], [3, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0], [2, 1, 0, 0]]],
        dtype=torch.float64,
    )
    rank, ratio = effective_rank(spectra)[0], participation_ratio(spectra)[0]
    mixed = math.exp(-2 / 3 * math.log(2 / 3) - 1 / 3 * math.log(1 / 3))
    assert rank.tolist() == pytest.approx([4, 1, 0, 2, mixed])
    assert ratio.tolist() == pytest.approx([4, 1, 0, 2, 25 / 17])
    torch.testing.assert_close(effective_rank(7 * spectra)[0], rank)
