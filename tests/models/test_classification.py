"""Softmax classification against numbers worked out by hand."""

from __future__ import annotations

import pytest
import torch

from layerwise.models import InputError
from layerwise.models.classification import missed, require_labels, surprise

# p = 1/4, 1/4, 1/2 for the first sample, and 1/3 each for the second.
LOGITS = torch.tensor([[1.0, 1.0, 2.0], [1.0, 1.0, 1.0]], dtype=torch.float64).log()[None]


def test_the_surprise_is_minus_the_log_of_the_labels_probability() -> None:
    found = surprise(LOGITS.expand(2, -1, -1) + 7, torch.tensor([[0, 2], [2, 1]]))
    expected = torch.tensor([[4.0, 3.0], [2.0, 3.0]], dtype=torch.float64).log()
    torch.testing.assert_close(found, expected)
    shared = surprise(LOGITS.expand(2, -1, -1), torch.tensor([[0, 2]]))
    torch.testing.assert_close(shared, expected[:1].expand(2, -1))


def test_a_miss_is_another_likeliest_class() -> None:
    found = missed(LOGITS[:, :1].expand(1, 3, -1), torch.tensor([[0, 1, 2]]))
    assert found.tolist() == [[1, 1, 0]]


def test_labels_are_whole_numbers_of_the_classes() -> None:
    require_labels("here", torch.tensor([0, 2]), 3)
    for wrong, message in [
        (torch.tensor([0, 3]), "labels from 0 to 2, but got 'a range from 0 to 3'"),
        (torch.tensor([-1, 0]), "labels from 0 to 2"),
        (torch.tensor([0.0]), "whole numbers, but got 'torch.float32'"),
    ]:
        with pytest.raises(InputError, match=message):
            require_labels("here", wrong, 3)
