"""The only list of variants: name → class, with its equation, its paper and its hyperparameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import HyperparameterError, UnknownModelError, near_miss

if TYPE_CHECKING:
    from .network import Network

N = TypeVar("N", bound="type[Network]")

_variants: dict[str, type[Network]] = {}


def register(name: str, *, equation: str, paper: str) -> Callable[[N], N]:
    """Class decorator that puts a variant on the list.

    Args:
        name: the name in studies, in MLflow and on the command line.
        equation: what defines the variant, one line.
        paper: who introduced it, in which year, where.

    Raises:
        ValueError: the name is taken, or equation, paper or docstring are missing. Fails at import.
    """

    def add(variant: N) -> N:
        if name in _variants:
            raise ValueError(f"two variants are called {name!r}")
        if not (equation and paper and variant.__doc__):
            raise ValueError(f"variant {name!r} must give its equation, its paper and a docstring")
        variant.name, variant.equation, variant.paper = name, equation, paper
        _variants[name] = variant
        return variant

    return add


def names() -> tuple[str, ...]:
    """The registered names, in the order of their families."""
    return tuple(_variants)


def lookup(name: str) -> type[Network]:
    """The variant of that name.

    Raises:
        UnknownModelError: no such name; the message suggests the nearest one.
    """
    if name in _variants:
        return _variants[name]
    guess = near_miss(name, _variants) if isinstance(name, str) else None
    remedy = f"Did you mean {guess}?" if guess else f"Known models: {', '.join(_variants)}."
    raise UnknownModelError("model", "must be a registered name", name, remedy)


def resolve(variant: type[Network], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every hyperparameter of a variant by dotted path: the given ones checked, the rest defaults.

    Raises:
        HyperparameterError: an unknown path (with the near miss), or a value out of its range.
    """
    declared = variant.hyperparameters
    for path in given:
        if path not in declared:
            guess = near_miss(path, declared)
            remedy = f"Did you mean {guess}?" if guess else f"It has {', '.join(declared)}."
            raise HyperparameterError(
                variant.name, "must be a hyperparameter of this model", path, remedy
            )
    return {
        path: hyperparameter.check(given.get(path, hyperparameter.default))
        for path, hyperparameter in declared.items()
    }


def flatten(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """``{"corruption": {"level": 0.1}}`` → ``{"corruption.level": 0.1}``."""
    flat: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of :func:`flatten`."""
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        level = nested
        for parent in parents:
            level = level.setdefault(parent, {})
        level[last] = value
    return nested
