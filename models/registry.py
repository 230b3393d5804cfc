"""The only list of variants: name → class, with its equation, its paper and its hyperparameters."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import HyperparameterError, UnknownModelError, near_miss

if TYPE_CHECKING:
    from .network import Network

N = TypeVar("N", bound="type[Network]")

FAMILIES = ("autoencoders", "boltzmann")

_variants: dict[str, type[Network]] = {}


def register(name: str, *, equation: str, paper: str) -> Callable[[N], N]:
    """Class decorator that puts a variant on the list.

    Args:
        name: the name in studies, in MLflow and on the command line.
        equation: what defines the variant, one line.
        paper: who introduced it, in which year, where; the first year named is the variant's.

    Raises:
        ValueError: the name is taken, or equation, paper, year or docstring are missing. Fails at
            import.
    """

    def add(variant: N) -> N:
        if name in _variants:
            raise ValueError(f"two variants are called {name!r}")
        year = re.search(r"\b(19|20)\d\d\b", paper)
        if not (equation and year and vars(variant).get("__doc__")):
            raise ValueError(
                f"variant {name!r} must give its equation, its paper with the year, and a docstring"
            )
        variant.name, variant.equation, variant.paper = name, equation, paper
        variant.year = int(year[0])
        _variants[name] = variant
        return variant

    return add


@cache
def _discover() -> None:
    """Import every module of the families, so that the variants in them register.

    The list is then in the order of the families, and of the papers' years within each.
    """
    families = [f"{__package__}.{family}" for family in FAMILIES]
    for module in _modules():
        importlib.import_module(module)

    def position(variant: type[Network]) -> tuple[int, int, str]:
        package = variant.__module__.rpartition(".")[0]
        return families.index(package), variant.year, variant.name

    ordered = sorted(_variants.values(), key=position)
    _variants.clear()
    _variants.update({variant.name: variant for variant in ordered})


def _import_namesakes(name: str) -> None:
    """Import the modules whose own name is part of a variant's, as its module's nearly always is.

    All of them take a fifth of a second, which every worker would spend for a single variant.
    """
    for module in _modules():
        if module.rpartition(".")[2] in name:
            importlib.import_module(module)


def _modules() -> Iterator[str]:
    for family in (f"{__package__}.{family}" for family in FAMILIES):
        path = importlib.import_module(family).__path__
        yield from (module.name for module in pkgutil.iter_modules(path, f"{family}."))


def names() -> tuple[str, ...]:
    """The registered names, family by family, each in the order of its papers."""
    _discover()
    return tuple(_variants)


def lookup(name: str) -> type[Network]:
    """The variant of that name.

    Raises:
        UnknownModelError: no such name; the message suggests the nearest one.
    """
    if isinstance(name, str) and name not in _variants:
        _import_namesakes(name)
    if name not in _variants:
        _discover()
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
    """``{"corruption": {"level": 0.1}}`` → ``{"corruption.level": 0.1}``.

    ``corruption__level``, as scikit-learn writes it, is the same path.

    Raises:
        HyperparameterError: a path that is given twice, nested and dotted.
    """
    flat: dict[str, Any] = {}
    for name, value in nested.items():
        path = prefix + name.replace("__", ".")
        within = flatten(value, f"{path}.") if isinstance(value, Mapping) else {path: value}
        if twice := flat.keys() & within.keys():
            raise HyperparameterError(min(twice), "must be given once")
        flat |= within
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
