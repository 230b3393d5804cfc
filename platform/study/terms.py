"""The terms of a study that concern all its stages: data, objective, resources.

How much it may train, and with how many seeds, is in :mod:`.effort`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

from ...models.errors import near_miss
from . import validation as rules
from .direction import DIRECTIONS, Direction
from .validation import Problems, wrong

LARGEST_SEED = 2**31 - 1
_DEFAULT_METRIC = "validation/reconstruction_error"
_TABLES = (".npz", ".npy", ".csv")

MOST_WORKERS = 10_000
_EACH = "_per_worker"
_AMOUNTS = {
    "cpus": "above 0",
    "gpus": "from 0 upwards",
    "cpus_per_worker": "above 0",
    "gpus_per_worker": "from 0 upwards",
}


@dataclass(frozen=True)
class Data:
    """Which data a study trains on, and how it is split.

    Args:
        name: a data set that layerwise knows; exactly one of `name` and `path` is given.
        path: a person's own table (.npz, .npy, .csv); made absolute.
        validation: the share of the samples that ranks trials, between 0 and 1.
        test: the share that is looked at once, at the end, between 0 and 1.
        split_seed: of the permutation that decides which sample goes where.
        binarise: makes 0 or 1 of grey values, ``sampled`` (each once, 1 with its value as
            probability) or ``threshold`` (1 from a half upwards); left out, they stay.

    Raises:
        StudyError: an unknown name, neither or both of name and path, shares that leave nothing.
    """

    name: str | None = None
    path: Path | None = None
    validation: float = 0.15
    test: float = 0.15
    split_seed: int = 0
    binarise: str | None = None

    def __post_init__(self) -> None:
        problems = Problems()
        if (self.name is None) == (self.path is None):
            remedy = "Write {name: digits} or {path: table.npz}."
            with problems.under():
                raise wrong("must have exactly one of name and path", None, remedy)
        if self.name is not None:
            with problems.under("name"):
                object.__setattr__(self, "name", _data_name(self.name))
        if self.path is not None:
            with problems.under("path"):
                object.__setattr__(self, "path", _absolute(self.path))
        for part in ("validation", "test"):
            with problems.under(part):
                object.__setattr__(self, part, rules.share(getattr(self, part)))
        with problems.under("split_seed"):
            seed = rules.integer(rules.plain(self.split_seed), 0, LARGEST_SEED)
            object.__setattr__(self, "split_seed", seed)
        if self.binarise is not None:
            from ..data.binarise import KINDS  # as for the names below

            with problems.under("binarise"):
                rules.one_of(self.binarise, KINDS)
        if not problems.found and self.validation + self.test >= 1:
            total, remedy = self.validation + self.test, "The rest is what is trained on."
            problems.add("validation + test must be below 1", total, remedy, at="test")
        problems.raise_any("data")

    @classmethod
    def of(cls, value: object) -> Data:
        """Data from what a study writes: ``digits``, ``{name: digits}``, ``{path: table.npz}``."""
        if isinstance(value, Data):
            return value
        if isinstance(value, str):
            value = {"name": value}
        written = rules.mapping(value, "a name, or a mapping with name or path")
        rules.check_keys(written, [], [field.name for field in fields(cls)])
        return cls(**written)

    def mapping(self) -> dict[str, object]:
        """The data as a study writes it."""
        source = {"path": str(self.path)} if self.path else {"name": self.name}
        return {
            **source,
            "validation": self.validation,
            "test": self.test,
            "split_seed": self.split_seed,
            **({"binarise": self.binarise} if self.binarise else {}),
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


def _data_name(value: object) -> str:
    from ..data import names  # loads NumPy tables' readers, needed only here

    word = rules.text(value)
    if word in names():
        return word
    guess = near_miss(word, names())
    remedy = f"Did you mean {guess}?" if guess else f"Known data: {', '.join(names())}."
    if "/" in word or word.endswith(_TABLES):
        remedy = f"For a table of your own write {{path: {word}}}."
    raise wrong("must be the name of a known data set", word, remedy)


def _absolute(value: object) -> Path:
    if not isinstance(value, str | os.PathLike):
        raise wrong("must be the path of a table", value)
    written = rules.text(os.fspath(value))
    if not written.endswith(_TABLES):
        raise wrong(f"must end with {', '.join(_TABLES[:-1])} or {_TABLES[-1]}", written)
    return Path(os.path.expanduser(written)).absolute()
