"""Errors of reconstructions by hand, and against the entropy."""

from __future__ import annotations

import pytest
import torch

from layerwise.models.measures.reconstruction import reconstruction_errors


def test_errors_by_hand() -> None:
    x = torch.tensor([[[0.0, 1.0], [1.0, 0.0]]])
    output = torch.tensor([[[0.5, 0.5], [0.5, 0.5]], [[0.0, 1.0], [0.8, 0.2]]])
    found = reconstruction_errors(output, x, probabilities=True)
    assert found["mean_squared_error"].tolist() == pytest.approx([0.25, 0.02])
    assert found["root_mean_squared_error"].tolist() == pytest.approx([0.5, 0.02**0.5])
    assert found["unexplained_variance"].tolist() == pytest.approx([1.0, 0.08])
    log = torch.tensor([2.0, 0.8]).log().tolist()
    assert found["cross_entropy"].tolist() == pytest.approx([2 * log[0], -log[1]])
    assert "cross_entropy" not in reconstruction_errors(output, x, probabilities=False)


def test_cross_entropy_is_least_at_the_input_itself() -> None:
    x = torch.linspace(0, 1, 50, dtype=torch.float64).view(1, 10, 5)
    least = reconstruction_errors(x, x, probabilities=True)["cross_entropy"]
    entropy = -(torch.special.xlogy(x, x) + torch.special.xlogy(1 - x, 1 - x)).sum(-1).mean(-1)
    torch.testing.assert_close(least, entropy)
    moved = torch.lerp(x, torch.full_like(x, 0.5), 0.1)
    assert reconstruction_errors(moved, x, probabilities=True)["cross_entropy"] > least


def test_samples_that_do_not_differ() -> None:
    x = torch.ones(1, 4, 3)
    assert reconstruction_errors(0.9 * x, x, False)["unexplained_variance"].tolist() == [1.0]
