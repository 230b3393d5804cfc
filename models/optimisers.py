"""Optimisers with a trial axis: every trial has its own learning rate, momentum and weight decay.

The learning rate falls in a straight line, to (1 − decay) times itself at the end of training.
Weight decay is decoupled, w ← w − lr · decay · w, and spares the biases.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from .trial_axis import chosen, column


class Optimiser(ABC):
    """Updates parameters in place; all numbers are (T,) tensors."""

    def __init__(
        self,
        learning_rate: Tensor,
        momentum: Tensor,
        weight_decay: Tensor,
        learning_rate_decay: Tensor,
    ) -> None:
        self.learning_rate = learning_rate
        self.learning_rate_decay = learning_rate_decay
        self.rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.steps = 0
        self.memory: dict[str, Tensor] = {}
        self._decays = bool((weight_decay > 0).any())
        self._slows = bool((learning_rate_decay > 0).any())

    def step(
        self,
        parameters: Mapping[str, Tensor],
        gradients: Mapping[str, Tensor],
        progress: float = 0.0,
    ) -> None:
        """Go one step down the gradients; ``progress`` is the share of training behind it."""
        self.steps += 1
        if self._slows:
            self.rate = self.learning_rate * (1 - self.learning_rate_decay * progress)
        for name, gradient in gradients.items():
            parameter = parameters[name]
            if self._decays and name.endswith("weight"):
                parameter.mul_(1 - column(self.rate * self.weight_decay, parameter))
            self.update(name, parameter, gradient)

    @abstractmethod
    def update(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        """Update one parameter (T, …) in place by its gradient, same shape."""

    def select(self, trials: Tensor) -> None:
        """Keep only these trials, by index."""
        self.learning_rate = self.learning_rate[trials]
        self.learning_rate_decay = self.learning_rate_decay[trials]
        self.rate = self.rate[trials]
        self.momentum = self.momentum[trials]
        self.weight_decay = self.weight_decay[trials]
        self.memory = {name: chosen(tensor, trials) for name, tensor in self.memory.items()}

    def remembered(self, name: str, like: Tensor) -> Tensor:
        """A running quantity, zero at first, with the memory layout of its parameter."""
        if name not in self.memory:
            self.memory[name] = torch.zeros_like(like)
        return self.memory[name]


class Momentum(Optimiser):
    """v ← μv + g, w ← w − lr · v: a constant gradient g ends at steps of lr · g/(1 − μ)."""

    def update(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        """Update one parameter (T, …) in place by its gradient, same shape."""
        velocity = self.remembered(name, parameter)
        velocity.mul_(column(self.momentum, velocity)).add_(gradient)
        parameter.addcmul_(column(-self.rate, parameter), velocity)


class Adam(Optimiser):
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − lr · m̂/(√v̂ + ε).

    m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ); β₁ is the trial's ``momentum``, β₂ = 0.999, ε = 1e-8
    (Kingma & Ba 2015, algorithm 1).
    """

    SECOND = 0.999
    EPSILON = 1e-8

    def update(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        """Update one parameter (T, …) in place by its gradient, same shape."""
        first = self.remembered(f"{name}/first", parameter)
        second = self.remembered(f"{name}/second", parameter)
        first.lerp_(gradient, column(1 - self.momentum, parameter))
        second.mul_(self.SECOND).addcmul_(gradient, gradient, value=1 - self.SECOND)
        # Both corrections go into numbers, with √(1 − β₂ᵗ) taken out of the fraction: two passes
        # over the parameter fewer than correcting m and v themselves.
        correction = (1 - self.SECOND**self.steps) ** 0.5
        rate = correction * self.rate / (1 - self.momentum**self.steps)
        divisor = second.sqrt().add_(self.EPSILON * correction)
        parameter.addcdiv_(column(-rate, parameter) * first, divisor)


OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "momentum": Momentum}
