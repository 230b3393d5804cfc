"""The networks that a use sees are those that were trained, and those before training."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.models import Stack

DEEP = {
    "study": "deep",
    "data": "digits",
    "seeds": [0, 3],
    "stages": [
        {"name": "first", "model": "autoencoder", "hidden": 12, "epochs": 3},
        {"name": "second", "model": "autoencoder", "hidden": 5, "epochs": 3},
        {"name": "apart", "model": "linear_autoencoder", "hidden": 4, "after": [], "epochs": 3},
    ],
}


def test_leaves_are_the_ends_of_branches(trained: Any) -> None:
    found = trained(DEEP)
    assert [leaf.stage for leaf in found.leaves] == ["second", "apart"]
    assert found.seeds == (0, 3)
    second, apart = found.leaves
    x = found.data.test
    assert isinstance(second.network(0), Stack)
    assert second.network(0).encode(x).shape == (len(x), 5)
    assert apart.network(3).encode(x).shape == (len(x), 4)
    assert not np.array_equal(apart.network(0).encode(x), apart.network(3).encode(x))


def test_training_helped(trained: Any) -> None:
    found = trained(DEEP)
    x = found.data.test
    for leaf in found.leaves:
        after, before = (
            np.square(network.reconstruct(x) - x).sum(1).mean()
            for network in (leaf.network(0), leaf.untrained(0))
        )
        assert after < before
