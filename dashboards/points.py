"""The points of many metrics' histories as columns: millions of them, in numbers alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

Point = tuple[str, str, int, float | None, int]
"""Run id, metric, step, value (None or NaN if not a number), timestamp in milliseconds."""


FEW = 100
"""Points of a piece on average from which on pieces are copied faster than points."""


@dataclass(frozen=True, eq=False)
class Points:
    """Columns of equal length; ``run`` and ``metric`` are places in ``runs`` and ``metrics``.

    ``step`` and ``at`` (milliseconds since 1970) are int64, ``value`` is float64 with NaN for what
    is no number. Iterating gives a :data:`Point` after the other.
    """

    runs: tuple[str, ...]
    metrics: tuple[str, ...]
    run: NDArray[np.int32]
    metric: NDArray[np.int32]
    step: NDArray[np.int64]
    value: NDArray[np.float64]
    at: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Point]) -> Points:
        """The columns of rows."""
        run, metric, step, value, at = zip(*rows, strict=True) if rows else ((),) * 5
        runs, metrics = tuple(dict.fromkeys(run)), tuple(dict.fromkeys(metric))
        return cls(
            runs,
            metrics,
            _places(run, runs),
            _places(metric, metrics),
            np.asarray(step, dtype=np.int64),
            np.asarray(value, dtype=np.float64),
            np.asarray(at, dtype=np.int64),
        )

    @classmethod
    def joined(cls, parts: Iterable[Points]) -> Points:
        """All points of several, one part after another."""
        held = [part for part in parts if len(part)]
        if not held:
            return cls.of([])
        if len(held) == 1:
            return held[0]
        runs = tuple(dict.fromkeys(run for part in held for run in part.runs))
        metrics = tuple(dict.fromkeys(metric for part in held for metric in part.metrics))
        return cls(
            runs,
            metrics,
            np.concatenate([_places(part.runs, runs)[part.run] for part in held]),
            np.concatenate([_places(part.metrics, metrics)[part.metric] for part in held]),
            np.concatenate([part.step for part in held]),
            np.concatenate([part.value for part in held]),
            np.concatenate([part.at for part in held]),
        )

    def __len__(self) -> int:
        return len(self.step)

    def __iter__(self) -> Iterator[Point]:
        values = (None if np.isnan(value) else value for value in self.value.tolist())
        yield from zip(
            (self.runs[place] for place in self.run),
            (self.metrics[place] for place in self.metric),
            self.step.tolist(),
            values,
            self.at.tolist(),
            strict=True,
        )

    def of_runs(self, runs: Iterable[str]) -> Points:
        """The points of these runs alone."""
        wanted = set(runs)
        if wanted.issuperset(self.runs):
            return self
        mask = np.array([run in wanted for run in self.runs], dtype=bool)[self.run]
        return self._taken(np.flatnonzero(mask)) if len(self) else self

    def latest(self, runs: Sequence[str]) -> Points:
        """In the order of ``runs``, metric by name, and step; of each step the last one logged."""
        metrics = tuple(sorted(self.metrics))
        run = _places(self.runs, tuple(runs))[self.run]
        metric = _places(self.metrics, metrics)[self.metric]
        found = Points(tuple(runs), metrics, run, metric, self.step, self.value, self.at)
        if not len(found):
            return found
        first = int(self.step.min())
        steps = int(self.step.max()) - first + 1
        unsorted = (run.astype(np.int64) * len(metrics) + metric) * steps + (self.step - first)
        if bool((unsorted[1:] > unsorted[:-1]).all()):
            return found
        # Histories come run by run and mostly in order, which this sort makes use of.
        order = np.argsort(unsorted, kind="stable")
        place = unsorted[order]
        again = place[1:] == place[:-1]
        if again.any():
            order = np.lexsort((self.at, unsorted))[~np.append(again, False)]
        return found._taken(order)

    def _taken(self, places: NDArray[np.int64]) -> Points:
        ends = np.flatnonzero(np.diff(places) != 1) + 1
        starts, stops = np.append(0, ends), np.append(ends, len(places))
        columns = (self.run, self.metric, self.step, self.value, self.at)
        if len(places) and len(starts) < len(places) / FEW:
            # Whole histories, in another order: they are copied piece by piece.
            pieces = [
                slice(places[start], places[stop - 1] + 1)
                for start, stop in zip(starts, stops, strict=True)
            ]
            taken = [np.concatenate([column[piece] for piece in pieces]) for column in columns]
        else:
            taken = [column[places] for column in columns]
        return Points(self.runs, self.metrics, *taken)


def _places(names: Sequence[str], among: Sequence[str]) -> NDArray[np.int32]:
    """Where each name is; -1 for one that is not there."""
    place = {name: number for number, name in enumerate(among)}
    return np.fromiter(map(place.get, names, repeat(-1)), dtype=np.int32, count=len(names))
