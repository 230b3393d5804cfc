"""What the seed groups of a stage have reached, epoch by epoch, for all of its cohorts to see.

A group is the trials of a cohort that differ in nothing but the seed. Each cohort appends lines of
JSON to a file of its own, ``<folder>/<cohort>.jsonl``; cohorts on other workers and other machines
read them from the shared file system, so that no server is needed and nobody waits for anybody.
What a reader finds half written, or torn by a crash, it leaves for later, or forever.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..store.durable import write_failure

Group = tuple[str, ...]
"""The keys of its trials."""


class Rungs:
    """The table of one stage, as one of its cohorts keeps it.

    Args:
        folder: of the stage and its rules; None where no other cohort is to be compared with.
        cohort: the name of this one.
        groups: its groups.
        settings: the setting of each, the same for groups of other cohorts with other seeds.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(
        self, folder: Path | None, cohort: str, groups: Sequence[Group], settings: Sequence[str]
    ) -> None:
        self.groups = tuple(groups)
        self._folder = folder
        self._path = None if folder is None else folder / f"{cohort}.jsonl"
        self._others: dict[str, _Log] = {}
        self._own = _Log()
        if self._path is not None:
            told = [list(group) for group in self.groups]
            self._append({"groups": told, "settings": list(settings)})
            # Also of an earlier attempt at this cohort, whose decisions stand.
            self._own.follow(self._path)

    def record(self, rule: str, epoch: int, values: Sequence[float | None]) -> None:
        """Say what each group has reached, None for one that is out of the competition.

        Args:
            rule: which rule compares them.
            epoch: after which they were measured.
            values: in the order of ``groups``.
        """
        self._append({"rule": rule, "epoch": epoch, "values": list(values)})

    def decide(
        self, rule: str, epoch: int, values: Sequence[float | None], left: list[int]
    ) -> None:
        """Say which groups leave, by their place, so that another attempt decides the same."""
        self._append({"rule": rule, "epoch": epoch, "values": list(values), "left": list(left)})

    def decided(self, rule: str, epoch: int, values: Sequence[float | None]) -> list[int] | None:
        """What an earlier attempt at this cohort decided when it had just these values."""
        found = self._own.decisions.get((rule, epoch))
        return found[1] if found is not None and found[0] == list(values) else None

    def decided_elsewhere(self, rule: str, epoch: int) -> dict[str, bool]:
        """Whether a setting leaves, where a cohort that trains it with other seeds was here before.

        All seeds of a setting stay or leave together, and the first to come decide.
        """
        found: dict[str, bool] = {}
        for log in self._read().values():
            for setting, leaves in log.decided(rule, epoch):
                found[setting] = leaves or found.get(setting, False)
        return found

    def close(self) -> None:
        """Say that this cohort is over: at later epochs its last values count."""
        self._append({"over": True})

    def others(self, rule: str, epoch: int) -> list[float]:
        """What the groups of other cohorts have reached by then.

        A cohort that was cut into smaller ones after it had begun is seen once, in its parts.
        """
        taken = {key for group in self.groups for key in group}
        found: list[float] = []
        for _, log in sorted(self._read().items(), key=lambda item: (item[1].widest, item[0])):
            reached = log.at(rule, epoch)
            if reached is None:
                continue
            for group, value in zip(log.groups, reached.tolist(), strict=False):
                if not math.isnan(value) and taken.isdisjoint(group):
                    found.append(value)
            taken.update(key for group in log.groups for key in group)
        return found

    def _read(self) -> Mapping[str, _Log]:
        if self._folder is not None:
            for path in self._folder.glob("*.jsonl"):
                if path != self._path:
                    self._others.setdefault(path.name, _Log()).follow(path)
        return self._others

    def _append(self, line: Mapping[str, Any]) -> None:
        if self._path is None or self._folder is None:
            return
        # One write of whole lines: a reader sees all of it or waits for the end of the line. The
        # leading one ends what a crash may have torn off.
        text = f"\n{json.dumps(line, separators=(',', ':'))}\n".encode()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(descriptor, text)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise write_failure(error, self._folder) from error


@dataclass
class _Log:
    """What one cohort has written so far."""

    groups: list[Group] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    decisions: dict[tuple[str, int], tuple[list[float | None], list[int]]] = field(
        default_factory=dict
    )
    _reached: dict[str, dict[int, NDArray[np.float64]]] = field(default_factory=dict)
    _left: dict[int, int] = field(default_factory=dict)
    _over: bool = False
    _offset: int = 0

    @property
    def widest(self) -> int:
        """How many trials it had: the parts of a cohort are smaller than the whole."""
        return sum(map(len, self.groups))

    def at(self, rule: str, epoch: int) -> NDArray[np.float64] | None:
        """What its groups had reached at an epoch; the last they did where it is over.

        Asked for epochs in their order: what lies before the last one asked for is forgotten.
        """
        reached = self._reached.get(rule, {})
        *old, last = sorted(number for number in reached if number < epoch) or [epoch]
        for number in old:
            del reached[number]
        return reached.get(epoch, reached.get(last) if self._over else None)

    def decided(self, rule: str, epoch: int) -> Iterator[tuple[str, bool]]:
        """The settings that have left by an epoch, and those that stayed when it compared then."""
        for place, setting in enumerate(self.settings):
            if place in self._left and self._left[place] <= epoch:
                yield setting, True
            elif (rule, epoch) in self.decisions:
                yield setting, False

    def follow(self, path: Path) -> None:
        """Take in what was added since the last look."""
        with contextlib.suppress(OSError), open(path, "rb") as stream:
            stream.seek(self._offset)
            added = stream.read()
            whole = added[: added.rfind(b"\n") + 1]
            self._offset += len(whole)
            for line in _lines(whole):
                self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        if "groups" in line:
            self.groups, self._over = [tuple(group) for group in line["groups"]], False
            self.settings, self._left = line["settings"], {}
        elif "over" in line:
            self._over = True
        elif "left" in line:
            self.decisions[line["rule"], line["epoch"]] = line["values"], line["left"]
            for place in line["left"]:
                self._left.setdefault(place, line["epoch"])
        elif "values" in line:
            # As an array: the median rule looks at every epoch, and a stage may have many.
            values = np.array(line["values"], dtype=np.float64)
            self._reached.setdefault(line["rule"], {})[line["epoch"]] = values


def _lines(content: bytes) -> Iterator[Mapping[str, Any]]:
    for line in content.splitlines():
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found
