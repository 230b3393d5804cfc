"""The contractive autoencoder: its penalty is in the gradient, and its code hardly moves."""

from __future__ import annotations

import numpy as np
import pytest
from made_cohorts import digits

from layerwise.models import create
from layerwise.models.activations import ACTIVATIONS


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_step_with_the_penalty_ends_elsewhere(activation: str, tied: bool) -> None:
    """And elsewhere by −learning rate · weight · ∂‖J‖²/∂W: doubled, the change doubles."""
    x = digits()[:50]
    without, once, twice = (
        create("contractive_autoencoder", hidden=8, batch_size=50, epochs=1, dtype="float64",
               contraction={"weight": weight}, optimiser="momentum", activation=activation,
               tied=tied).fit(x).weights()["weight"]
        for weight in (0.0, 0.1, 0.2)
    )  # fmt: skip
    assert np.abs(once - without).max() > 1e-6
    np.testing.assert_allclose(twice - without, 2 * (once - without), rtol=1e-9, atol=1e-15)


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
