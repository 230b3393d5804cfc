"""Claims and contests as the record has them: what was to be beaten, by what, and how it came out.

A claim sets one number beside another by a measure, and its ``difference`` is the first less what
it had to reach, mean and 95 % interval over seeds. A contest is one measure of all contestants,
with a number for each seed. What does not fit is as if it were not there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from .inside import shortened
from .memory import remembered
from .statistics import Interval, interval
from .wording import count, listing

if TYPE_CHECKING:
    from .frames import Frames

VERDICTS = {"holds": "holds", "fails": "does not hold", "untold": "cannot be told"}
NAME = 60
SAID = 600
"""Characters of a contestant's name, and of a claim's sentence."""


@dataclass(frozen=True)
class Claim:
    """One claim: its sentence, its verdict, and the lead of the first side over what it must reach.

    lead: relative to the second side, positive where it is the claim's way; NaN where it cannot be
    relative.
    """

    said: str
    verdict: str
    first: str
    second: str
    label: str
    lead: Interval
    within: float | None


@dataclass(frozen=True)
class Contestant:
    """One row of a contest: its name, whether it is a control, its numbers by seed."""

    name: str
    label: str
    control: bool
    values: Mapping[str, float]

    @property
    def interval(self) -> Interval:
        """Its mean over seeds; no bounds where no seed matters."""
        found = interval(list(self.values.values()))
        if found.known and found.high == found.low:
            return Interval(found.mean, math.nan, math.nan, found.n)
        return found


@dataclass(frozen=True)
class Contest:
    """One measure of all contestants, the best first."""

    name: str
    label: str
    unit: str
    better: str
    contestants: tuple[Contestant, ...]


@remembered
def claims(frames: Frames) -> list[Claim]:
    """The claims that were judged, in the study's order."""
    return [found for entry in _entries(frames.study, "claims") if (found := _claim(entry))]


@remembered
def contests(frames: Frames) -> list[Contest]:
    """The contests in the record's order; those without a finite number are left out."""
    return [found for entry in _entries(frames.study, "measures") if (found := _contest(entry))]


def words(frames: Frames) -> pd.DataFrame:
    """A row for each claim: how it came out, and its sentence."""
    rows = [(VERDICTS[claim.verdict], claim.said) for claim in claims(frames)]
    return pd.DataFrame(rows, columns=["outcome", "claim"])


def tally(frames: Frames) -> str:
    """Such as "3 of 4 claims hold, 1 does not"; "" without claims."""
    found = [claim.verdict for claim in claims(frames)]
    if not found:
        return ""
    held, failed, untold = (found.count(verdict) for verdict in VERDICTS)
    if len(found) == 1:
        return f"The claim {VERDICTS[found[0]]}."
    if held == len(found):
        return f"All {held} claims hold."
    parts = [f"{held} of {count(len(found), 'claim')} {'holds' if held == 1 else 'hold'}"]
    parts += [f"{failed} {'does' if failed == 1 else 'do'} not"] if failed else []
    parts += [f"{untold} cannot be told"] if untold else []
    return f"{listing(parts)}."


def _entries(study: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = study.get(name)
    yield from (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def _claim(entry: Mapping[str, Any]) -> Claim | None:
    verdict, difference = entry.get("verdict"), entry.get("difference")
    if verdict not in VERDICTS or not isinstance(difference, Mapping):
        return None
    mean, low, high = (_number(difference.get(name)) for name in ("mean", "low", "high"))
    means = entry.get("means")
    other = _number(means[1]) if isinstance(means, list) and len(means) == 2 else math.nan
    within = _number(entry.get("within"))
    equal = within == within
    sign = -1.0 if entry.get("better") == "lower" and not equal else 1.0
    scale = abs(other) if other and math.isfinite(other) else math.nan
    ends = sorted((sign * low / scale, sign * high / scale)) if low == low else (math.nan, math.nan)
    seeds = difference.get("seeds")
    return Claim(
        shortened(entry.get("said") or "", SAID),
        str(verdict),
        shortened(entry.get("first") or "", NAME),
        shortened(entry.get("second") or "", NAME),
        shortened(entry.get("label") or "", NAME),
        Interval(sign * mean / scale, ends[0], ends[1], seeds if isinstance(seeds, int) else 0),
        within if equal else None,
    )


def _contest(entry: Mapping[str, Any]) -> Contest | None:
    better = entry.get("better")
    rows = []
    for one in _entries(entry, "contestants"):
        values = one.get("values")
        if not isinstance(values, Mapping):
            continue
        finite = {str(seed): _number(value) for seed, value in values.items()}
        finite = {seed: value for seed, value in finite.items() if math.isfinite(value)}
        if finite:
            name, label = str(one.get("name") or ""), shortened(one.get("label") or "", NAME)
            rows.append(Contestant(name, label, one.get("control") is True, finite))
    if not rows or better not in ("higher", "lower"):
        return None
    sign = -1 if better == "higher" else 1
    rows.sort(key=lambda row: sign * row.interval.mean)
    return Contest(
        str(entry.get("name") or ""),
        shortened(entry.get("label") or "a measure", NAME),
        shortened(entry.get("unit") or "", NAME),
        better,
        tuple(rows),
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value) if abs(value) < 1e300 else math.nan
