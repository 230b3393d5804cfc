"""Trained stages from the store, as networks a person can use."""

from __future__ import annotations

from ...models import registry
from ...models.estimator import Estimator
from ...models.stack import Stack
from ..errors import StoreError
from ..store.store import Store


def estimator(key: str, store: Store) -> Estimator:
    """The network of one stored trial.

    Raises:
        StoreError: the store does not hold it, or it diverged.
    """
    entry = store.read(key)
    manifest = entry.manifest
    if manifest["diverged_at"] is not None:
        raise StoreError(key[:12], "must be a trial that trained to its end", "a diverged one")
    configuration = {name: manifest[name] for name in ("model", "visible", "seed", "dtype")}
    configuration["hyperparameters"] = manifest["settings"]
    return Estimator.restored(configuration, entry.weights)


def layers(key: str, store: Store) -> list[Estimator] | None:
    """The networks from the data up to this trial; None where a stage joins several parents.

    Raises:
        StoreError: the store does not hold one of them, or it diverged.
    """
    found = [estimator(key, store)]
    while parents := store.manifest(key)["parents"]:
        if len(parents) > 1:
            return None
        [key] = parents
        found.insert(0, estimator(key, store))
    return found


def untrained(estimator: Estimator) -> Estimator:
    """The same network before its first step."""
    configuration = estimator.configuration()
    settings = registry.nest(configuration.pop("hyperparameters"))
    return Estimator(**configuration, **settings)


def network(stack: list[Estimator]) -> Estimator | Stack:
    """One layer as it is, several as a stack."""
    return stack[0] if len(stack) == 1 else Stack(stack)
