"""The k largest are kept, exactly k of them, and only they are moved by a gradient."""

from __future__ import annotations

import torch

from layerwise.models.selection import keep_largest


def test_the_largest_are_kept_in_their_places() -> None:
    value = torch.tensor([[3.0, -1.0, 2.0, 5.0], [-4.0, -1.0, -3.0, -2.0]])
    assert keep_largest(value, 2).tolist() == [[3.0, 0.0, 0.0, 5.0], [0.0, -1.0, 0.0, -2.0]]


def test_among_equals_no_more_than_k_are_kept() -> None:
    kept = keep_largest(torch.ones(3, 4, 9), 5)
    assert torch.count_nonzero(kept, -1).unique().tolist() == [5]


def test_a_shorter_axis_is_kept_whole() -> None:
    value = torch.tensor([[1.0, -2.0, 0.5]])
    for k in (3, 4):
        assert torch.equal(keep_largest(value, k), value)


def test_the_gradient_reaches_what_is_kept() -> None:
    value = torch.tensor([3.0, -1.0, 2.0, 5.0], requires_grad=True)
    (keep_largest(value, 2) * torch.tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()
    assert value.grad is not None
    assert value.grad.tolist() == [1.0, 0.0, 0.0, 1000.0]
