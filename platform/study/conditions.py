"""Conditional hyperparameters: swept only where another one of the stage has a given value.

``momentum: {grid: [0.5, 0.9], when: {optimiser: momentum}}`` tries two values where the optimiser
has a momentum, and leaves the hyperparameter out, at its default, everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import cast

from ...models.errors import HyperparameterError, near_miss
from ...models.hyperparameter import Hyperparameter
from . import validation
from .domains import Domain, Integers, Listed, Sampled, Value
from .validation import Problems, wrong

Settings = dict[str, Value | Domain]


def check_conditions(declared: Mapping[str, Hyperparameter], settings: Settings) -> Settings:
    """The settings with the values of their conditions in their proper types.

    Args:
        declared: what the model has, by dotted path.
        settings: by dotted path, as written.

    Raises:
        StudyError: a condition on what the model does not have, on a value that can never be, or
            on itself in a circle.
    """
    problems = Problems()
    found = dict(settings)
    for path, domain in settings.items():
        if not isinstance(domain, Domain) or not domain.when:
            continue
        when: dict[str, Value] = {}
        for other, value in domain.when.items():
            with problems.under(*path.split("."), "when", other):
                when[other] = _possible(declared, settings, path, other, value)
        found[path] = replace(domain, when=when)
    problems.raise_any()
    try:
        in_order(found)
    except CycleError as error:
        circle = error.args[1]
        with problems.under(*circle[0].split("."), "when"):
            raise wrong("must not lead back to itself", " → ".join(circle)) from None
    problems.raise_any()
    return found


def in_order(settings: Settings) -> list[str]:
    """The swept paths, each after those that its condition asks about; else as written."""
    swept = {path: value for path, value in settings.items() if isinstance(value, Domain)}
    if not any(domain.when for domain in swept.values()):
        return list(swept)
    return list(
        TopologicalSorter(
            {path: [p for p in domain.when if p in swept] for path, domain in swept.items()}
        ).static_order()
    )


def holds(domain: Domain, values: Mapping[str, object]) -> bool:
    """Whether a domain is swept where a stage's settings have these values."""
    return all(values[path] == value for path, value in domain.when.items())


def _possible(
    declared: Mapping[str, Hyperparameter], settings: Settings, path: str, other: str, value: object
) -> Value:
    """The value that a condition asks for, if `other` can ever have it."""
    if other not in declared:
        guess = near_miss(other, declared)
        remedy = f"Did you mean {guess!r}?" if guess else f"It has {', '.join(declared)}."
        raise wrong(f"{other!r} is not a hyperparameter of the stage", None, remedy)
    if other == path:
        raise wrong("must ask about another hyperparameter", other)
    try:
        wanted = cast(Value, declared[other].check(value))
    except HyperparameterError as error:
        raise wrong(error.rule, error.got, error.remedy) from None
    there = settings.get(other, cast(Value, declared[other].default))
    rule = f"must be a value that {other} has somewhere in the stage"
    if isinstance(there, Listed):
        if wanted not in there.values:
            remedy = f"It has {', '.join(map(str, there.values))}."
            raise wrong(rule, validation.plain(wanted), remedy)
    elif isinstance(there, Sampled):
        if not isinstance(there, Integers):
            remedy = f"It is drawn from {there.key}, where no value is met exactly."
            raise wrong(rule, wanted, remedy)
        if not there.low <= cast(int, wanted) <= there.high:
            raise wrong(rule, wanted, f"It is drawn from {there.low} to {there.high}.")
    elif wanted != there:
        remedy = (
            f"It has {validation.plain(there)} everywhere: give it a domain, or leave this out."
        )
        raise wrong(rule, validation.plain(wanted), remedy)
    return wanted
