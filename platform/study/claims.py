"""What a study claims beforehand: which setting is better than what, by which measure.

A claim is told after training by a paired interval over seeds (:mod:`..answer.claims`): it holds,
it fails, or it cannot be told. ::

    claims:
      - {stage: codes, beats: pca, by: test/reconstruction_error}
      - {at: {corruption.level: 0.2}, beats: {at: {corruption.level: 0}}, by: test/probe_accuracy}
      - {stage: linear, matches: pca, within: 0.01, by: test/reconstruction_error}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...models.errors import near_miss
from . import validation as rules
from .measures import described
from .validation import Problems, wrong

if TYPE_CHECKING:
    from .stage import Stage

CONTROLS = ("pca", "untrained", "mean_image", "stack", "inputs", "frequent")
"""What is measured beside stages, by :mod:`..answer.controls` and :mod:`..answer.readouts`."""
_WORD = re.compile(r"[a-z][a-z0-9_]*(/[a-z0-9_]+)*")
_KEYS = ("stage", "at", "beats", "matches", "by", "factor", "margin", "within")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Side:
    """One side of a claim: the best setting of a stage, or whoever bears that name.

    stage: of the study; the last one where it is empty. at: values that the setting must have, by
    the path of their hyperparameter. name: of a control or of a use's contestant, in their place.
    """

    stage: str = ""
    at: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    name: str = ""

    def mapping(self) -> dict[str, object] | str:
        """The side as a study writes it."""
        if self.name:
            return self.name
        return {key: v for key, v in (("stage", self.stage), ("at", dict(self.at))) if v}


@dataclass(frozen=True)
class Claim:
    """One claim.

    Args:
        first: whose merit is claimed.
        second: what it is compared with.
        by: a recorded metric, ``test/…``, or a measure of the study's use, ``anomaly/roc_auc``.
        within: for a claim that both are equal, the share of the second by which they may differ;
            None for a claim that the first is better.
        factor, margin: the first is better than factor · second + margin (− margin where less is
            better); 1 and 0 by default.

    Raises:
        StudyError: any of these that makes no sense.
    """

    first: Side
    second: Side
    by: str
    within: float | None = None
    factor: float = 1.0
    margin: float = 0.0

    @classmethod
    def of(cls, value: object) -> Claim:
        """A claim from what a study writes."""
        if isinstance(value, Claim):
            return value
        written = rules.mapping(value, "a mapping such as {beats: pca, by: test/…}")
        rules.check_keys(written, ["by"], [key for key in _KEYS if key != "by"])
        if ("beats" in written) == ("matches" in written):
            remedy = "Write {beats: pca, by: test/reconstruction_error}."
            raise wrong("must have exactly one of beats and matches", None, remedy)
        if "within" in written and "matches" not in written:
            raise wrong("within goes with matches", None, "Write margin or factor for beats.")
        problems = Problems()
        found: dict[str, Any] = {}
        with problems.under():
            found["first"] = _side({k: written[k] for k in ("stage", "at") if k in written})
        against = "beats" if "beats" in written else "matches"
        with problems.under(against):
            found["second"] = _side(written[against])
        with problems.under("by"):
            found["by"] = _measure(written["by"])
        if against == "matches":
            with problems.under("within"):
                found["within"] = rules.share(written.get("within", 0.01))
        for key in ("factor", "margin"):
            if key in written:
                with problems.under(key):
                    found[key] = rules.number(written[key], "must be a number")
        problems.raise_any()
        return cls(**found)

    def mapping(self) -> dict[str, object]:
        """The claim as a study writes it."""
        first = self.first.mapping()
        assert isinstance(first, dict)
        against = "beats" if self.within is None else "matches"
        said: dict[str, object] = {**first, against: self.second.mapping(), "by": self.by}
        if self.within is not None:
            said["within"] = self.within
        if self.factor != 1:
            said["factor"] = self.factor
        if self.margin:
            said["margin"] = self.margin
        return said


def read_claims(value: object) -> tuple[Claim, ...]:
    """The claims that a study lists."""
    problems = Problems()
    found: list[Claim] = []
    for index, item in enumerate(rules.listed(value, "claims")):
        with problems.under(index):
            found.append(Claim.of(item))
    problems.raise_any()
    return tuple(found)


def placed(claims: Sequence[Claim], stages: Sequence[Stage], use: str | None) -> tuple[Claim, ...]:
    """The claims with their stages filled in, once everything that they name exists.

    Args:
        claims: as written.
        stages: of the study, parents first.
        use: what the study's networks are used for, None for nothing.
    """
    problems = Problems()
    found: list[Claim] = []
    for index, claim in enumerate(claims):
        with problems.under(index):
            found.append(_placed(claim, stages, use))
    problems.raise_any()
    return tuple(found)


def _placed(claim: Claim, stages: Sequence[Stage], use: str | None) -> Claim:
    problems = Problems()
    names = [stage.name for stage in stages]
    with problems.under("by"):
        _check_measure(claim, use)
    of_use = not claim.by.startswith(("train/", "validation/", "test/"))
    first, second = claim.first, claim.second
    with problems.under():
        first = _found(first, stages)
    with problems.under("beats" if claim.within is None else "matches"):
        if second.name in names:
            second = Side(stage=second.name)
        if not second.name:
            second = _found(second, stages)
        elif second.name not in CONTROLS and use is None:
            options = [*names, *CONTROLS]
            guess = near_miss(second.name, options)
            remedy = f"Did you mean {guess}?" if guess else f"There are {', '.join(options)}."
            raise wrong("must be a stage or a control", second.name, remedy)
    if of_use and (first.at or second.at):
        problems.add("a use looks at the best setting only", None, "Leave out `at`.", at="at")
    problems.raise_any()
    return Claim(first, second, claim.by, claim.within, claim.factor, claim.margin)


def _found(side: Side, stages: Sequence[Stage]) -> Side:
    """The side with its stage said, once that stage and what it is asked for exist."""
    named = {stage.name: stage for stage in stages}
    name = side.stage or stages[-1].name
    problems = Problems()
    with problems.under("stage"):
        rules.one_of(name, list(named))
    problems.raise_any()
    above = [f"{stage.name}.{path}" for stage in stages for path in stage.swept]
    paths = [*named[name].swept, *above]
    for path in side.at:
        if path not in paths:
            guess = near_miss(path, paths)
            remedy = f"Did you mean {guess}?" if guess else f"Searched: {', '.join(paths)}."
            problems.add("must be a hyperparameter that is searched", path, remedy, at="at")
    problems.raise_any()
    return Side(name, side.at)


def _side(value: object) -> Side:
    if isinstance(value, str):
        return Side(name=rules.text(value))
    written = rules.mapping(value, "a name, or a mapping with stage and at")
    rules.check_keys(written, [], ["stage", "at"])
    problems = Problems()
    found: dict[str, Any] = {}
    if "stage" in written:
        with problems.under("stage"):
            found["stage"] = rules.name(written["stage"])
    if "at" in written:
        with problems.under("at"):
            remedy = "Write {corruption.level: 0.2}."
            found["at"] = rules.mapping(written["at"], "a mapping from path to value", remedy)
    problems.raise_any()
    return Side(**found)


def _measure(value: object) -> str:
    word = rules.text(value)
    if not _WORD.fullmatch(word) or "/" not in word:
        raise wrong("must be a metric such as test/… or a measure of the use", word)
    return word


def _check_measure(claim: Claim, use: str | None) -> None:
    """Refuse a measure that nobody takes, or of which neither more nor less is better."""
    owner, _, measure = claim.by.partition("/")
    if owner in ("train", "validation", "test"):
        known = described([measure])
        if measure not in known:
            raise wrong("must be a metric that stages record", claim.by)
        if known[measure].better == "neither" and claim.within is None:
            raise wrong("must be a metric of which more or less is better", claim.by)
    elif owner != use:
        rule = (
            f"must be a metric, or a measure {use}/…" if use else "must be a metric such as test/…"
        )
        raise wrong(rule, claim.by, None if use else "The study says no `use`.")
