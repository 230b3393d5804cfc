"""From a study to the tree of its trials: keys, parents, and what is known before anything runs.

Pure: a plan depends on the study, the data's digest and the metrics of finished trials, and needs
neither Ray nor MLflow. A trial's key is the hash of all that determines its numbers, so a stored
trial is never trained twice, in this study or in another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ...models import registry
from ...models.errors import HyperparameterError, InputError
from ...models.network import NUMERICS
from ..study import Stage, Study
from ..study.validation import InvalidStudyError
from .joint import check, is_joint, stack_below, taken
from .refusal import of_stage
from .supervision import taught
from .trial import Metrics, Source, Trial, digest


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
        StudyError: settings that exclude one another, a stage that declares another width, one that
            learns from labels where there are none, or one that cannot take over the stack below.
    """
    check(study)
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


def sketch(study: Study, source: Source) -> dict[str, tuple[Trial, ...]]:
    """For each stage the trials of all its settings, under the first trial of each parent.

    What must be known of every stage before its promotions are decided.

    Raises:
        StudyError: as :func:`plan`.
    """
    check(study)
    found: dict[str, tuple[Trial, ...]] = {}
    for stage in study.in_order():
        above = [_Promotion(found[name][:1], 1) for name in stage.after]
        depth = 1 + max((found[name][0].depth for name in stage.after), default=-1)
        trials = _trials(study, stage, depth, source, above, stage.points())
        found[stage.name] = tuple(trial for trial in trials if trial.seed == study.seeds[0])
    return found


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
    resolve = _Resolver(study, stage, source)
    for seed in study.seeds:
        lines = [[t for t in promotion.trials or () if t.seed == seed] for promotion in above]
        for parents in product(*lines):
            inherited: dict[str, Any] = {}
            for parent in parents:
                inherited |= parent.inherited
                inherited |= {f"{parent.stage}.{k}": v for k, v in parent.swept.items()}
            stack = stack_below(parents)
            visible = resolve.visible(parents)
            for point in points:
                settings = resolve(point, visible, stack)
                determined = {
                    "numerics": NUMERICS,
                    "data": source.digest,
                    "visible": visible,
                    "model": stage.model,
                    "settings": settings,
                    "dtype": study.dtype,
                }
                if source.labels:
                    # Its history holds measures of the labels, even where they teach it nothing.
                    determined["labels"] = source.labels
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
                    written={**resolve.fixed, **point, **_always(settings)},
                    swept=point,
                    inherited=inherited,
                    parents=tuple(parent.key for parent in parents),
                    setting=digest(
                        determined | {"parents": [parent.setting for parent in parents]}
                    ),
                    stack=stack,
                    joint=resolve.joint,
                )


class _Resolver:
    """All settings of a stage's trials, each combination worked out once."""

    def __init__(self, study: Study, stage: Stage, source: Source) -> None:
        self.fixed = {p: v for p, v in stage.settings.items() if p not in stage.swept}
        self.joint = is_joint(stage)
        self._study, self._stage, self._source = study, stage, source
        self._known: dict[tuple[object, ...], dict[str, Any]] = {}

    def visible(self, parents: Sequence[Trial]) -> int:
        """The width of the input of a child of these."""
        reads_data = self.joint or not parents
        visible = self._source.visible if reads_data else sum(p.widths[-1] for p in parents)
        if self._stage.visible not in (None, visible):
            rule = f"must be the width of its input, {visible}"
            remedy = "Leave it out: it is read from the data."
            raise self._refusal("visible", rule, self._stage.visible, remedy)
        return visible

    def __call__(
        self, point: Mapping[str, Any], visible: int, stack: Sequence[Trial]
    ) -> dict[str, Any]:
        """The settings at a point of the search, on top of this stack."""
        below = taken(self._stage.model, stack) if self.joint else {}
        name = (visible, *point.values(), *below.values())
        if name not in self._known:
            self._known[name] = self._resolved({**self.fixed, **point, **below}, visible)
        return self._known[name]

    def _resolved(self, values: Mapping[str, Any], visible: int) -> dict[str, Any]:
        variant = registry.lookup(self._stage.model)
        try:
            settings = registry.resolve(variant, values)
            variant.check(settings)
            return taught(self._study, self._stage, self._source, visible, settings)
        except HyperparameterError as error:
            raise self._refusal(error.where, error.rule, error.got, error.remedy) from error
        except InputError as error:
            raise self._refusal("model", error.rule, error.got, error.remedy) from error

    def _refusal(self, path: str, rule: str, got: object, remedy: str | None) -> InvalidStudyError:
        return of_stage(self._study, self._stage, path, rule, got, remedy)


def _always(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of every trial, written or not."""
    said = ("hidden", "layers", "epochs")
    return {path: settings[path] for path in said if path in settings}
