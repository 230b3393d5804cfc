"""Whether anything was written to a record since it was last read, found out without reading it."""

from __future__ import annotations

import contextlib
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path

from ..errors import RecordError
from ..unreadable import database_file, place, without_credentials

ANSWER_SECONDS = 5.0
BUSY_SECONDS = 2.0
"""How long a commit of somebody else may hold the database up before that counts as a problem."""

Token = tuple[int, int, int]


class Written:
    """A record, asked for signs of writing; to be used from one thread.

    Of a SQLite database, ``token()`` is a number that differs whenever some connection of some
    process has committed meanwhile, in whatever journal mode: ``PRAGMA data_version`` of a
    connection that is kept open, and which file it is. (Times and sizes of files are no such sign:
    two commits may fall into one tick of the clock.) Of everything else it is None.
    """

    def __init__(self, tracking_uri: str) -> None:
        self._uri = tracking_uri
        self._path = database_file(tracking_uri)
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)

    @property
    def where(self) -> str:
        """The record in a person's words: the database's file, or the server without passwords."""
        return place(self._uri)

    def token(self) -> Token | None:
        """Something that differs when something was written; None where nobody can tell.

        Raises ``RecordError`` when the database is not there, is locked for long, or holds no
        record, and when a server does not answer. MLflow itself would wait for minutes in the last
        case, and make a new database in the first.
        """
        if self._path is None:
            self._ask()
            return None
        try:
            stat = self._path.stat()
            if self._connection is None or (stat.st_dev, stat.st_ino) != self._file:
                self._connect(self._path)
                self._file = (stat.st_dev, stat.st_ino)
            assert self._connection is not None
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except OSError as error:
            self.close()
            raise RecordError(self.where, f"is not there ({error.strerror})") from error
        except sqlite3.Error as error:
            self.close()
            raise RecordError(self.where, f"cannot be read ({error})") from error
        return (*self._file, int(version))

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self, path: Path) -> None:
        self.close()
        # Writable though nothing is written: the journal of a writer that was killed has to be
        # undone by whoever comes next.
        uri = f"{path.as_uri()}?mode=rw"
        self._connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'experiments'"
        if self._connection.execute(query).fetchone() is None:
            self.close()
            raise RecordError(self.where, "holds nothing that MLflow wrote")

    def _ask(self) -> None:
        """Make sure that a server is there."""
        if not self._uri.startswith(("http://", "https://")):
            return
        address = f"{without_credentials(self._uri).rstrip('/')}/health"
        try:
            with contextlib.suppress(urllib.error.HTTPError):  # an answer is an answer
                urllib.request.urlopen(address, timeout=ANSWER_SECONDS).close()
        except OSError as error:
            reason = getattr(error, "reason", error)
            said = getattr(reason, "strerror", None) or reason
            raise RecordError(self.where, f"does not answer ({said})") from error
