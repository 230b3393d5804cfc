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


@pytest.mark.parametrize("scale", [1e30, 1e-30, torch.inf])
def test_a_jacobian_beyond_all_numbers_does_not_end_the_measures_of_siblings(scale: float) -> None:
    """Its square would overflow, or be nothing but rounding; and then it is not finite at all."""
    case = Case("linear_autoencoder")
    network = cohort(case, [settings(case, hidden=7)] * 2, [0, 1], torch.float32)
    x = made_samples([0, 0], torch.float32).all()[:, :5]
    before = spectrum(network, x)
    network.parameters["weight"][0] *= scale
    found = spectrum(network, x)
    assert torch.equal(found[1], before[1])
    if scale < torch.inf:
        torch.testing.assert_close(found[0] / scale, before[0], rtol=1e-4, atol=1e-5)
    else:
        assert found[0].isnan().all()


def test_one_matrix_that_lapack_gives_up_does_not_end_the_others() -> None:
    """Single precision fails at this one, of a saturated code, in MKL 2024.2."""
    hard = torch.zeros(48, 48)
    for row, column, entry in (
        (3, 14, 2.0), (10, 14, 7.0), (14, 14, 546.0), (14, 36, 33.0), (14, 38, 86.0),
        (14, 46, 56.0), (14, 47, 21.0), (38, 38, 1.0),
    ):  # fmt: skip
        hard[row, column] = hard[column, row] = entry / 1024
    sound = torch.diag(torch.arange(48.0))
    found = module._eigenvalues(torch.stack([hard, sound])[None])
    expected = torch.linalg.eigvalsh(hard.double()).float()
    torch.testing.assert_close(found[0, 0], expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found[0, 1], torch.arange(48.0))
