"""How a study's claims came out: each told by a paired interval over the seeds of both sides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...dashboards.statistics import Interval, interval
from ..execution.entries import last_metrics
from ..execution.execution import Outcome
from ..study.claims import Claim, Side
from ..study.measures import described
from ..uses.findings import Findings
from .controls import Control
from .ranking import Ranked

HOLDS, FAILS, UNTOLD = "holds", "fails", "untold"
_SPLITS = {"train": "training", "validation": "validation", "test": "test"}


@dataclass(frozen=True)
class Judged:
    """One claim and its outcome.

    said: in a sentence. label, unit, better: of its measure. first, second: both sides in words.
    means: of both. difference: the first less the second, seed by seed; the second is multiplied
    by the claim's factor, and its margin added. verdict: "holds", "fails" or "untold".
    """

    claim: Claim
    said: str
    label: str
    unit: str
    better: str
    first: str
    second: str
    means: tuple[float, float]
    difference: Interval
    verdict: Literal["holds", "fails", "untold"]

    def mapping(self) -> dict[str, object]:
        """Plain values, for the record and for ``--json``."""
        found = self.difference
        return {
            "said": self.said,
            "by": self.claim.by,
            "label": self.label,
            "unit": self.unit,
            "better": self.better,
            "first": self.first,
            "second": self.second,
            "means": list(self.means),
            "difference": {
                "mean": found.mean,
                "low": found.low if found.known else None,
                "high": found.high if found.known else None,
                "seeds": found.n,
            },
            "factor": self.claim.factor,
            "margin": self.claim.margin,
            "within": self.claim.within,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Answered:
    """All that claims are told from: rankings by stage, controls, and what the use found."""

    rankings: Mapping[str, Sequence[Ranked]]
    controls: Sequence[Control]
    findings: Findings | None
    outcome: Outcome


@dataclass(frozen=True)
class _Found:
    """A side: its name in words and its number for each seed; ``any_seed`` where none matters."""

    label: str
    values: Mapping[int, float]
    any_seed: float | None = None


def judge(claims: Sequence[Claim], answered: Answered) -> list[Judged]:
    """Every claim with its outcome, in the order written."""
    return [_judged(claim, answered) for claim in claims]


def _judged(claim: Claim, answered: Answered) -> Judged:
    label, unit, better = _words(claim, answered)
    first, second = (_side(side, claim, answered) for side in (claim.first, claim.second))
    pairs = _pairs(first, second)
    # A margin is always a lead: downwards where less is better.
    lead = -claim.margin if better == "lower" else claim.margin
    found = interval([a - (claim.factor * b + lead) for a, b in pairs])
    means = tuple(sum(side) / len(side) if side else math.nan for side in zip(*pairs, strict=True))
    both = (means[0], means[1]) if len(means) == 2 else (math.nan, math.nan)
    verdict = _verdict(claim, found, both, better)
    said = _said(claim, first.label, second.label, label, both, found, verdict)
    return Judged(claim, said, label, unit, better, first.label, second.label, both, found, verdict)


def _words(claim: Claim, answered: Answered) -> tuple[str, str, str]:
    """The measure's label, unit and better direction."""
    split, _, name = claim.by.partition("/")
    if split in _SPLITS:
        measure = described([name])[name]
        return f"{_SPLITS[split]} {measure.label}", measure.unit, measure.better
    measures = answered.findings.measures if answered.findings else []
    found = next((one for one in measures if one.name == claim.by), None)
    if found is None:
        return claim.by, "", "higher"
    return found.label, found.unit, found.better


def _side(side: Side, claim: Claim, answered: Answered) -> _Found:
    split = claim.by.partition("/")[0]
    if split not in _SPLITS:
        return _contestant(side.name or side.stage, claim.by, answered)
    if side.name:
        return _control(side.name, claim, answered)
    rows = [row for row in answered.rankings.get(side.stage, ()) if _has(row, side.at)]
    label = side.stage
    if side.at:
        label += " at " + ", ".join(f"{path} {value}" for path, value in side.at.items())
    if not rows:
        return _Found(label, {})
    values = {}
    for trial in rows[0].trials:
        metrics = last_metrics(answered.outcome.manifests[trial.key])
        if claim.by in metrics:
            values[trial.seed] = metrics[claim.by]
    return _Found(label, values)


def _has(row: Ranked, at: Mapping[str, object]) -> bool:
    return all(path in row.values and row.values[path] == value for path, value in at.items())


def _contestant(name: str, by: str, answered: Answered) -> _Found:
    measures = answered.findings.measures if answered.findings else []
    for measure in measures:
        for one in measure.contestants:
            if measure.name == by and one.name == name:
                return _Found(one.label, one.values)
    return _Found(name, {})


def _control(name: str, claim: Claim, answered: Answered) -> _Found:
    for control in answered.controls:
        found = control.name == name and control.stage == claim.first.stage
        if found and claim.by in control.metrics:
            return _Found(control.label, {}, control.metrics[claim.by])
    return _Found(name, {})


def _pairs(first: _Found, second: _Found) -> list[tuple[float, float]]:
    if second.any_seed is not None:
        return [(value, second.any_seed) for value in first.values.values()]
    return [
        (value, second.values[seed])
        for seed, value in first.values.items()
        if seed in second.values
    ]


def _verdict(
    claim: Claim, found: Interval, means: tuple[float, float], better: str
) -> Literal["holds", "fails", "untold"]:
    if not found.known:
        return "untold"
    if claim.within is not None:
        room = claim.within * abs(means[1])
        if -room <= found.low and found.high <= room:
            return "holds"
        return "fails" if found.low > room or found.high < -room else "untold"
    low, high = (found.low, found.high) if better == "higher" else (-found.high, -found.low)
    return "holds" if low > 0 else "fails" if high < 0 else "untold"


def _said(
    claim: Claim,
    first: str,
    second: str,
    label: str,
    means: tuple[float, float],
    found: Interval,
    verdict: str,
) -> str:
    against = second if claim.factor == 1 else f"{claim.factor:g} times {second}"
    if claim.margin:
        against += f" by {claim.margin:g}"
    open_question = f"Whether {_stated(claim, first, against, True)} cannot be told"
    if not found.n:
        return f"{open_question}: there is no number of both."
    numbers = f"{label} {means[0]:.4g} against {means[1]:.4g}"
    if not found.known:
        return f"{open_question} from one seed: {numbers}."
    apart = (
        f"difference {found.mean:+.3g}, 95 % interval {found.low:+.3g} to {found.high:+.3g} over "
        f"{found.n} seeds"
    )
    if verdict == UNTOLD:
        return f"{open_question}: {numbers} ({apart})."
    return f"{_stated(claim, first, against, verdict == HOLDS)}: {numbers} ({apart})."


def _stated(claim: Claim, first: str, against: str, holds: bool) -> str:
    if claim.within is None:
        return f"{first} {'beats' if holds else 'does not beat'} {against}"
    verb = "equals" if holds else "does not equal"
    return f"{first} {verb} {against} within {100 * claim.within:g} %"
