"""The one list: names, near misses, and the way between nested and dotted settings."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.models import (
    HyperparameterError,
    UnknownModelError,
    autoencoders,
    boltzmann,
    names,
    registry,
)
from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.network import Network

words = st.text(
    st.characters(exclude_characters=".", exclude_categories=["Cs"]), min_size=1, max_size=5
).filter(lambda word: "__" not in word)
values = st.one_of(st.integers(), st.booleans(), st.text(max_size=3))
settings = st.recursive(
    values, lambda inner: st.dictionaries(words, inner, min_size=1, max_size=3), max_leaves=8
)


@given(st.dictionaries(words, settings, max_size=4))
def test_nest_undoes_flatten(nested: dict[str, Any]) -> None:
    flat = registry.flatten(nested)
    assert all(not isinstance(value, dict) for value in flat.values())
    assert registry.nest(flat) == nested
    assert registry.flatten(registry.nest(flat)) == flat


def test_a_path_given_twice_is_refused() -> None:
    with pytest.raises(HyperparameterError, match=r"corruption\.level: must be given once"):
        registry.flatten({"corruption.level": 0.1, "corruption": {"level": 0.2}})


def test_two_underscores_are_scikit_learns_dot() -> None:
    assert registry.flatten({"corruption__level": 0.1}) == {"corruption.level": 0.1}


def test_names_come_family_by_family_in_the_order_of_their_papers() -> None:
    found = [registry.lookup(name) for name in names()]
    families = [autoencoders.__name__, boltzmann.__name__]
    positions = [
        (families.index(variant.__module__.rpartition(".")[0]), variant.year) for variant in found
    ]
    assert positions == sorted(positions)
    assert names()[:2] == ("autoencoder", "linear_autoencoder")


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownModelError, match=r"Did you mean denoising_autoencoder\?"):
        registry.lookup("denoisng_autoencoder")
    with pytest.raises(UnknownModelError, match="Known models: autoencoder, "):
        registry.lookup("xyz")
    with pytest.raises(UnknownModelError):
        registry.lookup(3)  # type: ignore[arg-type]


def test_resolve_fills_in_defaults_and_checks() -> None:
    resolved = registry.resolve(Autoencoder, {"corruption.level": 1, "hidden": 5})
    assert resolved.keys() == Autoencoder.hyperparameters.keys()
    assert resolved["corruption.level"] == 1.0
    assert isinstance(resolved["corruption.level"], float)
    assert resolved["epochs"] == Autoencoder.hyperparameters["epochs"].default
    with pytest.raises(HyperparameterError, match=r"Did you mean corruption\.level\?"):
        registry.resolve(Autoencoder, {"corruption.levle": 0.1})
    with pytest.raises(HyperparameterError, match="It has hidden, "):
        registry.resolve(Autoencoder, {"qqq": 0.1})


@pytest.mark.parametrize(
    ("name", "equation", "paper", "documentation"),
    [
        ("autoencoder", "y = x", "Somebody 2001", "A variant."),
        ("made_up", "", "Somebody 2001", "A variant."),
        ("made_up", "y = x", "Somebody", "A variant."),
        ("made_up", "y = x", "Somebody 2001", None),
    ],
)
def test_a_variant_that_says_too_little_does_not_register(
    name: str, equation: str, paper: str, documentation: str | None
) -> None:
    variant = type("Variant", (Network,), {"__doc__": documentation})
    with pytest.raises(ValueError, match=name):
        registry.register(name, equation=equation, paper=paper)(variant)
    assert "made_up" not in names()


def test_looking_one_up_in_a_fresh_process_gives_the_same_class_and_imports_few_others() -> None:
    code = (
        "import sys\n"
        "from layerwise.models import names, registry\n"
        "found = registry.lookup('top_k_autoencoder')\n"
        "print('layerwise.models.boltzmann.tempering' in sys.modules)\n"
        "print(registry.lookup('top_k_autoencoder') is found, ','.join(names()))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.splitlines()
    assert told == ["False", f"True {','.join(names())}"]
