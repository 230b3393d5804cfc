"""The draws of thousands of like steps, made many steps at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from math import prod

from torch import Tensor

from ..draws import Draws

BLOCK = 2**20


class Stream(Draws):
    """Draws whose every call gives the next step's numbers of that purpose and shape.

    A generator of its own for each step costs more than a step of a small machine does. Here one
    generator serves a block of steps; how many depends on the shape alone, so that a trial's
    numbers do not depend on the trials beside it.

    Args:
        draws: whose seeds, epoch and step these are.
        steps: how often each purpose will be asked for, about.
    """

    def __init__(self, draws: Draws, steps: int) -> None:
        vars(self).update(vars(draws))
        self._source = draws
        self._steps = steps
        self._running: dict[tuple[str, tuple[int, ...]], Iterator[Tensor]] = {}

    def uniform(self, purpose: str, *shape: int, rows: int = 0) -> Tensor:
        """Uniform on [0, 1), shape (1 or T, *shape)."""
        return self._next(self._source.uniform, purpose, shape, rows)

    def normal(self, purpose: str, *shape: int, rows: int = 0) -> Tensor:
        """Standard normal, shape (1 or T, *shape)."""
        return self._next(self._source.normal, purpose, shape, rows)

    def _next(
        self, draw: Callable[..., Tensor], purpose: str, shape: tuple[int, ...], rows: int
    ) -> Tensor:
        key = (purpose, shape)
        if key not in self._running:
            self._running[key] = self._each_step(draw, purpose, shape, rows)
        return next(self._running[key])

    def _each_step(
        self, draw: Callable[..., Tensor], purpose: str, shape: tuple[int, ...], rows: int
    ) -> Iterator[Tensor]:
        steps = max(1, min(self._steps, BLOCK // max(prod(shape), 1)))
        for block in count():
            yield from draw(f"{purpose}/{block}", steps, *shape, rows=rows + 1).unbind(1)
