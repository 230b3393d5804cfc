"""States drawn from probabilities, and the correlations that learning compares."""

from __future__ import annotations

import torch

from layerwise.models.boltzmann.gibbs import correlation, sampled
from layerwise.models.draws import Draws


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
