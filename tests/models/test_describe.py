"""A variant in words."""

from __future__ import annotations

import pytest

from layerwise.models import UnknownModelError, describe, names, registry


@pytest.mark.parametrize("name", names())
def test_everything_the_registry_knows(name: str) -> None:
    description = describe(name)
    variant = registry.lookup(name)
    assert description.name == name
    assert description.equation == variant.equation
    assert description.paper == variant.paper
    assert description.hyperparameters == tuple(variant.hyperparameters.values())
    assert "\n" not in description.summary.strip()
    assert description.summary.endswith(".")
    assert len(description.documentation) > len(description.summary)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownModelError, match="autoencoder"):
        describe("autoencodr")
