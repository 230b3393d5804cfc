"""The loader that travels with a network logged to MLflow, beside ``layerwise.models``.

MLflow calls ``_load_pyfunc`` where nothing else of layerwise need be installed, so nothing else of
layerwise may be imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

DEFAULT_TASK = "reconstruct"
# What a network may be asked, in the order in which it is offered; which of these it can answer,
# ``hasattr`` tells.
TASKS = (
    "reconstruct",
    "encode",
    "anomaly_score",
    "predict",
    "class_probability",
    "complete",
    "colourise",
    "free_energy",
    "score",
    "sample",
)
# Each with MLflow's name of its type, its default and the tasks that read it. None stands for the
# network's own default.
PARAMETERS: Mapping[str, tuple[str, Any, tuple[str, ...]]] = {
    "known": ("string", "first", ("complete",)),
    "n": ("long", 16, ("sample",)),
    "steps": ("long", 1000, ("sample",)),
    "seed": ("long", None, ("sample",)),
}
# What rows are measured in: as the network was trained, or as in the table that was scaled for it.
UNITS = ("network", "data")
# Of one request, lest it keep a server busy for ever.
_MOST = {"n": 10_000, "steps": 100_000}


def tasks(network: Any) -> tuple[str, ...]:
    """What this network can be asked."""
    return tuple(task for task in TASKS if hasattr(network, task))


class ServedNetwork:
    """Answers questions about rows of numbers; see :meth:`predict`."""

    def __init__(self, network: Any) -> None:
        """Serve a network or a stack, as ``layerwise.models.load`` gives it."""
        from ...models.inputs import Inputs

        self.network = network
        self.inputs = network.inputs or Inputs(network.visible_)
        self.tasks = tasks(network)

    def predict(self, rows: Any, params: Mapping[str, Any] | None = None) -> np.ndarray:
        """What the network makes of rows, (n, visible) as an array, nested lists or a DataFrame.

        ``params`` are ``task``, by default "reconstruct", and what it needs: ``known`` ("first" or
        "second") of "complete"; ``n``, ``steps`` and ``seed`` of "sample", which reads no rows. The
        rows of "colourise" are grey images of a third of the width. With ``units`` "data", where
        the study scaled its data, rows are scaled as the training samples were, and what has the
        form of a row comes back in the data's units.

        Raises:
            mlflow.exceptions.MlflowException: rows, a task or a parameter that cannot be answered,
                which a server passes on as status 400.
        """
        from ...models.errors import LayerwiseError

        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            return self._answer(rows, given)
        except LayerwiseError as error:
            from mlflow.exceptions import MlflowException

            raise MlflowException.invalid_parameter_value(str(error)) from error

    def _answer(self, rows: Any, given: Mapping[str, Any]) -> np.ndarray:
        task = _one_of("task", given.get("task", DEFAULT_TASK), self.tasks)
        own = _one_of("units", given.get("units", UNITS[0]), UNITS) == "data"
        asked: Callable[..., np.ndarray] = getattr(self.network, task)
        if task == "sample":
            answer = asked(_count(given, "n"), _count(given, "steps"), given.get("seed"))
            return self.inputs.unscaled(answer) if own else answer
        if task == "colourise":
            from ...models.inputs import Inputs

            return asked(Inputs(self.inputs.visible // 3).matrix(rows))
        x = self.inputs.matrix(rows)
        # Single precision, as in training: what a study served is what it measured.
        x = (self.inputs.scaled(x) if own else x).astype(np.float32)
        if task == "complete":
            known = _one_of("known", given.get("known", "first"), ("first", "second"))
            answer = asked(x, known)
        else:
            answer = asked(x)
        return self.inputs.unscaled(answer) if own and task in _ROWS else answer


# The answers that are rows again.
_ROWS = ("reconstruct", "complete")


def _count(given: Mapping[str, Any], name: str) -> int:
    from ...models.errors import InputError

    count = int(given.get(name, PARAMETERS[name][1]))
    if not 1 <= count <= _MOST[name]:
        raise InputError(name, f"must be from 1 to {_MOST[name]}", count)
    return count


def _one_of(name: str, word: Any, possible: tuple[str, ...]) -> str:
    from ...models.errors import InputError, near_miss

    if word in possible:
        return str(word)
    close = near_miss(str(word), possible)
    remedy = f"Did you mean {close!r}?" if close else None
    raise InputError(name, f"must be one of {', '.join(possible)}", word, remedy)


def _load_pyfunc(path: str) -> ServedNetwork:
    from ...models import load

    return ServedNetwork(load(Path(path)))
