"""Who trains what at this moment: leases, so that studies that run at once train a stage once.

``<root>/leases/drivers/<name>``       one file per driver; it holds the number of its heartbeats
``<root>/leases/held/<key>.<number>``  a hard link to the file of the driver that holds the key

A link is made in one step, by one process alone, and says whose it is, on network file systems too;
and it costs a tenth of what a file costs, since a study has a lease for every trial. Who takes a
key over makes the link of the next number before the old one goes: the highest number of a key is
its lease, and that is the fence — a driver that was taken for dead and wakes up finds a higher
number, and can neither renew, give back nor regain what it held.

A lease is over when its driver ended or gave it back, when the driver's process is seen to be dead
(on this host: at once), or when its heartbeats were not seen to go on for :data:`EXPIRY_SECONDS` of
the observer's own monotonic clock. No time of day is read or compared, so that a clock that is set
back changes nothing, and hosts need not agree on the hour.

A lease saves work and guards nothing: what is stored under a key is the same whoever made it, and
the first one stored wins. A driver that lost its lease may store what it has, and harms nobody.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from . import writer
from .durable import make_folder

_log = logging.getLogger("layerwise.store")

LEASES = "leases"
EXPIRY_SECONDS = 30.0
BEAT_SECONDS = 2.0

# A counter is overwritten in its place, and as long as before: also when the disk is full.
_DIGITS = 20


class _Standing(NamedTuple):
    """The lease of a key: its number, and the name of the driver that holds it; "" of none."""

    number: int
    driver: str


class Leases:
    """``with Leases(root) as leases: mine = leases.acquire(keys); …; leases.release(mine)``.

    Inside the block this process is a driver with a heartbeat; what it holds at the end is given
    back. Outside of it, others can be looked at, and nothing is written.

    Args:
        root: the store's root.
        expiry_seconds: how long another driver's heartbeat may rest, on this process's clock.
        beat_seconds: how often this one's beats.
    """

    def __init__(
        self,
        root: Path,
        expiry_seconds: float = EXPIRY_SECONDS,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._root = Path(root)
        self._drivers = self._root / LEASES / "drivers"
        self._links = self._root / LEASES / "held"
        self._expiry_seconds = expiry_seconds
        self._beat_seconds = beat_seconds
        self._held: dict[str, int] = {}
        self._seen: dict[str, tuple[bytes, float]] = {}
        self._beats = 0
        self._file = 0
        self._overslept = False
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.name = ""

    def __enter__(self) -> Self:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            make_folder(self._root, LEASES)
            make_folder(self._root / LEASES, "drivers", "held")
            name = writer.new_name()
            (self._drivers / name).write_bytes(self._counter())
            self._file = (self._drivers / name).stat().st_ino
        except OSError as error:
            # Work might be done twice, which is no reason not to do it.
            _log.info("no leases in %s: %s", self._root, error)
            return self
        self.name = name
        self._sweep()
        self._thread = threading.Thread(target=self._live, name="layerwise-leases", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self.release(list(self._held))
            (self._drivers / self.name).unlink(missing_ok=True)

    def acquire(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that this driver holds now, newly or since earlier.

        Look into the store after acquiring, not before: another driver may have stored a key and
        given it back in between.
        """
        wanted = list(keys)
        if self._thread is None:
            return set(wanted)
        standing = self._standing(wanted)
        over: dict[str, bool] = {}
        made: dict[str, int] = {}
        try:
            for key in wanted:
                found = standing.get(key)
                if found is not None:
                    if found.driver == self.name:
                        continue
                    if found.driver not in over:
                        over[found.driver] = self._is_over(found.driver)
                    if not over[found.driver]:
                        continue
                number = 1 + (found.number if found else 0)
                if self._link(key, number):
                    made[key] = number
                    if found is not None:
                        self._link_to(key, found.number).unlink(missing_ok=True)
        except OSError as error:
            _log.info("a lease could not be made: %s", error)
            return set(wanted)
        # What was seen may have been old by then: somebody further on has a higher number.
        after = self._standing(wanted)
        mine = {key for key in wanted if key in after and after[key].driver == self.name}
        for key, number in made.items():
            if key not in mine:
                self._link_to(key, number).unlink(missing_ok=True)
        self._held |= {key: after[key].number for key in mine}
        return mine

    def release(self, keys: Iterable[str]) -> None:
        """Give keys back; those that were taken over, or never held, are left to who has them."""
        for key in keys:
            number = self._held.pop(key, None)
            if number is not None:
                link = self._link_to(key, number)
                with contextlib.suppress(OSError):
                    if link.stat().st_ino == self._file:
                        link.unlink()

    @property
    def overslept(self) -> bool:
        """Whether this process has once hung for so long that others may have taken over."""
        return self._overslept

    def lost(self) -> set[str]:
        """The keys that this driver was given and somebody has taken over since."""
        standing = self._standing(self._held)
        return {
            key
            for key, number in self._held.items()
            if standing.get(key) != _Standing(number, self.name)
        }

    def holders(self, keys: Iterable[str] | None = None) -> dict[str, str]:
        """Key → driver, for leases that stand and whose driver is not known to be gone.

        Args:
            keys: only these; all by default.
        """
        standing = self._standing(keys)
        over = {name: self._is_over(name) for name in {s.driver for s in standing.values()}}
        return {key: s.driver for key, s in standing.items() if not over[s.driver]}

    def _is_over(self, driver: str) -> bool:
        """Whether a driver's leases may be taken over; "" is one that ended in good order."""
        if driver == self.name:
            return False
        if not driver or writer.lives(driver) is False:
            return True
        try:
            count = (self._drivers / driver).read_bytes()
        except FileNotFoundError:
            return True
        now = time.monotonic()
        before, since = self._seen.get(driver, (b"", now))
        if before != count:
            self._seen[driver] = (count, now)
            return False
        return now - since > self._expiry_seconds

    def _standing(self, keys: Iterable[str] | None) -> dict[str, _Standing]:
        """The lease of each key that has one, at its highest number."""
        wanted = None if keys is None else set(keys)
        numbers: dict[str, int] = {}
        try:
            with os.scandir(self._links) as found:
                for entry in found:
                    key, _, number = entry.name.partition(".")
                    if number.isdecimal() and (wanted is None or key in wanted):
                        numbers[key] = max(numbers.get(key, 0), int(number))
        except FileNotFoundError:
            return {}
        standing = {}
        names = self._names() if numbers else {}
        for key, highest in numbers.items():
            # Given back since the folder was read: then nobody has it.
            with contextlib.suppress(FileNotFoundError):
                file = os.stat(self._link_to(key, highest)).st_ino
                standing[key] = _Standing(highest, names.get(file, ""))
        return standing

    def _names(self) -> dict[int, str]:
        """The driver that each file is of, by its number on the disk."""
        found = {}
        for name in os.listdir(self._drivers):
            with contextlib.suppress(FileNotFoundError):
                found[os.stat(self._drivers / name).st_ino] = name
        return found

    def _link(self, key: str, number: int) -> bool:
        """Make the lease; False where somebody else was faster."""
        try:
            os.link(self._drivers / self.name, self._link_to(key, number))
        except FileExistsError:
            return False
        return True

    def _link_to(self, key: str, number: int) -> Path:
        return self._links / f"{key}.{number}"

    def _live(self) -> None:
        last = time.monotonic()
        while not self._ending.wait(self._beat_seconds):
            now = time.monotonic()
            self._overslept |= now - last > self._expiry_seconds
            last = now
            self._beats += 1
            try:
                with open(self._drivers / self.name, "r+b", buffering=0) as stream:
                    stream.write(self._counter())
            except OSError as error:
                _log.info("no heartbeat: %s", error)

    def _counter(self) -> bytes:
        return b"%0*d" % (_DIGITS, self._beats)

    def _sweep(self) -> None:
        """Delete what dead drivers of this host left."""
        try:
            dead = {n for n in os.listdir(self._drivers) if writer.lives(n) is False}
            for key, standing in self._standing(None).items():
                if standing.driver in dead or not standing.driver:
                    self._link_to(key, standing.number).unlink(missing_ok=True)
            for name in dead:
                (self._drivers / name).unlink(missing_ok=True)
        except OSError as error:
            _log.info("leases of ended drivers are left: %s", error)


def in_words(holders: Mapping[str, str]) -> str:
    """The drivers among the holders, as a person says them."""
    return ", ".join(sorted({writer.said(name) for name in holders.values()}))
