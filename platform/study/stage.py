"""A stage of a study: one model, trained on the codes of the stage before it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Self, cast

from ...models import registry
from ...models.errors import HyperparameterError, UnknownModelError, near_miss
from . import validation
from .conditions import check_conditions, holds, in_order
from .direction import Direction
from .domains import Choice, Domain, Listed, Sampled, Value, fractions
from .promotion import Keep
from .proposing import Proposals
from .settings import read_settings
from .stopping import Stop
from .validation import Problems, wrong

MOST_POINTS = 100_000
WIDEST = 10_000_000
_REQUIRED = ("name", "model")
_OPTIONAL = ("after", "keep", "visible", "search", "stop")


@dataclass(frozen=True, init=False)
class Stage:
    """One model with its settings, fixed or swept.

    Args:
        name: names the stage in the study, in the record and in figures.
        model: a registered variant.
        after: the stages whose codes are the input; left out, the stage before this one; ``[]``
            makes it a root, which sees the data.
        keep: the promotion rule; left out, every trial gets children.
        visible: the declared width of the input, compared with the data before anything trains.
        search: how settings are proposed, for a stage that does not try them all.
        stop: the rules that end trials before their last epoch.
        hyperparameters: of the model, nested as in YAML: a value, or a search domain in its place.

    Raises:
        StudyError: a mistake in any of these, with the key path to it.
    """

    name: str
    model: str
    after: tuple[str, ...]
    keep: Keep | None
    visible: int | None
    search: Proposals | None
    stop: Stop | None
    settings: dict[str, Value | Domain]
    """By dotted path what was written, values checked; defaults are not filled in."""
    _chained: bool = field(compare=False, repr=False)

    def __init__(
        self,
        /,
        *,
        name: str,
        model: str,
        after: Sequence[str] | None = None,
        keep: Keep | Mapping[str, Any] | None = None,
        visible: int | None = None,
        search: Proposals | Mapping[str, Any] | None = None,
        stop: Stop | Mapping[str, Any] | None = None,
        **hyperparameters: object,
    ) -> None:
        problems = Problems()
        self._set(name="", model="", after=(), keep=None, visible=None, settings={})
        self._set(search=None, stop=None, _chained=after is None)
        with problems.under("name"):
            self._set(name=validation.name(name))
        if after is not None:
            with problems.under("after"):
                self._set(after=_after(after))
        if keep is not None:
            with problems.under("keep"):
                self._set(keep=Keep.of(keep))
        if visible is not None:
            with problems.under("visible"):
                self._set(visible=validation.integer(validation.plain(visible), 1, WIDEST))
        if search is not None:
            with problems.under("search"):
                self._set(search=Proposals.of(search))
        if stop is not None:
            with problems.under("stop"):
                self._set(stop=Stop.of(stop))
        with problems.under("model"):
            self._set(model=_registered(model))
        if self.model:
            with problems.under():
                declared = registry.lookup(self.model).hyperparameters
                reserved = (*_REQUIRED, *_OPTIONAL)
                settings = read_settings(declared, hyperparameters, reserved)
                self._set(settings=check_conditions(declared, settings))
        if not problems.found:
            with problems.under():
                self._check_points()
        problems.raise_any(f"stages[{self.name!r}]" if self.name else "stage")

    @classmethod
    def of(cls, value: object) -> Stage:
        """A stage from what a study writes."""
        if isinstance(value, Stage):
            return value
        written = validation.mapping(value, "a mapping with a name, a model and its settings")
        if any(key not in written for key in _REQUIRED):
            # The hyperparameters are unknown without a model: only the stage's own keys count.
            others = [key for key in written if near_miss(key, _REQUIRED) is None]
            validation.check_keys(written, _REQUIRED, (*_OPTIONAL, *others))
        return cls(**written)

    @property
    def swept(self) -> tuple[str, ...]:
        """The dotted paths that have a search domain, in the order in which they are written."""
        return tuple(path for path, value in self.settings.items() if isinstance(value, Domain))

    def points(self) -> list[dict[str, Value]]:
        """Every combination of the swept values, each once; ``[{}]`` when nothing is swept.

        Grids are crossed, the last written varies fastest. Sampled domains are drawn together, and
        are one axis of that product, at the place of the first of them; a choice joins the draw. A
        hyperparameter whose condition does not hold is left out of the point.

        Raises:
            ValueError: the stage is searched, so that it has no such list; see
                :mod:`layerwise.platform.plan.proposals`.
        """
        if self.search is not None:
            raise ValueError(f"stage {self.name!r} is searched: its settings are proposed")
        points: list[dict[str, Value]] = []
        for parts in itertools.product(*self._axes()):
            merged = {path: value for part in parts for path, value in part.items()}
            points.append(self.active(merged))
        # A draw of whole numbers or of choices can repeat itself, and so can what conditions leave
        # of a point: the same trial is not two.
        return list({tuple(point.items()): point for point in points}.values())

    def active(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Those of the values, one for each swept path, whose conditions hold; in written order."""
        domains = {path: cast(Domain, self.settings[path]) for path in self.swept}
        if not any(domain.when for domain in domains.values()):
            return {path: values[path] for path in domains}
        declared = registry.lookup(self.model).hyperparameters
        known: dict[str, object] = {path: declared[path].default for path in declared}
        known |= {p: v for p, v in self.settings.items() if p not in domains}
        left = set()
        for path in in_order(self.settings):
            if holds(domains[path], known):
                known[path] = values[path]
                left.add(path)
        return {path: values[path] for path in domains if path in left}

    def extremes(self) -> list[dict[str, Value]]:
        """Points that reach every listed value and both ends of every interval, one at a time.

        Values that exclude one another show at these, wherever a stage's settings come from.
        """
        reached = {
            path: list(domain.values) if isinstance(domain, Listed) else [domain.low, domain.high]
            for path in self.swept
            if isinstance(domain := self.settings[path], Listed | Sampled)
        }
        first = {path: values[0] for path, values in reached.items()}
        points = [first]
        points += [{**first, path: v} for path, values in reached.items() for v in values[1:]]
        return [self.active(point) for point in points]

    def mapping(self) -> dict[str, object]:
        """The stage as a study writes it, `after` always said."""
        written: dict[str, object] = {"name": self.name, "model": self.model}
        written["after"] = list(self.after)
        if self.visible is not None:
            written["visible"] = self.visible
        written |= registry.nest(
            {
                path: value.mapping() if isinstance(value, Domain) else validation.plain(value)
                for path, value in self.settings.items()
            }
        )
        if self.keep is not None:
            written["keep"] = self.keep.mapping()
        if self.search is not None:
            written["search"] = self.search.mapping()
        if self.stop is not None:
            written["stop"] = self.stop.mapping()
        return written

    def placed(self, previous: str | None, metric: str, direction: Direction) -> Self:
        """The stage inside a study: its parents known, its rule's gaps filled by the objective."""
        placed = copy(self)
        if self._chained:
            placed._set(after=() if previous is None else (previous,))
        if self.keep is not None:
            placed._set(keep=self.keep.resolved(metric, direction))
        if self.search is not None:
            placed._set(search=self.search.resolved(metric, direction))
        if self.stop is not None:
            placed._set(stop=self.stop.resolved(metric, direction))
        return placed

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _axes(self) -> list[list[dict[str, Value]]]:
        domains = {path: cast(Domain, self.settings[path]) for path in self.swept}
        samples = next((d.samples for d in domains.values() if isinstance(d, Sampled)), None)
        drawn: tuple[type[Domain], ...] = () if samples is None else (Sampled, Choice)
        axes: list[list[dict[str, Value]]] = []
        joint: list[dict[str, Value]] = []
        for path, domain in domains.items():
            if samples is not None and isinstance(domain, drawn):
                if not joint:
                    joint = [{} for _ in range(samples)]
                    axes.append(joint)
                draws = fractions(self.name, path, samples)
                for point, fraction in zip(joint, draws, strict=True):
                    point[path] = domain.at(fraction)
            else:
                values = cast(Choice, domain).values
                axes.append([{path: value} for value in values])
        return axes

    def _check_points(self) -> None:
        """Refuse draws that disagree, too many points, and values that exclude one another."""
        problems = Problems()
        sampled = {p: d for p, d in self.settings.items() if isinstance(d, Sampled)}
        for path, domain in sampled.items():
            (first, agreed), *_ = sampled.items()
            if self.search is None and domain.samples is None:
                with problems.under(*path.split(".")):
                    remedy = "Write samples: 6, or give the stage a search."
                    raise wrong("needs the key 'samples'", None, remedy)
            elif self.search is None and domain.samples != agreed.samples:
                rule = (
                    f"must equal the {agreed.samples} samples of {first}: a stage draws all at once"
                )
                with problems.under(*path.split("."), "samples"):
                    raise wrong(rule, domain.samples, f"Write samples: {agreed.samples}.")
        problems.raise_any()
        if self.search is not None and not self.swept:
            remedy = "Write a domain, such as {grid: [...]}, for what is to be found."
            problems.add("has nothing to propose", None, remedy, at="search")
            problems.raise_any()
        if self.search is None:
            count = math.prod(len(axis) for axis in self._axes())
            if count > MOST_POINTS:
                remedy = "Sample some of the domains instead of crossing all of them."
                raise wrong(f"must give at most {MOST_POINTS} settings", count, remedy)
        variant = registry.lookup(self.model)
        defaults = {path: declared.default for path, declared in variant.hyperparameters.items()}
        fixed = {p: v for p, v in self.settings.items() if not isinstance(v, Domain)}
        points = self.extremes() if self.search is not None else self.points()
        if sampled and self.search is None:
            ends = [(p, end) for p, d in sampled.items() for end in (d.low, d.high)]
            having = {p: next((q for q in points if p in q), None) for p in sampled}
            points += [{**q, p: end} for p, end in ends if (q := having[p]) is not None]
        for point in points:
            try:
                variant.check({**defaults, **fixed, **point})
            except HyperparameterError as error:
                declared = error.where in variant.hyperparameters
                with problems.under(*(error.where.split(".") if declared else ())):
                    raise wrong(error.rule, error.got, error.remedy) from None
                break
        problems.raise_any()


def _after(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        raise wrong("must be a list of stages", value, f"Write [{value}].")
    names = validation.plain(value)
    if not isinstance(names, list):
        raise wrong("must be a list of stages", value)
    problems = Problems()
    for index, name in enumerate(names):
        with problems.under(index):
            validation.name(name)
    problems.raise_any()
    validation.distinct(names, "the stages")
    return tuple(names)


def _registered(model: object) -> str:
    try:
        registry.lookup(validation.text(model))
    except UnknownModelError as error:
        raise wrong(error.rule, error.got, error.remedy) from None
    return cast(str, model)
