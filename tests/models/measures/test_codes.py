"""Sparsity of codes at the ends of its range, and in between."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layerwise.models.measures import hoyer_sparsity, lifetime_sparsity


def test_hoyer_runs_from_equal_to_single() -> None:
    code = torch.tensor([[[1.0, 1, 1, 1], [0, 0, 3, 0], [0, 0, 0, 0], [1, -1, 0, 0]]])
    expected = torch.tensor([[0.0, 1.0, 0.0, 2 - 2**0.5]])
    torch.testing.assert_close(hoyer_sparsity(code), expected)
    assert hoyer_sparsity(torch.ones(2, 5, 1)).tolist() == [[0.0] * 5] * 2


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ([2.0, 2, 2, 2], 0.0),
        ([0.0, 0, 5, 0], 1.0),
        ([1.0, 1, 0, 0], (1 - 1 / 2) / (1 - 1 / 4)),
        ([3.0], 0.0),
        ([0.0, 0, 0], float("nan")),
        ([0.0], float("nan")),
    ],
)
def test_lifetime_sparsity_runs_from_all_samples_to_one(
    responses: list[float], expected: float
) -> None:
    h_1N = torch.tensor([responses])
    found = lifetime_sparsity(h_1N.sum(1), h_1N.square().sum(1), len(responses))
    torch.testing.assert_close(found, torch.tensor([expected]), equal_nan=True)


def test_lifetime_sparsity_does_not_depend_on_the_unit_of_the_response() -> None:
    h_NH = torch.from_numpy(np.random.default_rng(0).random((30, 4)))
    one = lifetime_sparsity(h_NH.sum(0), h_NH.square().sum(0), 30)
    scaled = 7 * h_NH
    torch.testing.assert_close(lifetime_sparsity(scaled.sum(0), scaled.square().sum(0), 30), one)
