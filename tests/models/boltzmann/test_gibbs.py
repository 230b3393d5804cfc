"""States drawn from probabilities, and the correlations that learning compares."""

from __future__ import annotations

import pytest
import torch

from layerwise.models.boltzmann.gibbs import correlation, correlation_gap, multinomial, sampled
from layerwise.models.draws import Draws
from layerwise.models.trial_axis import interleaved


def test_states_follow_their_probabilities() -> None:
    probability = torch.tensor([0.0, 0.2, 0.7, 1.0]).expand(1, 20_000, 4)
    states = sampled(probability, Draws([3]), "states")
    assert set(states.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(states.mean(1)[0], probability[0, 0], atol=0.015, rtol=0)


def test_correlation_is_the_mean_outer_product() -> None:
    v, h = torch.rand(2, 6, 3), torch.rand(2, 6, 4)
    expected = (
        torch.stack(
            [
                sum(torch.outer(a, b) for a, b in zip(*t, strict=True))
                for t in zip(v, h, strict=True)
            ]
        )
        / 6
    )
    torch.testing.assert_close(correlation(v, h), expected)


@pytest.mark.parametrize("shared", [False, True])
def test_the_gap_is_that_of_two_correlations(shared: bool) -> None:
    """Also of an input that all trials share, of hidden units side by side, of unequal batches."""
    x = torch.rand(1 if shared else 3, 6, 5, dtype=torch.float64)
    code = interleaved(torch.rand(3, 6, 4, dtype=torch.float64))
    v, h = torch.rand(3, 9, 5, dtype=torch.float64), torch.rand(3, 9, 4, dtype=torch.float64)
    expected = correlation(v, h) - correlation(x, code)
    torch.testing.assert_close(correlation_gap(v, h, x, code), expected, rtol=1e-13, atol=1e-14)


def test_documents_have_exactly_their_words() -> None:
    probability = torch.tensor([0.1, 0.0, 0.6, 0.3], dtype=torch.float64)
    length = torch.tensor([[0.0, 1.0, 64.0, 65.0, 1000.0]], dtype=torch.float64)
    draws = Draws([3], dtype=torch.float64)
    counts = multinomial(probability.expand(1, 5, 4), length, draws, "words")
    assert torch.equal(counts.sum(-1), length)
    assert (counts[..., 1] == 0).all()
    assert torch.equal(counts, counts.round())


def test_word_counts_are_multinomial() -> None:
    """Mean D p and covariance D (diag p − p pᵀ), each within five standard errors."""
    rows, length = 40_000, 7.0
    p = torch.tensor([0.15, 0.05, 0.5, 0.3], dtype=torch.float64)
    draws = Draws([3], dtype=torch.float64)
    lengths = torch.full((1, rows), length, dtype=torch.float64)
    counts = multinomial(p.expand(1, rows, 4), lengths, draws, "words")[0]
    covariance = length * (torch.diag(p) - torch.outer(p, p))
    torch.testing.assert_close(counts.mean(0), length * p, rtol=0, atol=5 * (2 / rows) ** 0.5)
    torch.testing.assert_close(counts.T.cov(), covariance, rtol=0, atol=5 * 3 / rows**0.5)


def test_a_document_does_not_depend_on_longer_ones_in_other_trials() -> None:
    probability = torch.rand(2, 3, 6, dtype=torch.float64)
    probability /= probability.sum(-1, keepdim=True)
    length = torch.tensor([[5.0, 70.0, 9.0], [300.0, 1.0, 129.0]], dtype=torch.float64)
    together = multinomial(probability, length, Draws([1, 1], dtype=torch.float64), "words")
    for trial in range(2):
        one = slice(trial, trial + 1)
        alone = multinomial(probability[one], length[one], Draws([1], dtype=torch.float64), "words")
        assert torch.equal(alone[0], together[trial])


def test_a_trial_that_diverges_does_not_stop_its_siblings() -> None:
    probability = torch.full((2, 1, 3), 1 / 3, dtype=torch.float64)
    probability[0] = torch.nan
    length = torch.full((1, 1), 10.0, dtype=torch.float64)
    counts = multinomial(probability, length, Draws([1, 1], dtype=torch.float64), "words")
    assert counts[1].sum() == 10
