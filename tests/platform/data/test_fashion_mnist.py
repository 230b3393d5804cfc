"""Fashion-MNIST is looked for, and how to get it is said."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from layerwise.platform.data import DataSource, describe, fashion_mnist, load
from layerwise.platform.errors import DataError


@pytest.mark.skipif(
    not os.environ.get("LAYERWISE_DATA") or not describe("fashion_mnist").here,
    reason="LAYERWISE_DATA names no folder with Fashion-MNIST",
)
def test_its_published_test_set_is_the_test_set(source: Callable[..., DataSource]) -> None:
    data = load(source("fashion_mnist", validation=0.1))
    assert [len(x) for x in (data.train, data.validation, data.test)] == [54_000, 6_000, 10_000]
    assert data.labels is not None
    assert data.labels["test"][:5].tolist() == [9, 2, 1, 1, 6]


def test_without_the_variable_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    with pytest.raises(DataError, match=r"LAYERWISE_DATA is not set.*fetch fashion_mnist.*https:"):
        fashion_mnist.read()
