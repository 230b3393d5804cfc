"""From a study to the tree of its trials: keys, parents, and what is known before anything runs.

Pure: a plan depends on the study, the data's digest and the metrics of finished trials, and needs
neither Ray nor MLflow. A trial's key is the hash of all that determines its numbers, so a stored
trial is never trained twice, in this study or in another one. What a promotion chooses, what a
search proposes next and which seeds are added is worked out anew from the finished trials, and
never stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..study import Study
from .growth import Growth, PlannedStage
from .joint import check
from .parzen import installed
from .promotion import SeedGroup, ranking
from .refusal import of_stage
from .stage_trials import StageTrials
from .trial import Metrics, Source, Trial, digest

__all__ = ["Plan", "PlannedStage", "Tree", "plan", "ranking", "sketch"]


@dataclass(frozen=True)
class Plan:
    """The tree of a study, stage by stage, parents first."""

    study: Study
    source: Source
    stages: tuple[PlannedStage, ...]

    def trials(self) -> Iterator[Trial]:
        """Every trial that is known by now."""
        for planned in self.stages:
            yield from planned.trials

    @property
    def expected(self) -> int:
        """How many trials there will be, those behind undecided promotions included."""
        return sum(planned.expected for planned in self.stages)

    @property
    def decided(self) -> bool:
        """Whether every trial is known."""
        return all(planned.complete for planned in self.stages)

    @property
    def key(self) -> str:
        """The hash of the study as it will be run; results do not change it."""
        written = [planned.stage.mapping() for planned in self.stages]
        return digest(
            {
                "stages": written,
                "seeds": list(self.study.seeds),
                "data": self.source.digest,
                "roots": sorted(key for p in self.stages if not p.depth for key in self._known(p)),
            }
        )

    def _known(self, planned: PlannedStage) -> list[str]:
        """The keys of a root stage that are known before anything has run."""
        trials = [trial for trial in planned.trials if trial.seed in self.study.seeds]
        return [trial.key for trial in (trials[:1] if planned.stage.search else trials)]


class Tree:
    """A study's tree as it grows: :func:`plan` for one that is asked again and again.

    Args:
        study: what the person wrote.
        source: the data's digest, width and number of training samples.

    Raises:
        StudyError: as :func:`plan`.
    """

    def __init__(self, study: Study, source: Source) -> None:
        check(study)
        self.study, self.source = study, source
        self._stages: dict[str, StageTrials] = {}
        for stage in study.in_order():
            depth = 1 + max((self._stages[name].depth for name in stage.after), default=-1)
            if stage.search is not None and stage.search.sampler == "tpe" and not installed():
                remedy = "Run pip install 'layerwise[search]', or write sampler: random."
                raise of_stage(study, stage, "search.sampler", "needs Optuna", "tpe", remedy)
            self._stages[stage.name] = StageTrials(study, stage, depth, source)

    def grown(self, finished: Mapping[str, Metrics]) -> Plan:
        """The plan as far as it is known.

        Args:
            finished: as for :func:`plan`; from one call to the next they only become more.
        """
        chosen: dict[str, frozenset[str]] = {}
        while True:
            growth = Growth(self.study, self._stages, finished, chosen)
            more = growth.choose()
            if not more:
                break
            chosen |= more
        grown = Plan(self.study, self.source, tuple(growth.planned.values()))
        if self.study.more_seeds is not None and grown.decided and growth.settled:
            grown = self._with_more_seeds(grown, growth, finished)
        return grown

    def _with_more_seeds(
        self, grown: Plan, growth: Growth, finished: Mapping[str, Metrics]
    ) -> Plan:
        """The plan with further seeds for the settings that may be the best, look by look."""
        from .seeds import further_seeds  # statistics, needed only here

        base = grown
        extra: dict[int, frozenset[str]] = {}
        while (found := further_seeds(self.study, finished, grown)) != extra:
            extra = found
            grown = self._reseeded(base, extra)
        return grown

    def _reseeded(self, base: Plan, extra: Mapping[int, frozenset[str]]) -> Plan:
        """The plan with the trials of further seeds, for each the settings that get it."""
        first = self.study.seeds[0]
        made: dict[tuple[str, int], Trial] = {}
        stages = []
        for planned in base.stages:
            trials = list(planned.trials)
            stage = self._stages[planned.stage.name]
            for seed, settings in extra.items():
                for trial in planned.trials:
                    if trial.seed == first and trial.setting in settings:
                        parents = [made[key, seed] for key in trial.parents]
                        made[trial.key, seed] = stage.reseeded(trial, seed, parents)
                        trials.append(made[trial.key, seed])
            stages.append(replace(planned, trials=tuple(trials), expected=len(trials)))
        return Plan(self.study, self.source, tuple(stages))


def plan(study: Study, source: Source, finished: Mapping[str, Metrics] | None = None) -> Plan:
    """Expand a study into its tree.

    Args:
        study: what the person wrote.
        source: the data's digest, width and number of training samples.
        finished: last metrics of finished trials by key; they decide promotions (``keep``), what a
            ``search`` proposes, and which seeds are added. A finished trial without metrics has
            diverged, and one with ``stopped_at`` among them was dropped; neither has children.

    Raises:
        StudyError: settings that exclude one another, a stage that declares another width, one that
            learns from labels where there are none, one that cannot take over the stack below, or a
            search that needs what is not installed.
    """
    return Tree(study, source).grown(finished or {})


def sketch(study: Study, source: Source) -> dict[str, tuple[Trial, ...]]:
    """For each stage the trials of all its settings, under the first trial of each parent.

    What must be known of every stage before its promotions are decided. A searched stage has no
    list of settings: it is shown at the ends of its domains.

    Raises:
        StudyError: as :func:`plan`.
    """
    check(study)
    found: dict[str, list[SeedGroup]] = {}
    depths: dict[str, int] = {}
    for stage in study.in_order():
        depths[stage.name] = 1 + max((depths[name] for name in stage.after), default=-1)
        made = StageTrials(study, stage, depths[stage.name], source)
        points = made.points or stage.extremes()
        found[stage.name] = made.under([found[name][0] for name in stage.after], points)
    return {name: tuple(group.trials[0] for group in groups) for name, groups in found.items()}
