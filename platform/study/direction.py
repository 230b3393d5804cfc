"""Which way is better, and which metric says so: what every rule of a stage has in common."""

from __future__ import annotations

from typing import Literal

from . import validation
from .validation import Problems

Direction = Literal["minimize", "maximize"]
DIRECTIONS = ("minimize", "maximize")
Unsaid = Literal[""]


def check_goal(problems: Problems, by: object, direction: object) -> None:
    """Note a metric or a direction that is none; empty ones are filled in later."""
    if by != "":
        with problems.under("by"):
            validation.metric(by)
    if direction != "":
        with problems.under("direction"):
            validation.one_of(direction, DIRECTIONS)


def filled(
    by: str, direction: Direction | Unsaid, metric: str, better: Direction
) -> tuple[str, Direction]:
    """A rule's metric and direction, its gaps filled from an objective.

    Args:
        by, direction: of the rule, as written; empty where nothing is.
        metric, better: the objective's. Its direction counts for its own metric only: any other
            metric is minimized unless the rule says otherwise.
    """
    found = by or metric
    return found, direction or (better if found == metric else "minimize")
