"""Which units may speak: the largest ones."""

from __future__ import annotations

import torch
from torch import Tensor


def keep_largest(value_TN: Tensor, k: int) -> Tensor:
    """The k largest entries along the last axis, and 0 for the rest, (…, N).

    Exactly k are kept, also among equals, and all of them where the axis is no longer than k.
    """
    if k >= value_TN.shape[-1]:
        return value_TN
    largest = value_TN.topk(k, sorted=False)
    return torch.zeros_like(value_TN).scatter(-1, largest.indices, largest.values)
