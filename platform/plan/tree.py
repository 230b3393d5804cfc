"""From a study to the tree of its trials: keys, parents, and what is known before anything runs.

Pure: a plan depends on the study, the data's digest and the metrics of finished trials, and needs
neither Ray nor MLflow. A trial's key is the hash of all that determines its numbers, so a stored
trial is never trained twice, in this study or in another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ...models import registry
from ...models.errors import HyperparameterError
from ...models.network import NUMERICS
from ..study import Stage, Study
from ..study.validation import InvalidStudyError, Key, Problem

Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Source:
    """What a plan needs to know of a data set."""

    digest: str
    visible: int
    samples: int


@dataclass(frozen=True)
class Trial:
    """One setting of one stage under one parent, with one seed.

    ``parents`` are the keys of the trials whose codes it reads, none at a root. ``setting`` is the
    same for trials that differ in nothing but the seed, all the way up. ``settings`` are all
    hyperparameters, ``written`` those the person wrote, ``swept`` those with a search domain, and
    ``inherited`` the swept ones of the stages above, under ``stage.path``.
    """

    key: str
    stage: str
    depth: int
    model: str
    seed: int
    visible: int
    dtype: str
    settings: Mapping[str, Any] = field(compare=False)
    written: Mapping[str, Any] = field(compare=False)
    swept: Mapping[str, Any] = field(compare=False)
    inherited: Mapping[str, Any] = field(compare=False)
    parents: tuple[str, ...] = ()
    setting: str = ""

    @property
    def structure(self) -> tuple[object, ...]:
        """What trials must have in common to train in one cohort."""
        declared = registry.lookup(self.model).hyperparameters
        structures = tuple(
            (path, value) for path, value in self.settings.items() if declared[path].structural
        )
        return (self.stage, self.model, self.visible, self.dtype, len(self.parents), structures)


@dataclass(frozen=True)
class PlannedStage:
    """The trials of a stage; ``trials`` is None while a promotion above it is undecided."""

    stage: Stage
    depth: int
    trials: tuple[Trial, ...] | None
    expected: int


@dataclass(frozen=True)
class Plan:
    """The tree of a study, stage by stage, parents first."""

    study: Study
    source: Source
    stages: tuple[PlannedStage, ...]

    def trials(self) -> Iterator[Trial]:
        """Every trial that is known by now."""
        for planned in self.stages:
            yield from planned.trials or ()

    @property
    def expected(self) -> int:
        """How many trials there will be, those behind undecided promotions included."""
        return sum(planned.expected for planned in self.stages)

    @property
    def decided(self) -> bool:
        """Whether every trial is known."""
        return all(planned.trials is not None for planned in self.stages)

    @property
    def key(self) -> str:
        """The hash of the study as it will be run."""
        written = [planned.stage.mapping() for planned in self.stages]
        return digest(
            {
                "stages": written,
                "seeds": list(self.study.seeds),
                "data": self.source.digest,
                "roots": sorted(t.key for p in self.stages if not p.depth for t in p.trials or ()),
            }
        )


def plan(study: Study, source: Source, finished: Mapping[str, Metrics] | None = None) -> Plan:
    """Expand a study into its tree.

    Args:
        study: what the person wrote.
        source: the data's digest, width and number of training samples.
        finished: last metrics of finished trials by key; they decide promotions (``keep``). A
            finished trial without metrics has diverged, and has no children.

    Raises:
        StudyError: settings that exclude one another, or a stage that declares another width.
    """
    results = finished or {}
    planned: dict[str, PlannedStage] = {}
    promoted: dict[str, _Promotion] = {}
    for stage in study.in_order():
        above = [promoted[name] for name in stage.after]
        depth = 1 + max((planned[name].depth for name in stage.after), default=-1)
        points = stage.points()
        combinations = 1
        for promotion in above:
            combinations *= promotion.settings
        expected = combinations * len(points) * len(study.seeds)
        trials: tuple[Trial, ...] | None = None
        if all(promotion.trials is not None for promotion in above):
            trials = tuple(_trials(study, stage, depth, source, above, points))
            expected = len(trials)
        planned[stage.name] = PlannedStage(stage, depth, trials, expected)
        promoted[stage.name] = _promote(stage, trials, combinations * len(points), results)
    return Plan(study, source, tuple(planned.values()))


def digest(content: object) -> str:
    """sha256 of the canonical JSON of plain values."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def ranking(
    trials: Sequence[Trial], metric: str, results: Mapping[str, Metrics]
) -> dict[str, float]:
    """A metric's mean over each setting's seeds; a setting with a diverged seed is left out."""
    values: dict[str, list[float]] = {}
    lost = set()
    for trial in trials:
        found = results.get(trial.key, {}).get(metric)
        if found is None:
            lost.add(trial.setting)
        else:
            values.setdefault(trial.setting, []).append(found)
    return {s: sum(v) / len(v) for s, v in values.items() if s not in lost}


def of_stage(
    study: Study, stage: Stage, path: str, rule: str, got: object, remedy: str | None
) -> InvalidStudyError:
    """The error for a mistake at a dotted path of a stage, such as ``corruption.level``."""
    keys: tuple[Key, ...] = ("stages", study.stages.index(stage), *path.split("."))
    place = f"stage {stage.name!r}: {path}"
    return InvalidStudyError([Problem(keys, rule, got, remedy)], [place])


@dataclass(frozen=True)
class _Promotion:
    """The trials that may have children, None while undecided; and how many settings they are."""

    trials: tuple[Trial, ...] | None
    settings: int


def _promote(
    stage: Stage, trials: tuple[Trial, ...] | None, settings: int, results: Mapping[str, Metrics]
) -> _Promotion:
    if stage.keep is None:
        return _Promotion(trials, settings)
    count = min(stage.keep.best, settings)
    if trials is None or any(trial.key not in results for trial in trials):
        return _Promotion(None, count)
    means = ranking(trials, stage.keep.by, results)
    sign = 1 if stage.keep.direction == "minimize" else -1
    best = sorted(means, key=lambda setting: (sign * means[setting], setting))[:count]
    return _Promotion(tuple(trial for trial in trials if trial.setting in best), len(best))


def _trials(
    study: Study,
    stage: Stage,
    depth: int,
    source: Source,
    above: Sequence[_Promotion],
    points: Sequence[Mapping[str, Any]],
) -> Iterator[Trial]:
    variant = registry.lookup(stage.model)
    fixed = {path: value for path, value in stage.settings.items() if path not in stage.swept}
    resolved = []
    for point in points:
        try:
            settings = registry.resolve(variant, {**fixed, **point})
            variant.check(settings)
        except HyperparameterError as error:
            raise of_stage(
                study, stage, error.where, error.rule, error.got, error.remedy
            ) from error
        resolved.append(settings)
    for seed in study.seeds:
        lines = [[t for t in promotion.trials or () if t.seed == seed] for promotion in above]
        for parents in product(*lines):
            visible = sum(p.settings["hidden"] for p in parents) if parents else source.visible
            if stage.visible is not None and stage.visible != visible:
                raise of_stage(
                    study,
                    stage,
                    "visible",
                    f"must be the width of its input, {visible}",
                    stage.visible,
                    "Leave it out: it is read from the data.",
                )
            inherited: dict[str, Any] = {}
            for parent in parents:
                inherited |= parent.inherited
                inherited |= {f"{parent.stage}.{k}": v for k, v in parent.swept.items()}
            for point, settings in zip(points, resolved, strict=True):
                determined = {
                    "numerics": NUMERICS,
                    "data": source.digest,
                    "visible": visible,
                    "model": stage.model,
                    "settings": settings,
                    "dtype": study.dtype,
                }
                yield Trial(
                    key=digest(
                        determined | {"seed": seed, "parents": [parent.key for parent in parents]}
                    ),
                    stage=stage.name,
                    depth=depth,
                    model=stage.model,
                    seed=seed,
                    visible=visible,
                    dtype=study.dtype,
                    settings=settings,
                    written={**fixed, **point, **_always(settings)},
                    swept=point,
                    inherited=inherited,
                    parents=tuple(parent.key for parent in parents),
                    setting=digest(
                        determined | {"parents": [parent.setting for parent in parents]}
                    ),
                )


def _always(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of every trial, written or not."""
    return {path: settings[path] for path in ("hidden", "epochs") if path in settings}
