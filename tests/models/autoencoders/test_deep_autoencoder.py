"""Several layers trained together, as their formula has them."""

from __future__ import annotations

import numpy as np
import torch
from made_cohorts import Case, cohort, digits, made_samples, settings

from layerwise.models import create

CASE = Case("deep_autoencoder", {"layers": (5, 4)})


def test_it_is_the_composition_of_its_layers() -> None:
    network = cohort(CASE, [settings(CASE, output_activation="sigmoid")], [0])
    for name, value in network.parameters.items():
        if name.endswith("bias"):
            value.uniform_(-1, 1, generator=torch.Generator().manual_seed(0))
    x = made_samples([0]).all()
    p = {name: value[0] for name, value in network.parameters.items()}
    up = x[0]
    for number, s in (("1", torch.tanh), ("2", torch.tanh), ("3", lambda a: a)):
        up = s(up @ p[f"{number}.weight"] + p[f"{number}.hidden_bias"])
    down = up
    for number, s in (("3", torch.tanh), ("2", torch.tanh), ("1", torch.sigmoid)):
        down = s(down @ p[f"{number}.decoder_weight"] + p[f"{number}.decoder_bias"])
    torch.testing.assert_close(network.encode(x)[0], up)
    torch.testing.assert_close(network.reconstruct(x)[0], down)


def test_without_layers_between_it_is_the_plain_autoencoder() -> None:
    x = digits()[:20]
    flat = create("autoencoder", 64, 9, activation="identity", dtype="float64")
    deep = create("deep_autoencoder", 64, 9, layers=(), dtype="float64")
    deep.set_weights({f"1.{name}": array for name, array in flat.weights().items()})
    np.testing.assert_allclose(deep.encode(x), flat.encode(x), rtol=1e-12)
    np.testing.assert_allclose(deep.reconstruct(x), flat.reconstruct(x), rtol=1e-12)


def test_a_deeper_code_of_digits_is_better_than_the_best_linear_one() -> None:
    """The squared error of PCA with as many components is the least a linear code can have."""
    x = digits()
    centred = x - x.mean(0)
    least = (np.linalg.svd(centred, compute_uv=False)[8:] ** 2).sum() / len(x)
    network = create("deep_autoencoder", layers=(64,), hidden=8, epochs=40).fit(x)
    assert -network.score_samples(x).mean() < 0.85 * least
