"""The contractive autoencoder: its penalty is in the gradient, and its code hardly moves."""

from __future__ import annotations

import numpy as np
from made_cohorts import digits

from layerwise.models import create


def test_one_step_with_the_penalty_ends_elsewhere() -> None:
    x = digits()[:50]
    with_it, without = (
        create("contractive_autoencoder", hidden=8, batch_size=50, epochs=1, dtype="float64",
               contraction={"weight": weight}, optimiser="momentum").fit(x).weights()["weight"]
        for weight in (0.1, 0.0)
    )  # fmt: skip
    assert np.abs(with_it - without).max() > 1e-6


def test_the_jacobian_shrinks_with_the_strength() -> None:
    x = digits()[:600]
    norms = []
    for weight in (0.0, 1.0, 3.0):
        network = create(
            "contractive_autoencoder", hidden=32, epochs=30, contraction={"weight": weight}
        )
        code = network.fit(x).encode(x)
        columns = np.square(network.weights()["weight"]).sum(0)
        norms.append(np.sqrt(np.square(code * (1 - code)) @ columns).mean())
    assert norms[0] > 1.25 * norms[1] > 1.25**2 * norms[2]
