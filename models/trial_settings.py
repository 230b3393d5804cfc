"""The hyperparameters that a class declares, bound to the values of T trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch

from . import registry
from .errors import HyperparameterError
from .hyperparameter import Hyperparameter, PartDeclaration, collect


class TrialSettings:
    """Numbers become (T,) tensors, structures plain values, the same for all T trials.

    Attributes:
        settings: for each trial its resolved hyperparameters by dotted path.
        dtype, device: of the tensors.
    """

    hyperparameters: ClassVar[dict[str, Hyperparameter]]
    settings: tuple[dict[str, Any], ...]
    dtype: torch.dtype
    device: torch.device

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        cls.hyperparameters = collect(cls)

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse hyperparameters that exclude one another.

        Raises:
            HyperparameterError: says which, and what to write instead.
        """
        for name in dict.fromkeys(path.partition(".")[0] for path in cls.hyperparameters):
            declared = cls._declaration(name)
            if declared is not None:
                declared.part.check(values, name)

    def bind(self, trials: Sequence[Mapping[str, Any]]) -> None:
        """Replace the declarations by the values of these trials, resolved and by dotted path.

        Raises:
            HyperparameterError: trials that differ in a structure, or values that exclude one
                another.
        """
        self.settings = tuple(dict(trial) for trial in trials)
        for trial in self.settings:
            self.check(trial)
        values: dict[str, Any] = {}
        for path, hyperparameter in self.hyperparameters.items():
            given = [trial[path] for trial in self.settings]
            if not hyperparameter.structural:
                values[path] = torch.tensor(given, dtype=self.dtype, device=self.device)
            elif len(set(given)) > 1:
                raise HyperparameterError(
                    path, "must be the same for all trials of a cohort", sorted(set(given))
                )
            else:
                values[path] = given[0]
        for name, bound in registry.nest(values).items():
            declared = self._declaration(name)
            value = declared.part(bound) if declared is not None else bound
            setattr(self, name, value)

    @classmethod
    def _declaration(cls, name: str) -> PartDeclaration | None:
        """How the nearest class declares a part; None where the name is no part."""
        for base in cls.__mro__:
            declared = vars(base).get(name)
            if isinstance(declared, PartDeclaration):
                return declared
        return None
