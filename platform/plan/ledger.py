"""The cohorts a study was cut into, written down as they are made.

An interrupted study goes on with the same cohorts, and therefore to the same bits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from .cohorts import Cohort


class Ledger:
    """One file beside the store: a line for each cohort, the keys of its trials.

    Lines are only ever added, each in one write: executions of one study at the same time do not
    disturb one another, and what a crash cuts off is one line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[list[str]]:
        """The keys of each cohort, in the order made; damaged lines count as none."""
        try:
            lines = self.path.read_text().splitlines()
        except (OSError, ValueError):
            return []
        return [keys for line in lines if (keys := _keys(line))]

    def add(self, cohorts: Iterable[Cohort]) -> None:
        """Write further cohorts down, before they train."""
        lines = [json.dumps([trial.key for trial in cohort.trials]) for cohort in cohorts]
        if not lines:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            # A line break first: the last line may be one that a crash cut off.
            file.write("".join(f"\n{line}" for line in lines))


class LedgerForReading(Ledger):
    """A ledger that a plan looks at and does not write."""

    def add(self, cohorts: Iterable[Cohort]) -> None:
        """Nothing is written down: nothing is going to train."""


def _keys(line: str) -> list[str]:
    try:
        found = json.loads(line)
    except ValueError:
        return []
    whole = isinstance(found, list) and all(isinstance(key, str) for key in found)
    return found if whole else []
