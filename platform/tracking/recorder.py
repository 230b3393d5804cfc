"""Keeps the record beside whatever submits to it, from a thread that nobody waits for.

A record that cannot be written stops nothing: what was handed in is kept,
tried again, and if that was in vain the reason is raised at the end, once.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import TrackingError
from .record import Record
from .served_model import ServedModel
from .tracked_execution import TrackedData
from .tracked_trial import TrackedTrial

_log = logging.getLogger("layerwise.recorder")

_RENEW_SECONDS = 300.0
_RETRY_SECONDS = 30.0


@dataclass
class _Ending:
    """What to end the execution with, and what came of it."""

    status: str
    summary: Mapping[str, object]
    images: Mapping[str, np.ndarray]
    metrics: Mapping[str, float]
    study_yaml: str
    dataset: TrackedData | None
    model: ServedModel | None
    reached: threading.Event = field(default_factory=threading.Event)
    run: str | None = None
    error: Exception | None = None


class Recorder:
    """Feeds a :class:`Record` from a thread of its own.

    :meth:`start`, any number of :meth:`submit`, then :meth:`finish` — which has to be called
    however the execution ends, or its parent run is left for the next execution to reap.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._handed_in: queue.SimpleQueue[Sequence[TrackedTrial] | _Ending] = queue.SimpleQueue()
        self._pending: list[TrackedTrial] = []
        self._started = False
        self._is_open = False
        self._given_up = threading.Event()
        self._left = threading.Event()
        self._failed_at: float | None = None
        self._busy_seconds = 0.0

    @property
    def busy_seconds(self) -> float:
        """How long the thread has worked so far, mostly while something else did too."""
        return self._busy_seconds

    def start(self, plan_key: str, tags: Mapping[str, str], question: str) -> None:
        """Begin at once to open the record; returns immediately."""
        self._opening = (plan_key, dict(tags), question)
        self._started = True
        threading.Thread(target=self._work, name="layerwise-recorder", daemon=True).start()

    def submit(self, trials: Sequence[TrackedTrial]) -> None:
        """Hand in trained trials; returns immediately and never fails."""
        self._handed_in.put(tuple(trials))

    def finish(
        self,
        status: str,
        summary: Mapping[str, object],
        images: Mapping[str, np.ndarray],
        metrics: Mapping[str, float],
        study_yaml: str,
        dataset: TrackedData | None = None,
        model: ServedModel | None = None,
    ) -> str | None:
        """Write what is left, end the execution and wait for it; see :meth:`Record.close`.

        The thread's own time is added to ``metrics`` as ``seconds/track`` unless given. Returns
        the parent run's id, None where a replay had nothing to add. Raises TrackingError when the
        record is not complete.
        """
        if not self._started:
            raise RuntimeError("Recorder.start() has to be called before finish()")
        ending = _Ending(status, summary, images, metrics, study_yaml, dataset, model)
        self._handed_in.put(ending)
        ending.reached.wait()
        if isinstance(ending.error, TrackingError):
            raise ending.error
        if ending.error is not None:
            raise TrackingError(
                "the record", "could not be completed", f"{ending.error!r}"
            ) from ending.error
        return ending.run

    def abandon(self, seconds: float) -> None:
        """End the execution as KILLED because its driver has gone; waits that long at most."""
        if self._started:
            self._given_up.set()
            self.submit(())
            self._left.wait(seconds)

    def _work(self) -> None:
        try:
            self._keep()
        finally:
            self._left.set()

    def _keep(self) -> None:
        self._attempt()
        while True:
            try:
                ending = self._next()
            except queue.Empty:
                self._attempt()
                continue
            if self._given_up.is_set():
                self._record.abandon()
                return
            if ending is None:
                if self._failed_at is None or time.monotonic() - self._failed_at > _RETRY_SECONDS:
                    self._attempt()
                continue
            ending.error = self._attempt()
            if ending.error is None:
                ending.error = self._end(ending)
            else:
                self._record.abandon()
            ending.reached.set()
            return

    def _next(self) -> _Ending | None:
        """Wait for something, then gather all trials that lie ready, up to the ending."""
        item = self._handed_in.get(timeout=_RENEW_SECONDS)
        while not isinstance(item, _Ending):
            self._pending.extend(item)
            try:
                item = self._handed_in.get_nowait()
            except queue.Empty:
                return None
        return item

    def _attempt(self) -> Exception | None:
        """Open the record unless it is, and write what is pending; the error, if any."""
        begun = time.monotonic()
        try:
            if not self._is_open:
                self._record.open(*self._opening)
                self._is_open = True
            elif self._failed_at is not None:
                self._record.reach()
            if self._pending:
                self._record.log_trials(self._pending)
                self._pending.clear()
            self._record.renew()
        except Exception as error:
            # Nobody hears a thread die: whatever went wrong is carried to finish().
            _log.warning("the record could not be written: %s", error)
            self._failed_at = time.monotonic()
            return error
        finally:
            self._busy_seconds += time.monotonic() - begun
        self._failed_at = None
        return None

    def _end(self, ending: _Ending) -> Exception | None:
        try:
            ending.run = self._record.close(
                ending.status,
                ending.summary,
                ending.images,
                {"seconds/track": self._busy_seconds, **ending.metrics},
                ending.study_yaml,
                ending.dataset,
                ending.model,
            )
        except Exception as error:
            _log.warning("the execution could not be ended in the record: %s", error)
            return error
        return None
