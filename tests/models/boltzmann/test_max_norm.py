"""Columns that are too long are scaled back, the others stay."""

from __future__ import annotations

import torch
from made_cohorts import digits

from layerwise.models import create
from layerwise.models.boltzmann.max_norm import limit_norms
from layerwise.models.trial_axis import interleaved


def test_only_long_columns_are_scaled() -> None:
    weight = interleaved(torch.tensor([[[3.0, 0.3], [4.0, 0.4]]] * 3, dtype=torch.float64))
    limit_norms(weight, torch.tensor([1.0, 0.0, 7.0], dtype=torch.float64))
    expected = torch.tensor([[[3.0, 0.3], [4.0, 0.4]]] * 3, dtype=torch.float64)
    expected[0, :, 0] /= 5
    torch.testing.assert_close(weight, expected)


def test_a_column_of_zeros_stays() -> None:
    weight = torch.zeros(1, 4, 2)
    limit_norms(weight, torch.ones(1))
    assert (weight == 0).all()


def test_training_keeps_to_the_limit() -> None:
    longest = {}
    for limit in (0.0, 0.1):
        made = create("bernoulli_rbm", hidden=16, epochs=5, max_norm=limit).fit(digits()[:300])
        longest[limit] = (made.weights()["weight"] ** 2).sum(0).max() ** 0.5
    assert longest[0.0] > 0.2
    assert 0.09 < longest[0.1] <= 0.1 + 1e-6
