"""Softmax classification of codes, along the trial axis.

Shapes: T trials, B batch, K classes. Labels are whole numbers from 0.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from .errors import InputError


def surprise(logit_TBK: Tensor, label_TB: Tensor) -> Tensor:
    """−log softmax(logit)_label of each sample, (T, B), in nats; labels (1 or T, B)."""
    trials, batch, _ = logit_TBK.shape
    labels = label_TB.expand(trials, batch).flatten()
    return cross_entropy(logit_TBK.flatten(0, 1), labels, reduction="none").view(trials, batch)


def missed(logit_TBK: Tensor, label_TB: Tensor) -> Tensor:
    """1 where another class than the label (1 or T, B) is the likeliest, else 0; (T, B)."""
    return (logit_TBK.argmax(-1) != label_TB).to(logit_TBK.dtype)


def require_labels(where: str, label: Tensor, classes: int) -> None:
    """Check that labels are whole numbers from 0 to classes − 1.

    Raises:
        InputError: they are not.
    """
    if label.dtype not in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        raise InputError(where, "needs labels that are whole numbers", str(label.dtype))
    low, high = int(label.min()), int(label.max())
    if low < 0 or high >= classes:
        raise InputError(
            where,
            f"needs labels from 0 to {classes - 1}",
            f"a range from {low} to {high}",
            "`classes` says how many there are.",
        )
