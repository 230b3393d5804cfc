"""Trained stages from the store, as networks a person can use."""

from __future__ import annotations

from typing import Any

from ...models import registry
from ...models.estimator import Estimator
from ...models.stack import Stack
from ..errors import StoreError
from ..store.store import Store


def estimator(key: str, store: Store) -> Estimator:
    """The network of one stored trial; a joint one stands for the whole stack below it.

    Raises:
        StoreError: the store does not hold it, or it diverged.
    """
    entry = store.read(key)
    if entry.manifest["diverged_at"] is not None:
        raise StoreError(key[:12], "must be a trial that trained to its end", "a diverged one")
    return Estimator.restored(_configuration(key, store), entry.weights)


def layers(key: str, store: Store) -> list[Estimator] | None:
    """The networks from the data up to this trial; None where a stage joins several parents.

    A joint trial has taken the place of all that lies below it.

    Raises:
        StoreError: the store does not hold one of them, or it diverged.
    """
    keys = _chain(key, store)
    return None if keys is None else [estimator(key, store) for key in keys]


def untrained(key: str, store: Store) -> list[Estimator] | None:
    """The networks from the data up to this trial before their first steps.

    A joint trial's first step starts from the trained stack below it.
    """
    keys = _chain(key, store)
    return None if keys is None else [_untrained(key, store) for key in keys]


def network(stack: list[Estimator]) -> Estimator | Stack:
    """One layer as it is, several as a stack."""
    return stack[0] if len(stack) == 1 else Stack(stack)


def _untrained(key: str, store: Store) -> Estimator:
    configuration = _configuration(key, store)
    settings = registry.nest(configuration["hyperparameters"])
    own = {name: configuration[name] for name in ("model", "visible", "seed", "dtype")}
    made = Estimator(**own, **settings)
    return made.begin_from(_below(key, store)) if "below" in configuration else made


def _below(key: str, store: Store) -> list[Estimator]:
    """The trained stack that a joint trial started from."""
    [parent] = store.manifest(key)["parents"]
    found = layers(parent, store)
    assert found is not None  # a plan lets joint stages start from a chain only
    return found


def _configuration(key: str, store: Store) -> dict[str, Any]:
    """What :meth:`.Estimator.restored` makes the network of, the stack below a joint one too."""
    manifest = store.manifest(key)
    found = {name: manifest[name] for name in ("model", "visible", "seed", "dtype")}
    found["hyperparameters"] = manifest["settings"]
    if manifest["parents"] and not manifest["inputs"]:
        [parent] = manifest["parents"]
        found["below"] = [_configuration(key, store) for key in _chain(parent, store) or ()]
    return found


def _chain(key: str, store: Store) -> list[str] | None:
    """The keys from the data up to this trial; None where one reads several parents' codes."""
    keys = [key]
    while inputs := store.manifest(keys[0])["inputs"]:
        if len(inputs) > 1:
            return None
        keys[:0] = inputs
    return keys
