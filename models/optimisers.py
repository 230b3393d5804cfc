"""Optimisers with a trial axis: every trial has its own learning rate, momentum and weight decay.

Weight decay is decoupled, w ← w − lr · decay · w, and spares the biases.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from .trial_axis import column


class Optimiser(ABC):
    """Updates parameters in place; all numbers are (T,) tensors."""

    def __init__(self, learning_rate: Tensor, momentum: Tensor, weight_decay: Tensor) -> None:
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.steps = 0
        self.memory: dict[str, Tensor] = {}
        self._decays = bool((weight_decay > 0).any())

    def step(self, parameters: Mapping[str, Tensor], gradients: Mapping[str, Tensor]) -> None:
        """Go one step down the gradients."""
        self.steps += 1
        for name, gradient in gradients.items():
            parameter = parameters[name]
            if self._decays and name.endswith("weight"):
                parameter.mul_(1 - column(self.learning_rate * self.weight_decay, parameter))
            self.update(name, parameter, gradient)

    @abstractmethod
    def update(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        """Update one parameter in place."""

    def select(self, trials: Tensor) -> None:
        """Keep only these trials."""
        for attribute in ("learning_rate", "momentum", "weight_decay"):
            setattr(self, attribute, getattr(self, attribute)[trials])
        self.memory = {name: tensor[trials] for name, tensor in self.memory.items()}

    def remembered(self, name: str, like: Tensor) -> Tensor:
        """A running quantity, zero at first, with the memory layout of its parameter."""
        if name not in self.memory:
            self.memory[name] = torch.zeros_like(like)
        return self.memory[name]


class Momentum(Optimiser):
    """v ← μv + g, w ← w − lr · v: a constant gradient g ends at steps of lr · g/(1 − μ)."""

    def update(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        velocity = self.remembered(name, parameter)
        velocity.mul_(column(self.momentum, velocity)).add_(gradient)
        parameter.sub_(column(self.learning_rate, parameter) * velocity)


class Adam(Optimiser):
    """Kingma & Ba 2015, algorithm 1, with β₁ = 0.9 (the `momentum`, if given), β₂ = 0.999, ε = 1e-8."""

    SECOND = 0.999
    EPSILON = 1e-8

    def update(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        first = self.remembered(f"{name}/first", parameter)
        second = self.remembered(f"{name}/second", parameter)
        beta = column(self.momentum, parameter)
        first.mul_(beta).addcmul_(gradient, 1 - beta)
        second.mul_(self.SECOND).addcmul_(gradient, gradient, value=1 - self.SECOND)
        corrected = (second / (1 - self.SECOND**self.steps)).sqrt_().add_(self.EPSILON)
        rate = self.learning_rate / (1 - self.momentum**self.steps)
        parameter.sub_(column(rate, parameter) * first / corrected)


OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "momentum": Momentum}
