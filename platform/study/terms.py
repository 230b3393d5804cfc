"""The terms of a study that concern all its stages: objective, resources, and its data.

The data are in :mod:`.data_terms`; how much it may train, and with how many seeds, in
:mod:`.effort`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import cast

from . import validation as rules
from .direction import DIRECTIONS, Direction
from .validation import Problems, wrong

_DEFAULT_METRIC = "validation/reconstruction_error"

MOST_WORKERS = 10_000
_EACH = "_per_worker"
_AMOUNTS = {
    "cpus": "above 0",
    "gpus": "from 0 upwards",
    "cpus_per_worker": "above 0",
    "gpus_per_worker": "from 0 upwards",
}


@dataclass(frozen=True)
class Objective:
    """What counts as better.

    Args:
        metric: ``train/…``, ``validation/…`` or ``test/…``.
        direction: ``minimize`` or ``maximize``.

    Raises:
        StudyError: neither of these.
    """

    metric: str = _DEFAULT_METRIC
    direction: Direction = "minimize"

    def __post_init__(self) -> None:
        problems = Problems()
        with problems.under("direction"):
            rules.one_of(self.direction, DIRECTIONS)
        with problems.under("metric"):
            rules.metric(self.metric)
        problems.raise_any("objective")

    @classmethod
    def of(cls, value: object) -> Objective:
        """An objective from what a study writes: ``{minimize: validation/…}``."""
        if isinstance(value, Objective):
            return value
        remedy = f"Write {{minimize: {value}}}." if isinstance(value, str) else None
        written = rules.mapping(value, "{minimize: metric} or {maximize: metric}", remedy)
        rules.check_keys(written, [], DIRECTIONS)
        if len(written) != 1:
            raise wrong("must be exactly one of {minimize: metric} and {maximize: metric}", written)
        [(direction, metric)] = written.items()
        problems = Problems()
        with problems.under(direction):
            rules.metric(metric)
        problems.raise_any("objective")
        return cls(metric, cast(Direction, direction))

    def mapping(self) -> dict[str, object]:
        """The objective as a study writes it."""
        return {self.direction: self.metric}


@dataclass(frozen=True)
class Resources:
    """What one cohort gets of the machine.

    Args:
        cpus: above 0; above 1 whole.
        gpus: 0 or more, may be a fraction of one; above 1 whole.
        workers: how many processes train one cohort together, each on its share of every batch,
            from 1.
        cpus_per_worker: as `cpus`, for each of several workers; `cpus` when left out.
        gpus_per_worker: as `gpus`, for each of several workers; `gpus` when left out.

    With one worker, what is said of each worker is said of the cohort.

    Raises:
        StudyError: a number outside its range.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    workers: int = 1
    cpus_per_worker: float | None = None
    gpus_per_worker: float | None = None

    def __post_init__(self) -> None:
        problems = Problems()
        with problems.under("workers"):
            workers = rules.integer(rules.plain(self.workers), 1, MOST_WORKERS)
            object.__setattr__(self, "workers", workers)
        for part, lowest in _AMOUNTS.items():
            rule = f"must be a number {lowest}"
            with problems.under(part):
                if getattr(self, part) is None and part.endswith(_EACH):
                    object.__setattr__(self, part, getattr(self, part.removesuffix(_EACH)))
                    continue
                amount = rules.number(rules.plain(getattr(self, part)), rule)
                if amount < 0 or (part.startswith("cpus") and amount == 0):
                    raise wrong(rule, amount)
                if amount > 1 and not amount.is_integer():
                    raise wrong("must be whole above 1", amount, "Ray shares out single devices.")
                object.__setattr__(self, part, amount)
        problems.raise_any("resources")
        if self.workers == 1:
            object.__setattr__(self, "cpus", self.cpus_per_worker)
            object.__setattr__(self, "gpus", self.gpus_per_worker)

    @property
    def total_cpus(self) -> float:
        """Those of all workers of a cohort."""
        return self.workers * (self.cpus_per_worker or 0.0)

    @property
    def total_gpus(self) -> float:
        """Those of all workers of a cohort."""
        return self.workers * (self.gpus_per_worker or 0.0)

    @classmethod
    def of(cls, value: object) -> Resources:
        """Resources from what a study writes: ``{cpus: 1, gpus: 0.5}``."""
        if isinstance(value, Resources):
            return value
        written = rules.mapping(value, "a mapping with cpus and gpus", "Write {cpus: 1}.")
        rules.check_keys(written, [], [field.name for field in fields(cls)])
        return cls(**written)

    def mapping(self) -> dict[str, object]:
        """The resources as a study writes them."""
        said = vars(self) if self.workers > 1 else {"cpus": self.cpus, "gpus": self.gpus}
        return {k: int(v) if float(v).is_integer() else v for k, v in said.items()}


DEFAULT_OBJECTIVE = Objective()
ONE_CPU = Resources()
