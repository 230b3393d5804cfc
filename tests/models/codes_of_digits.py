"""Codes of the handwritten digits, and their labels."""

from __future__ import annotations

from functools import cache

import torch
from made_cohorts import digits
from sklearn.datasets import load_digits
from torch import Tensor

from layerwise.models import create

TRAIN = 1200


@cache
def codes(hidden: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Codes (1, N, H) and labels (N,) of 1200 digits to learn from, and of the 597 others."""
    network = create("denoising_autoencoder", hidden=hidden, seed=seed, epochs=8, dtype="float64")
    code_1NH = torch.from_numpy(network.fit(digits()[:TRAIN]).encode(digits()))[None]
    label_N = torch.from_numpy(load_digits().target)
    return code_1NH[:, :TRAIN], label_N[:TRAIN], code_1NH[:, TRAIN:], label_N[TRAIN:]
