"""One pass over a study's stages, parents first: what is known of each by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from ..study import Stage, Study
from ..study.domains import Value
from .promotion import Promotion, Results, SeedGroup, choose, promote
from .proposals import result
from .stage_trials import StageTrials
from .trial import Metrics, Trial


@dataclass(frozen=True)
class PlannedStage:
    """The trials of a stage that are known by now; ``complete`` says whether these are all.

    ``expected`` is how many there will be, at most while it is not complete.
    """

    stage: Stage
    depth: int
    trials: tuple[Trial, ...]
    expected: int
    complete: bool


class Growth:
    """One pass from the roots to the last stage.

    Args:
        study, stages: what is grown.
        finished: last metrics of finished trials by key.
        chosen: for stages that keep by their descendants, the settings already found best.
    """

    def __init__(
        self,
        study: Study,
        stages: Mapping[str, StageTrials],
        finished: Mapping[str, Metrics],
        chosen: Mapping[str, frozenset[str]],
    ) -> None:
        self.study = study
        self.results = Results(finished)
        self.planned: dict[str, PlannedStage] = {}
        self._stages, self._chosen = stages, chosen
        self._groups: dict[str, list[SeedGroup]] = {}
        self._promotions: dict[str, Promotion] = {}
        for name, made in stages.items():
            self._grow(name, made)

    @property
    def settled(self) -> bool:
        """Whether every trial is finished, or cannot finish."""
        return all(self.results.settled(g) for groups in self._groups.values() for g in groups)

    def choose(self) -> dict[str, frozenset[str]]:
        """What stages that keep by their descendants can choose now, and could not before."""
        found = {}
        for name, made in self._stages.items():
            keep = made.stage.keep
            if keep is None or keep.value == "own" or name in self._chosen:
                continue
            below = self._below(name)
            beside = (
                {p for stage in below for p in self._stages[stage].stage.after} - below - {name}
            )
            if not self.planned[name].complete:
                continue
            if not all(self._promotions[stage].decided for stage in beside):
                continue
            best = choose(
                made.stage,
                [group for group in self._groups[name] if not group.probing],
                [group for stage in below for group in self._groups[stage]],
                self._groups[self.study.in_order()[-1].name],
                self.results,
            )
            if best is not None:
                found[name] = best
        return found

    def _below(self, name: str) -> set[str]:
        """The stages that stand on a stage, directly or not."""
        found: set[str] = set()
        for other, made in self._stages.items():
            if not (found | {name}).isdisjoint(made.stage.after):
                found.add(other)
        return found

    def _grow(self, name: str, made: StageTrials) -> None:
        above = [self._promotions[parent] for parent in made.stage.after]
        groups: list[SeedGroup] = []
        complete = all(promotion.decided for promotion in above)
        full = [{group.setting for group in promotion.full} for promotion in above]
        for parents in product(*((*p.full, *p.probing) for p in above)):
            probing = any(p.setting not in f for p, f in zip(parents, full, strict=True))
            points, done = self._points(made, parents, probing)
            under = made.under(parents, points)
            if any(
                promotion.probes or p.probe for promotion, p in zip(above, parents, strict=True)
            ):
                under[0] = replace(under[0], probe=True, probing=probing)
            groups += under
            complete = complete and done
        settings, widest = 1, 1
        for promotion in above:
            settings *= promotion.settings
            widest *= promotion.widest
        expected = settings * made.settings + (widest - settings)
        if complete:
            expected = len(groups)
        seeds = range(len(self.study.seeds))
        trials = tuple(group.trials[index] for index in seeds for group in groups)
        self.results.note(trials)
        self._groups[name] = groups
        self._promotions[name] = promote(
            made.stage, groups, complete, expected, self.results, self._chosen.get(name)
        )
        self.planned[name] = PlannedStage(
            made.stage, made.depth, trials, expected * len(seeds), complete
        )

    def _points(
        self, made: StageTrials, parents: Sequence[SeedGroup], probing: bool
    ) -> tuple[Sequence[Mapping[str, Value]], bool]:
        """The points under these parents that are known, and whether they are all."""
        if made.stage.search is None:
            return (made.points[:1] if probing else made.points), True
        search = made.search(parents)
        if probing:
            return search.points[:1], True
        metrics = made.stage.search.by
        while search.open:
            distinct = _distinct(search.points)
            groups = {
                _named(p): g for p, g in zip(distinct, made.under(parents, distinct), strict=True)
            }
            self.results.note(t for group in groups.values() for t in group.trials)
            asked = [groups[_named(point)] for point in search.open]
            if not all(map(self.results.settled, asked)):
                break
            if not all(map(self.results.sound, parents)):
                search.close()
            search.tell([result(g.trials, metrics, self.results.finished) for g in asked])
        return _distinct(search.points), search.complete


def _distinct(points: Sequence[Mapping[str, Value]]) -> list[Mapping[str, Value]]:
    """The points, each once: a search may come back to one."""
    return list({_named(point): point for point in points}.values())


def _named(point: Mapping[str, Value]) -> tuple[object, ...]:
    return tuple(point.items())
