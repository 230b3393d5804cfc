"""The denoising autoencoder undoes the noise that it was trained on."""

from __future__ import annotations

import numpy as np
from made_cohorts import digits

from layerwise.models import create


def test_it_restores_masked_inputs_better_than_a_plain_one() -> None:
    x = digits()[:1000]
    masked = x * (np.random.default_rng(0).random(x.shape) >= 0.3)
    errors = [
        np.square(
            create("denoising_autoencoder", hidden=64, corruption={"level": level}, epochs=30)
            .fit(x)
            .reconstruct(masked)
            - x
        )
        .sum(1)
        .mean()
        for level in (0.0, 0.3)
    ]
    assert errors[1] < 0.75 * errors[0]
