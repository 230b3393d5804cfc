"""What a command changes of a study for one run: ``--set stages.codes.epochs=200 --scale 0.1``.

A change names a key by its path, with stages by name or by number, and gives a value as the file
would write it. It is made before the study is checked, so that a wrong one is said like any mistake
of the file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...models import registry
from ...models.errors import LayerwiseError, near_miss
from ..errors import StudyError
from .strict_yaml import RefusedError, read_tree

_LEAST, _MOST = 1e-3, 1e3


@dataclass(frozen=True)
class Changes:
    """Values by key path, and by how much every stage's epochs are multiplied."""

    values: tuple[tuple[str, Any], ...] = ()
    scale: float = 1.0

    @classmethod
    def of(cls, written: Sequence[str], scale: float = 1.0) -> Changes:
        """The changes that a command line asks for: ``path=value`` each, and a factor of epochs.

        Raises:
            StudyError: no ``path=value``, a value that is no strict YAML, or a scale out of range.
        """
        if not (math.isfinite(scale) and _LEAST <= scale <= _MOST):
            raise StudyError("--scale", f"must be from {_LEAST:g} to {_MOST:g}", scale)
        return cls(tuple(map(_change, written)), scale)

    def apply(self, tree: Any) -> None:
        """Make the changes in the tree of plain values that a study's file holds.

        Raises:
            StudyError: a path that leads nowhere.
        """
        for path, value in self.values:
            _set(tree, path, value)
        if self.scale != 1.0 and isinstance(tree, dict):
            for stage in tree.get("stages") or []:
                if isinstance(stage, dict):
                    _scale(stage, self.scale)


UNCHANGED = Changes()


def _change(written: str) -> tuple[str, Any]:
    path, given, value = written.partition("=")
    if not path or not given:
        raise StudyError("--set", "must be PATH=VALUE", written, "Write stages.codes.epochs=200.")
    try:
        return path.strip(), read_tree(f"value: {value}").values["value"]
    except RefusedError as refused:
        problem = refused.located[0][1]
        raise StudyError(f"--set {path}", problem.rule, value, problem.remedy) from None


def _set(tree: Any, path: str, value: Any) -> None:
    place, rest = tree, path
    while True:
        key, rest = _next(place, rest, path)
        if not rest:
            place[key] = value
            return
        if isinstance(place, dict) and not isinstance(place.get(key), dict | list):
            # `corruption.level=0.1` where nothing, or only a name, is written of the corruption.
            place[key] = {"name": place[key]} if isinstance(place.get(key), str) else {}
        place = place[key]


def _next(place: Any, rest: str, path: str) -> tuple[str | int, str]:
    """The key that a path goes through here, and what is left of the path behind it."""
    if isinstance(place, list):
        names = [str(item.get("name", "")) for item in place if isinstance(item, dict)]
        # A stage's name may hold points.
        for index, name in enumerate(names):
            if name and (rest == name or rest.startswith(f"{name}.")):
                return index, rest[len(name) + 1 :]
        head, _, behind = rest.partition(".")
        if head.isdigit() and int(head) < len(place):
            return int(head), behind
        guess = near_miss(head, names)
        remedy = f"Did you mean {guess}?" if guess else f"There are {', '.join(names)}."
        raise StudyError(f"--set {path}", "must name a stage of the study", head, remedy)
    if not isinstance(place, dict):
        raise StudyError(f"--set {path}", "leads nowhere in this study", rest)
    head, _, behind = rest.partition(".")
    return head, behind


def _scale(stage: dict[str, Any], scale: float) -> None:
    epochs = stage.get("epochs")
    if epochs is None:
        try:
            declared = registry.lookup(str(stage.get("model"))).hyperparameters
        except LayerwiseError:
            return  # said when the study is checked
        epochs = declared["epochs"].default if "epochs" in declared else None
    if isinstance(epochs, int) and not isinstance(epochs, bool):
        stage["epochs"] = max(1, round(epochs * scale))
