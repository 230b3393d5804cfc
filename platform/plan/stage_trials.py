"""The trials of one stage, made from those it stands on; what was made once is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from ...models import registry
from ...models.errors import HyperparameterError, InputError
from ...models.network import NUMERICS
from ..study import Stage, Study
from ..study.domains import Value
from ..study.validation import InvalidStudyError
from .joint import is_joint, stack_below, taken
from .promotion import SeedGroup
from .proposals import Search
from .refusal import of_stage
from .supervision import taught
from .trial import COMPARING, Source, Trial

Point = Mapping[str, Value]


class StageTrials:
    """Makes the trials of a stage.

    Args:
        study: what the person wrote.
        stage: one of its stages.
        depth: how many stages lie below it at most.
        source: what the data are.
    """

    def __init__(self, study: Study, stage: Stage, depth: int, source: Source) -> None:
        self.stage = stage
        self.depth = depth
        self.joint = is_joint(stage)
        self.points: list[Point] = []
        """Its settings where they are known from the start, none where they are searched."""
        if stage.search is None:
            self.points = list(stage.points())
        self._study, self._source = study, source
        self._fixed = {p: v for p, v in stage.settings.items() if p not in stage.swept}
        self._stop = {} if stage.stop is None else stage.stop.mapping()
        self._resolved: dict[object, tuple[dict[str, Any], Determined]] = {}
        self._made: dict[object, list[SeedGroup]] = {}
        self._searches: dict[object, Search] = {}
        self._reseeded: dict[tuple[str, int], Trial] = {}

    @property
    def settings(self) -> int:
        """How many settings there will be under one setting of the stages above, at most."""
        search = self.stage.search
        return len(self.points) if search is None else search.trials

    def search(self, above: Sequence[SeedGroup]) -> Search:
        """The proposals under these settings of the stages above."""
        return self._searches.setdefault(_name(above), Search(self.stage))

    def under(self, above: Sequence[SeedGroup], points: Sequence[Point]) -> list[SeedGroup]:
        """The settings at these points, under these settings of the stages above.

        Args:
            above: one for each stage that this one stands on.
            points: those known so far; more of them at a later call go on where these end.
        """
        made = self._made.setdefault(_name(above), [])
        if len(made) < len(points):
            made += self._groups(above, points[len(made) :])
        return made[: len(points)]

    def reseeded(self, trial: Trial, seed: int, parents: Sequence[Trial]) -> Trial:
        """The same setting with another seed, on the trials that its parents are with that seed."""
        name = (trial.setting, seed)
        if name not in self._reseeded:
            determined = self._determined(trial.settings, trial.visible)
            above = tuple(parent.key for parent in parents)
            self._reseeded[name] = replace(
                trial,
                key=determined.key(above, seed),
                seed=seed,
                parents=above,
                stack=stack_below(parents),
            )
        return self._reseeded[name]

    def _groups(self, above: Sequence[SeedGroup], points: Iterable[Point]) -> list[SeedGroup]:
        seeds = self._study.seeds
        lines = [tuple(group.trials[index] for group in above) for index in range(len(seeds))]
        first = lines[0]
        inherited: dict[str, Any] = {}
        for parent in first:
            inherited |= parent.inherited
            inherited |= {f"{parent.stage}.{k}": v for k, v in parent.swept.items()}
        stacks = [stack_below(parents) for parents in lines]
        visible = self._visible(first)
        keys = [tuple(parent.key for parent in parents) for parents in lines]
        settings_above = tuple(parent.setting for parent in first)
        line = frozenset().union(settings_above, *(group.line for group in above))
        made = []
        for point in points:
            settings, determined = self._resolve(point, visible, stacks[0])
            setting = determined.key(settings_above)
            written = {**self._fixed, **point, **_always(settings)}
            trials = tuple(
                Trial(
                    key=determined.key(parents, seed),
                    stage=self.stage.name,
                    depth=self.depth,
                    model=self.stage.model,
                    seed=seed,
                    visible=visible,
                    dtype=self._study.dtype,
                    settings=settings,
                    written=written,
                    swept=point,
                    inherited=inherited,
                    parents=parents,
                    setting=setting,
                    stack=stack,
                    joint=self.joint,
                    stop=self._stop,
                )
                for seed, parents, stack in zip(seeds, keys, stacks, strict=True)
            )
            made.append(SeedGroup(trials, line))
        return made

    def _visible(self, parents: Sequence[Trial]) -> int:
        """The width of the input of a child of these."""
        reads_data = self.joint or not parents
        visible = self._source.visible if reads_data else sum(p.widths[-1] for p in parents)
        if self.stage.visible not in (None, visible):
            rule = f"must be the width of its input, {visible}"
            remedy = "Leave it out: it is read from the data."
            raise self._refusal("visible", rule, self.stage.visible, remedy)
        return visible

    def _resolve(
        self, point: Point, visible: int, stack: Sequence[Trial]
    ) -> tuple[dict[str, Any], Determined]:
        """All settings at a point of the search, on top of this stack."""
        below = taken(self.stage.model, stack) if self.joint else {}
        name = (visible, *point.items(), *below.values())
        if name not in self._resolved:
            settings = self._settings({**self._fixed, **point, **below}, visible)
            self._resolved[name] = settings, self._determined(settings, visible)
        return self._resolved[name]

    def _settings(self, values: Mapping[str, Any], visible: int) -> dict[str, Any]:
        variant = registry.lookup(self.stage.model)
        try:
            settings = registry.resolve(variant, values)
            variant.check(settings)
            return taught(self._study, self.stage, self._source, visible, settings)
        except HyperparameterError as error:
            raise self._refusal(error.where, error.rule, error.got, error.remedy) from error
        except InputError as error:
            raise self._refusal("model", error.rule, error.got, error.remedy) from error

    def _determined(self, settings: Mapping[str, Any], visible: int) -> Determined:
        determined = {
            "numerics": NUMERICS,
            "data": self._source.digest,
            "visible": visible,
            "model": self.stage.model,
            "settings": settings,
            "dtype": self._study.dtype,
        }
        if self._source.labels:
            # Its history holds measures of the labels, even where they teach it nothing.
            determined["labels"] = self._source.labels
        # Where siblings are compared a dropped trial has another key, and all others are the same.
        if alone := {n: rule for n, rule in self._stop.items() if n not in COMPARING}:
            determined["stop"] = alone
        return Determined(determined)

    def _refusal(self, path: str, rule: str, got: object, remedy: str | None) -> InvalidStudyError:
        return of_stage(self._study, self.stage, path, rule, got, remedy)


class Determined:
    """What determines a trial's numbers besides its parents and its seed, ready to be hashed.

    A key is the :func:`~.trial.digest` of all of it. The text of what many trials have in common is
    made once.
    """

    def __init__(self, determined: Mapping[str, Any]) -> None:
        self._parts = {name: _text(value) for name, value in determined.items()}
        self._names = sorted((*self._parts, "parents", "seed"))

    def key(self, parents: Sequence[str], seed: int | None = None) -> str:
        """The hash with these parents and this seed; without a seed, of a setting."""
        parts = self._parts | {"parents": _text(list(parents))}
        if seed is not None:
            parts["seed"] = _text(seed)
        body = ",".join(f'"{name}":{parts[name]}' for name in self._names if name in parts)
        return sha256(f"{{{body}}}".encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _name(above: Sequence[SeedGroup]) -> tuple[str, ...]:
    return tuple(group.setting for group in above)


def _always(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of every trial, written or not."""
    said = ("hidden", "layers", "epochs")
    return {path: settings[path] for path in said if path in settings}
