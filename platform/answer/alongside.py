"""Which settings are shown beside the best: the best at each value of what matters most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real

from .ranking import Ranked

REGULARISERS = ("corruption.level", "sparsity.weight", "contraction.weight")
MOST = 5


def alongside(ranking: list[Ranked], most: int = MOST) -> list[Ranked]:
    """At most that many settings: the best at each other value of the strongest regulariser.

    The strongest is the one over whose values the mean objective goes farthest; where no
    regulariser is swept, any hyperparameter may be it. By rising value; evenly spaced if there are
    too many values.
    """
    if len(ranking) < 2:
        return []
    best = ranking[0]
    paths = [path for path in best.values if len(_groups(ranking, path)) > 1]
    own = [path for path in paths if path.rpartition(".")[0] and _regulariser(path)]
    path = max(own or paths, key=lambda one: _reach(ranking, one), default="")
    if not path:
        return []
    groups = _groups(ranking, path)
    groups.pop(repr(best.values[path]), None)
    # The ranking's order: the first of a group is its best.
    first = sorted((group[0] for group in groups.values()), key=lambda row: _order(row, path))
    if len(first) <= most:
        return first
    return [first[round(place * (len(first) - 1) / (most - 1))] for place in range(most)]


def _regulariser(path: str) -> bool:
    """Whether it is one of a stage's own or of a stage below, ``<stage>.<path>``."""
    return any(path == name or path.endswith(f".{name}") for name in REGULARISERS)


def _groups(ranking: list[Ranked], path: str) -> dict[str, list[Ranked]]:
    found: dict[str, list[Ranked]] = {}
    for row in ranking:
        if path in row.values:
            found.setdefault(repr(row.values[path]), []).append(row)
    return found


def _reach(ranking: list[Ranked], path: str) -> float:
    groups = _groups(ranking, path).values()
    means = [sum(row.objective.mean for row in group) / len(group) for group in groups]
    known = [mean for mean in means if math.isfinite(mean)]
    return max(known) - min(known) if known else 0.0


def _order(row: Ranked, path: str) -> tuple[bool, float, str]:
    values: Mapping[str, object] = row.values
    value = values[path]
    number = isinstance(value, Real)
    return not number, float(value) if isinstance(value, Real) else 0.0, str(value)
