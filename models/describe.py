"""A variant in words: what the command line, the README and the dashboards say of it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from . import registry
from .hyperparameter import Hyperparameter


@dataclass(frozen=True)
class Description:
    """What the registry knows of one variant."""

    name: str
    summary: str
    documentation: str
    equation: str
    paper: str
    hyperparameters: tuple[Hyperparameter, ...]


def describe(name: str) -> Description:
    """Everything the registry knows of a variant.

    Raises:
        UnknownModelError: no such name; the message suggests the nearest one.
    """
    variant = registry.lookup(name)
    module = inspect.getdoc(inspect.getmodule(variant)) or ""
    return Description(
        name=name,
        summary=module.partition("\n")[0],
        documentation=inspect.getdoc(variant) or "",
        equation=variant.equation,
        paper=variant.paper,
        hyperparameters=tuple(variant.hyperparameters.values()),
    )
