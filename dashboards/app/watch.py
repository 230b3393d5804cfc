"""The one poller behind the live dashboard: it reads MLflow, whoever looks reads what it holds."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..errors import RecordError
from ..reader import Reader, Reading
from ..unreadable import explained
from .listing import Listed, Listing
from .snapshot import Snapshot, is_whole
from .written import Token, Written

__all__ = ["Listed", "Snapshot", "Watch"]

DUTY = 10.0
"""A reading is followed by a pause of so many times its length, if that is more than asked for."""
LONGEST_PAUSE = 3.0
"""Seconds; of readings under one second, and after one that failed."""
LONGEST_AFTER_PAGES = 6.0
"""Seconds; of the pause that drawing pages asks for, beside a short reading."""
LONG = 100_000
"""Points of histories from which on a study is first shown without them."""
BREATH = 0.3
"""Seconds after which its histories are read: meanwhile its first page is drawn, undisturbed."""
MOST_HELD = 8
"""Studies whose tables are held though nobody looks at them any more."""
T = TypeVar("T")


@dataclass(eq=False)
class _Subject(Generic[T]):
    """Something that is read again and again, and what is known of it; guarded by the lock.

    ``make`` prepares a reading function. ``tries``: readings that ended, one way or another, the
    last of them at ``tried``. ``waiting``: somebody needs one more. ``token``: what
    :class:`Written` said before the last good one. ``cost``: seconds of the last reading that found
    something new, and of drawing what it found.
    Times are of the monotonic clock, but for ``read_at``.
    """

    make: Callable[[], Callable[[], T]]
    read: Callable[[], T] | None = None
    value: T | None = None
    version: int = 0
    read_at: float = 0.0
    token: Token | None = None
    error: RecordError | None = None
    tries: int = 0
    tried: float = -math.inf
    asked: float = -math.inf
    due: float = -math.inf
    waiting: bool = False
    cost: float = 0.0


class Watch:
    """Polls the studies that somebody asks for, from one thread, for any number of readers.

    Args:
        tracking_uri: where MLflow is.
        interval: least seconds between two looks at a study.
        patience: a study that nobody has asked for in so many seconds is not looked at.

    A SQLite database is first asked whether anything was written, and read only then. A study is
    looked at again after :data:`DUTY` times the seconds that its last reading and the pages of it
    took, if these are more than ``interval``, but after :data:`LONGEST_PAUSE` at the latest where
    that reading took less than a second, :data:`LONGEST_AFTER_PAGES` with its pages. Its very first
    reading does not count, which is the only long one: where it is :data:`LONG`, the study is known
    at once without its histories, and with them later.
    """

    def __init__(self, tracking_uri: str, interval: float = 1.0, patience: float = 30.0) -> None:
        self.tracking_uri = tracking_uri
        self._interval = interval
        self._patience = patience
        self._lock = threading.Condition()
        self._wake = threading.Event()
        self._closed = False
        self._readings = 0
        self._list: _Subject[tuple[Listed, ...]] = _Subject(lambda: Listing(tracking_uri).read)
        self._studies: dict[str, _Subject[Reading]] = {}
        self._written = Written(tracking_uri)
        self._file: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._work, name="layerwise-watch", daemon=True)
        self._thread.start()

    @property
    def readings(self) -> int:
        """How often MLflow was read so far; a look that found nothing written is no reading."""
        return self._readings

    def studies(self) -> tuple[Listed, ...]:
        """All studies, those begun last first; waits for the very first reading only.

        Raises ``RecordError`` when that fails.
        """
        with self._lock:
            return self._known(self._list)

    def snapshot(self, study: str) -> Snapshot:
        """A study as it was last read; waits for the very first reading of it only.

        Raises ``RecordError`` when there is no such study, or that reading fails.
        """
        with self._lock:
            subject = self._subject(study)
            return self._shot(subject, self._known(subject))

    def whole(self, study: str) -> Snapshot:
        """A study as it was last read, with its histories, which are waited for.

        Raises ``RecordError`` as ``snapshot`` does, and where they cannot be read.
        """
        with self._lock:
            subject = self._subject(study)
            return self._shot(subject, self._known(subject, whole=True))

    def expect(self, study: str = "") -> None:
        """Read the list, and a study, before somebody waits for them; never waits."""
        with self._lock:
            self._ask(self._list)
            if study:
                self._ask(self._subject(study))

    def version(self, study: str) -> int:
        """The newest version of a study, 0 before its first reading; never waits."""
        with self._lock:
            subject = self._subject(study)
            self._ask(subject)
            return subject.version

    def drawn(self, study: str, seconds: float) -> None:
        """A page of a study took so long: the next look at it waits accordingly."""
        with self._lock:
            subject = self._subject(study)
            subject.cost += seconds
            if is_whole(subject.value):
                pause = min(DUTY * subject.cost, LONGEST_AFTER_PAGES)
                subject.due = max(subject.due, subject.tried + pause)

    def close(self) -> None:
        """End the thread. Whoever still waits for a first reading gets a ``RecordError``."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        self._wake.set()
        self._thread.join(timeout=LONGEST_PAUSE)

    def _shot(self, subject: _Subject[Reading], read: Reading) -> Snapshot:
        return Snapshot.of(read, subject.version, subject.read_at, subject.error)

    def _subject(self, study: str) -> _Subject[Reading]:
        if study not in self._studies:
            self._studies[study] = _Subject(lambda: Reader(self.tracking_uri, study, LONG).read)
        return self._studies[study]

    def _ask(self, subject: _Subject[Any]) -> None:
        now = time.monotonic()
        was_idle = now - subject.asked > self._patience
        subject.asked = now
        if was_idle:
            self._wake.set()

    def _known(self, subject: _Subject[T], whole: bool = False) -> T:
        """The value of a subject; its first reading is waited for, with whoever else does."""
        self._ask(subject)
        just_failed = subject.error if time.monotonic() - subject.tried < self._interval else None

        def enough() -> bool:
            return is_whole(subject.value) if whole else subject.value is not None

        before = subject.tries
        while not (enough() or just_failed or self._closed):
            subject.waiting = True
            subject.due = -math.inf
            self._wake.set()
            self._lock.wait()
            just_failed = subject.error if subject.tries > before else None
        if subject.value is None or not enough():
            if subject.error is None:
                raise RecordError("the dashboard", "is being closed")
            # Not the same object: several threads may be raising it.
            raise RecordError(*subject.error.args)
        return subject.value

    def _work(self) -> None:
        try:
            while not self._closed:
                subject, pause = self._next()
                if subject is None:
                    self._wake.wait(pause)
                else:
                    self._look(subject)
        finally:
            self._written.close()
            with self._lock:
                self._closed = True
                self._lock.notify_all()

    def _next(self) -> tuple[_Subject[Any] | None, float | None]:
        """The subject whose turn it is; or how long there will be none, None while nobody asks."""
        with self._lock:
            self._wake.clear()
            now = time.monotonic()
            self._let_go(now)
            wanted = [subject for subject in self._subjects() if self._is_wanted(subject, now)]
            if self._closed or not wanted:
                return None, 0.0 if self._closed else None
            # Whoever has nothing to look at goes first.
            first = min(wanted, key=lambda s: (not s.waiting, s.due))
            return (None, first.due - now) if first.due > now else (first, 0.0)

    def _subjects(self) -> list[_Subject[Any]]:
        return [self._list, *self._studies.values()]

    def _is_wanted(self, subject: _Subject[Any], now: float) -> bool:
        return subject.waiting or now - subject.asked <= self._patience

    def _let_go(self, now: float) -> None:
        """Forget names that led nowhere, and the tables of studies that were left long ago."""
        idle = {n: s for n, s in self._studies.items() if not self._is_wanted(s, now)}
        held = sorted((n for n, s in idle.items() if s.version), key=lambda n: idle[n].asked)
        for name, subject in idle.items():
            if not subject.version:
                del self._studies[name]
        for name in held[: max(0, len(held) - MOST_HELD)]:
            # The version stays: it never goes back.
            idle[name].value = idle[name].read = None

    def _look(self, subject: _Subject[Any]) -> None:
        """Read a subject if anything may have changed."""
        begun = time.monotonic()
        value = subject.value
        error: RecordError | None = None
        token: Token | None = None
        seconds = 0.0
        try:
            token = self._written.token()
            self._notice(token)
            if value is None or subject.error or token is None or token != subject.token:
                self._readings += 1
                if subject.read is None:
                    subject.read = subject.make()
                value = subject.read()
                seconds = time.monotonic() - begun
        except Exception as raised:
            error = explained(raised, self.tracking_uri)
            # A server that needs long to say nothing is soon asked again all the same.
            seconds = min(time.monotonic() - begun, 0.9)
        with self._lock:
            now = time.monotonic()
            subject.due = now + self._pause(seconds if is_whole(subject.value) else 0.0)
            subject.tried = now
            subject.tries += 1
            subject.waiting = False
            subject.error = error
            if error is None:
                subject.read_at = time.time()
                subject.token = token
                if not is_whole(value):
                    subject.token, subject.due = None, now + BREATH
                    # Its page needs the list too, and is drawn before the histories are read.
                    self._ask(self._list)
                # A reader that had to begin anew takes nothing away from those who look.
                better = is_whole(value) or not is_whole(subject.value)
                if better and value is not subject.value and value != subject.value:
                    subject.version += 1
                    subject.cost = seconds if is_whole(subject.value) else 0.0
                    subject.value = value
            self._lock.notify_all()

    def _pause(self, seconds: float) -> float:
        """Until the next look, after a reading that took so long."""
        wanted = DUTY * seconds
        return max(self._interval, wanted if seconds >= 1 else min(wanted, LONGEST_PAUSE))

    def _notice(self, token: Token | None) -> None:
        """Begin anew where the database has become another file: MLflow keeps the old one open."""
        if token is None or token[:2] == self._file:
            return
        if self._file is not None:
            from mlflow import MlflowClient

            MlflowClient(self.tracking_uri)._tracking_client.store.engine.dispose()
            with self._lock:
                for subject in self._subjects():
                    subject.read = None
        self._file = token[:2]
