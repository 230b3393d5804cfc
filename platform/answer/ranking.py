"""The answer of a study: settings ranked by the objective, each compared with the best.

A setting's own interval says how far its mean is known; whether another setting is better is said
by their paired difference, with an interval that holds for all settings at once
(:mod:`layerwise.dashboards.comparisons`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...dashboards.comparisons import Contest
from ...dashboards.reliability import FLAG, Doubt, doubt
from ...dashboards.statistics import Interval, interval
from ...dashboards.winner import said
from ...models import registry
from ..execution.entries import last_metrics
from ..execution.execution import Outcome
from ..plan.seeds import compared, target
from ..plan.trial import STOPPED, Trial
from ..study.study import Study
from .controls import ERROR, Control

__all__ = [
    "CLASSIFIED",
    "TEST",
    "VALIDATION",
    "Ranked",
    "Ranking",
    "ranked",
    "ranking",
    "target",
    "verdict",
]

VALIDATION, TEST = f"validation/{ERROR}", f"test/{ERROR}"
CLASSIFIED = "test/classification_error"
ERROR_IN_WORDS = "reconstruction error"


NO_DIFFERENCE = Interval(0.0, math.nan, math.nan, 0)


@dataclass(frozen=True)
class Ranked:
    """One setting of the last stage: its swept values, its trials, its objective over seeds."""

    rank: int
    values: Mapping[str, Any]
    trials: tuple[Trial, ...]
    objective: Interval
    metrics: Mapping[str, Interval]
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    """The metrics among them that are unreliable estimates, with their bounds."""
    difference: Interval = NO_DIFFERENCE
    """From the best, seed by seed; its bounds hold for all settings at once. None for the best."""
    contends: bool = True
    """Whether it may be the best: whether it is the best, or its difference reaches zero."""

    def mapping(self) -> dict[str, object]:
        """Plain values, for ``--json``."""
        return {
            "rank": self.rank,
            "setting": dict(self.values),
            "seeds": [trial.seed for trial in self.trials],
            "keys": [trial.key for trial in self.trials],
            "difference": _bounds(self.difference),
            "contends": self.contends,
            "metrics": {
                name: {**_bounds(found), **self._reliability(name)}
                for name, found in self.metrics.items()
            },
        }  # fmt: skip

    def _reliability(self, metric: str) -> dict[str, object]:
        """For an estimate, whether it can be trusted, and its bounds where it cannot."""
        if metric + FLAG not in self.metrics:
            return {}
        found = self.doubts.get(metric)
        if found is None:
            return {"reliable": True}
        return {"reliable": False, "bounds": [found.low, found.high]}


@dataclass(frozen=True)
class Ranking:
    """The settings of a stage, best first, and how they stand against the best."""

    rows: list[Ranked]
    standing: Contest | None
    """None where there is no setting to compare."""

    def winner(self, study: Study) -> dict[str, object]:
        """Whether the winner is clear, in a word, in numbers and in a sentence, for ``--json``.

        ``state`` is one of :class:`Contest`'s, ``contenders`` how many settings may be the best,
        the first among them, and ``seeds`` how many seeds were looked at.
        """
        found, more = self.standing, study.more_seeds
        if found is None:
            return {"state": "alone", "contenders": 0, "seeds": 0, "said": ""}
        text = said(found, more.until if more is not None else 0.0, more is not None)
        contenders = int(found.contending.sum())
        return {"state": found.state, "contenders": contenders, "seeds": found.seeds, "said": text}


def ranked(study: Study, outcome: Outcome, stage: str | None = None) -> list[Ranked]:
    """Settings of a stage (the last one by default), best first."""
    return ranking(study, outcome, stage).rows


def ranking(study: Study, outcome: Outcome, stage: str | None = None) -> Ranking:
    """Settings of a stage (the last one by default), best first, compared with the best.

    A setting counts only if all the study's seeds trained to their end with it, and none of those
    that were added was lost: a mean over the survivors would flatter it. Those that were given more
    seeds come first, since the others were left behind. A stage on the way that does not have the
    study's metric is ranked by its reconstruction error.
    """
    final = study.in_order()[-1].name
    name = stage or final
    planned = next(p for p in outcome.plan.stages if p.stage.name == name)
    # Further seeds of a stage on the way went to what stood below the contenders.
    trials = [t for t in planned.trials if name == final or t.seed in study.seeds]
    last = {
        trial: found if found and STOPPED not in found else {}
        for trial in trials
        if (manifest := outcome.manifests.get(trial.key)) is not None
        for found in [last_metrics(manifest)]
    }
    metric, direction = target(study, name)
    if name != final and not any(metric in found for found in last.values()):
        metric, direction = VALIDATION, "minimize"
    values = {trial: found.get(metric, math.inf) for trial, found in last.items()}
    if not values:
        return Ranking([], None)
    found = compared(study, name, values, direction)
    sign = 1 if direction == "minimize" else -1
    groups: dict[str, list[Trial]] = {}
    for trial in last:
        groups.setdefault(trial.setting, []).append(trial)
    rows = []
    for column, setting in enumerate(found.settings):
        group = groups[setting]
        seeds = {trial.seed for trial in group if math.isfinite(values[trial])}
        if len(seeds) == len(group) and seeds.issuperset(study.seeds):
            row = _row(group, [last[trial] for trial in group], metric)
            rows.append((column, _against(row, found.contest, column)))
    best = found.contest.best
    rows.sort(key=lambda r: (r[0] != best, -r[1].objective.n, sign * r[1].objective.mean))
    return Ranking(
        [replace(row, rank=place) for place, (_, row) in enumerate(rows, start=1)], found.contest
    )


def _row(trials: Sequence[Trial], last: Sequence[Mapping[str, float]], metric: str) -> Ranked:
    """A setting, not ranked yet, from the last metrics of its trials."""
    metrics = {name: interval([values[name] for values in last]) for name in last[0]}
    doubts = {name: found for name in metrics if (found := doubt(name, last)) is not None}
    values = {**trials[0].inherited, **trials[0].swept}
    return Ranked(0, values, tuple(trials), metrics[metric], metrics, doubts)


def _against(row: Ranked, contest: Contest, column: int) -> Ranked:
    """A setting with how it stands against the best."""
    if column == contest.best:
        return row
    difference = Interval(
        float(contest.difference[column]),
        float(contest.low[column]),
        float(contest.high[column]),
        row.objective.n,
    )
    return replace(row, difference=difference, contends=bool(contest.contending[column]))


def _bounds(found: Interval) -> dict[str, object]:
    """An interval in plain values."""
    low, high = (found.low, found.high) if found.known else (None, None)
    return {"mean": found.mean, "low": low, "high": high, "seeds": found.n}


def verdict(best: Ranked, controls: Sequence[Control]) -> str:
    """A sentence on the best setting, and one for each number of it that is unreliable.

    Whether it beats PCA, and what theory says of it; or how many samples it misclassifies.
    """
    judged = _classified if CLASSIFIED in best.metrics else _against_pca
    said = judged(best, controls)
    cautions = [f"Its {name} is {found}." for name, found in best.doubts.items()]
    return " ".join(sentence for sentence in (said, *cautions) if sentence)


def _classified(best: Ranked, controls: Sequence[Control]) -> str:
    share = best.metrics[CLASSIFIED]
    others = [c for c in controls if c.stage == best.trials[0].stage and CLASSIFIED in c.metrics]
    strongest = min(others, key=lambda control: control.metrics[CLASSIFIED], default=None)
    against = ""
    if strongest is not None:
        against = f", against {100 * strongest.metrics[CLASSIFIED]:.3g} % for {strongest.label}"
    spread = (
        f" (95 % interval {100 * share.low:.3g} to {100 * share.high:.3g} % over {share.n} seeds)"
        if share.known
        else ""
    )
    return (
        f"The best setting misclassifies {100 * share.mean:.3g} % of the test set{spread}{against}."
    )


def _against_pca(best: Ranked, controls: Sequence[Control]) -> str:
    pca = next((c for c in controls if c.name == "pca" and c.stage == best.trials[0].stage), None)
    mine = best.metrics.get(TEST)
    if pca is None or mine is None:
        return ""
    other = pca.metrics[TEST]
    spread = (
        f" (95 % interval {mine.low:.3g} to {mine.high:.3g} over {mine.n} seeds)"
        if mine.known
        else ""
    )
    what = f"{ERROR_IN_WORDS} of the codes below it" if best.trials[0].inputs else ERROR_IN_WORDS
    said = f"On the test set the best setting's {what} is {mine.mean:.3g}{spread}"
    output = best.trials[0].settings.get("output_activation")
    linear = output == "identity"
    if mine.known and mine.high < other:
        does = f"its {output} output" if output else "a nonlinear network"
        why = (
            "its output is linear, so that this cannot come from the training error, where PCA is "
            "optimal (Bourlard & Kamp 1988)"
            if linear
            else f"{does} can follow what no linear projection can"
        )
        return f"{said}, below the {other:.3g} of {pca.label}: {why}."
    if mine.known and mine.low <= other <= mine.high:
        return f"{said}, not distinguishable from the {other:.3g} of {pca.label}."
    if mine.mean < other:
        return f"{said}, below the {other:.3g} of {pca.label}; one seed gives no interval."
    why = (
        "with a linear output no autoencoder of one hidden layer can beat PCA on its training data "
        "(Bourlard & Kamp 1988; Baldi & Hornik 1989)"
        if linear
        else "a nonlinear output could do better; more epochs or weaker penalties might show it"
    )
    if _penalised(best.trials[0]):
        why += ", and the penalties ask for more than reconstruction"
    return f"{said}, above the {other:.3g} of {pca.label}: {why}."


def _penalised(trial: Trial) -> bool:
    numbers = ("sparsity.weight", "contraction.weight", "corruption.level")
    declared = registry.lookup(trial.model).hyperparameters
    return any(trial.settings[path] > 0 for path in numbers if path in declared)
