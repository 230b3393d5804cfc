"""The answer of a study: settings ranked by the objective, with intervals over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...dashboards.reliability import FLAG, Doubt, doubt
from ...dashboards.statistics import Interval, interval
from ...models import registry
from ..execution.cohort_run import last_metrics
from ..execution.execution import Outcome
from ..plan.trial import Trial
from ..study.study import Study
from .controls import ERROR, Control

VALIDATION, TEST = f"validation/{ERROR}", f"test/{ERROR}"
CLASSIFIED = "test/classification_error"
ERROR_IN_WORDS = "reconstruction error"


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

    def mapping(self) -> dict[str, object]:
        """Plain values, for ``--json``."""
        return {
            "rank": self.rank,
            "setting": dict(self.values),
            "seeds": [trial.seed for trial in self.trials],
            "keys": [trial.key for trial in self.trials],
            "metrics": {
                name: {"mean": i.mean, "low": i.low if i.known else None,
                       "high": i.high if i.known else None, "seeds": i.n, **self._reliability(name)}
                for name, i in self.metrics.items()
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


def ranked(study: Study, outcome: Outcome, stage: str | None = None) -> list[Ranked]:
    """Settings of a stage (the last one by default), best first.

    A setting counts only if every one of its seeds trained to its end: a mean over the survivors
    would flatter it. A stage on the way that does not have the study's metric is ranked by its
    reconstruction error.
    """
    final = study.in_order()[-1].name
    name = stage or final
    planned = next(p for p in outcome.plan.stages if p.stage.name == name)
    groups: dict[str, list[Trial]] = {}
    for trial in planned.trials or ():
        groups.setdefault(trial.setting, []).append(trial)
    sound = {
        setting: [last_metrics(m) for m in manifests if m and m["diverged_at"] is None]
        for setting, trials in groups.items()
        for manifests in [[outcome.manifests.get(trial.key) for trial in trials]]
    }
    metric, direction = target(study, name)
    if name != final and not any(metric in values for found in sound.values() for values in found):
        metric, direction = VALIDATION, "minimize"
    rows = [
        _row(groups[setting], found, metric)
        for setting, found in sound.items()
        if len(found) == len(groups[setting]) and metric in found[0]
    ]
    sign = 1 if direction == "minimize" else -1
    rows.sort(key=lambda row: sign * row.objective.mean)
    return [replace(row, rank=place) for place, row in enumerate(rows, start=1)]


def _row(trials: Sequence[Trial], last: Sequence[Mapping[str, float]], metric: str) -> Ranked:
    """A setting, not ranked yet, from the last metrics of its trials."""
    metrics = {name: interval([values[name] for values in last]) for name in last[0]}
    doubts = {name: found for name in metrics if (found := doubt(name, last)) is not None}
    values = {**trials[0].inherited, **trials[0].swept}
    return Ranked(0, values, tuple(trials), metrics[metric], metrics, doubts)


def target(study: Study, stage: str) -> tuple[str, str]:
    """The metric that ranks a stage, and whether to minimize or maximize it."""
    found = next(s for s in study.stages if s.name == stage)
    if found.keep is not None:
        return found.keep.by, found.keep.direction
    return study.objective.metric, study.objective.direction


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
