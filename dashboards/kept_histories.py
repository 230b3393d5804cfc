"""Histories that were read before, kept in files of numbers: nothing is read of a record twice.

What is kept is what cannot change: the histories of runs that have ended, each under its run's id
and the time of its last update. A file belongs to an experiment of a tracking server; it is only
worth writing from some size on, and only ever a copy, so one that cannot be read is left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .points import Points

LOG = logging.getLogger("layerwise.dashboards")
LEAST_POINTS = 100_000
"""Fewer are read from a record sooner than a file is written."""
MOST_BYTES = 2 * 2**30
"""Of all files together: beyond it, those go that were not used for the longest time."""
_ARRAYS = ("run", "metric", "step", "value", "at")


def cache_folder() -> Path:
    """``$LAYERWISE_CACHE``, else ``layerwise`` in the user's folder for caches; absolute."""
    chosen = os.environ.get("LAYERWISE_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "layerwise"


@dataclass(frozen=True)
class KeptHistories:
    """The file of one experiment; ``tracking_uri`` and ``experiment`` name it."""

    tracking_uri: str
    experiment: str

    @property
    def path(self) -> Path:
        """Where the file is, or would be."""
        name = hashlib.sha256(f"{self.tracking_uri}\n{self.experiment}".encode()).hexdigest()
        return cache_folder() / f"histories-{name[:32]}.npz"

    def read(
        self, updated: Mapping[str, int], read: Callable[[Iterable[str]], Points], runs: list[str]
    ) -> Points:
        """The points of ``runs``: those kept from the file, the others by ``read``.

        Args:
            updated: when each run that has ended did so, in milliseconds; others are not kept.
            read: reads the points of the runs that it is given.
            runs: the ids of all runs that are wanted.
        """
        kept, times = self._load()
        # A run that was not asked about may be asked for next time.
        times = {run: at for run, at in times.items() if updated.get(run, at) == at}
        fresh = read([run for run in runs if run not in times or run not in updated])
        new = fresh.of_runs(updated)
        if len(new) >= LEAST_POINTS:
            self._save(Points.joined([kept.of_runs(times), new]), {**times, **updated})
        return Points.joined([kept.of_runs(times.keys() & set(runs) & updated.keys()), fresh])

    def _load(self) -> tuple[Points, dict[str, int]]:
        """What is kept, and the last update of each run in it; nothing where it cannot be read."""
        try:
            # Opened here: NumPy leaves a file open that turns out not to be whole.
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                runs, metrics = (tuple(map(str, held[name])) for name in ("runs", "metrics"))
                points = Points(runs, metrics, *(held[name] for name in _ARRAYS))
                times = dict(zip(map(str, held["ended"]), held["ended_at"].tolist(), strict=True))
            os.utime(self.path)
        except FileNotFoundError:
            return Points.of([]), {}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            LOG.info("%s is read anew: %s", self.path, error)
            return Points.of([]), {}
        return points, times

    def _save(self, points: Points, updated: Mapping[str, int]) -> None:
        beside = self.path.with_name(f"{self.path.stem}.{os.getpid()}.partial.npz")
        try:
            beside.parent.mkdir(parents=True, exist_ok=True)
            np.savez(
                beside,
                runs=np.array(points.runs),
                metrics=np.array(points.metrics),
                ended=np.array(list(updated)),
                ended_at=np.array(list(updated.values()), dtype=np.int64),
                **{name: getattr(points, name) for name in _ARRAYS},
            )
            os.replace(beside, self.path)
            _make_room(self.path.parent)
        except OSError as error:
            # The figures do not need it.
            LOG.info("%s is not kept: %s", self.path, error)
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    """Delete the files that were not used for the longest time, as far as there are too many."""
    files = [(path.stat(), path) for path in folder.glob("histories-*.npz")]
    total = sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda found: found[0].st_mtime):
        if total <= MOST_BYTES:
            return
        path.unlink(missing_ok=True)
        total -= stat.st_size
