"""Home: the one folder that holds the record, the store, reports and logs."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import HomeError

# An empty MLflow database is under 1 MiB and a small study under 5; less is asking for trouble.
NEEDED_MIB = 16.0

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PROBE = b"\0" * 2**16
_WRITABLE = "Give yourself write permission or choose another folder with --home"
_ROOM = "Make room or choose a folder on another disk with --home"
# Both have a meaning inside a database URI, and not every version reads them escaped.
_NOT_IN_URI = re.compile(r"\?|%[0-9A-Fa-f]{2}")


@dataclass(frozen=True)
class Home:
    """Where results live. Making the object touches nothing on the disk.

    path: an absolute folder; a relative one is taken from the present working directory.
    """

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(os.path.abspath(self.path)))

    @classmethod
    def from_environment(cls, option: str | None = None) -> Home:
        """The home named by ``--home``, else by LAYERWISE_HOME, else ``.layerwise`` right here.

        Raises HomeError when ``option`` is empty; an empty variable counts as not set.
        """
        if option is not None and not option.strip():
            raise HomeError("--home", "must name a folder", option, "Leave it out for .layerwise")
        named = option or os.environ.get("LAYERWISE_HOME") or ".layerwise"
        return cls(Path(named).expanduser())

    @property
    def database(self) -> Path:
        """MLflow's SQLite file, the record."""
        return self.path / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        """MLflow's artifacts."""
        return self.path / "artifacts"

    @property
    def store(self) -> Path:
        """The root of the store."""
        return self.path / "store"

    @property
    def reports(self) -> Path:
        """Static dashboards, one folder for each study."""
        return self.path / "reports"

    @property
    def logs(self) -> Path:
        """What Ray and MLflow say, one file for each execution."""
        return self.path / "logs"

    @property
    def plans(self) -> Path:
        """Plans of executions, for ``status`` and for going on."""
        return self.path / "plans"

    @property
    def spool(self) -> Path:
        """Executions that could not be written to the record; made when there is one."""
        return self.path / "spool"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder inside the home."""
        return self.artifacts, self.store, self.reports, self.logs, self.plans

    @property
    def tracking_uri(self) -> str:
        """MLFLOW_TRACKING_URI when it is set, else this home's database.

        Raises HomeError when the path has characters that no database URI can hold.
        """
        named = os.environ.get("MLFLOW_TRACKING_URI")
        if named:
            return named
        self._refuse_what_no_uri_holds()
        return f"sqlite:///{self.database}"

    @property
    def has_record(self) -> bool:
        """Whether there is a record to read: a database here, or a server named elsewhere."""
        return bool(os.environ.get("MLFLOW_TRACKING_URI")) or self.database.is_file()

    def check_record(self) -> None:
        """Raise HomeError where there is no record to read; creates nothing."""
        if not self.has_record:
            remedy = "Run a study first, or name another folder with --home."
            raise HomeError(str(self.path), "holds no record", remedy=remedy)

    def check_writable(self) -> None:
        """Raise HomeError when :meth:`ensure` would; creates nothing.

        Looks at what exists of the home or, where nothing does, at the nearest folder above it.
        """
        if not os.environ.get("MLFLOW_TRACKING_URI"):
            self._refuse_what_no_uri_holds()
        with self._said():
            self._check_what_exists()

    def ensure(self) -> None:
        """Create the home and its folders, and write and delete one file, to be sure.

        Raises HomeError with the remedy when the home is a file, may not be written, or the disk
        is full.
        """
        self.check_writable()
        with self._said():
            for folder in (self.path, *self.folders):
                folder.mkdir(parents=True, exist_ok=True)
            # Quotas and limits show themselves only to who writes.
            probe = self.path / f".probe-{os.getpid()}"
            try:
                with open(probe, "wb") as stream:
                    stream.write(_PROBE)
                    stream.flush()
                    os.fsync(stream.fileno())
            finally:
                probe.unlink(missing_ok=True)

    def _check_what_exists(self) -> None:
        nearest = next(p for p in (self.path, *self.path.parents) if os.path.lexists(p))
        existing = (nearest, *(f for f in self.folders if os.path.lexists(f)))
        for folder in existing:
            if not folder.is_dir():
                raise _not_a_folder(folder)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise HomeError(str(self.path), "must be writable", _permission(folder), _WRITABLE)
        if self.database.exists() and not os.access(self.database, os.R_OK | os.W_OK):
            where = str(self.database)
            raise HomeError(where, "must be writable", _permission(self.database), _WRITABLE)
        free_mib = shutil.disk_usage(nearest).free / 2**20
        if free_mib < NEEDED_MIB:
            rule = f"needs {NEEDED_MIB:.0f} MiB of free disk"
            raise HomeError(str(self.path), rule, f"{free_mib:.1f} MiB", _ROOM)

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except HomeError:
            raise
        except FileExistsError as error:
            raise _not_a_folder(Path(str(error.filename))) from error
        except OSError as error:
            full = error.errno in _FULL
            rule = "must fit on the disk" if full else "must be writable"
            said = error.strerror or str(error)
            raise HomeError(str(self.path), rule, said, _ROOM if full else _WRITABLE) from error

    def _refuse_what_no_uri_holds(self) -> None:
        found = _NOT_IN_URI.search(str(self.path))
        if found:
            rule = "a home's path must do without '?' and '%' before two hexadecimal digits"
            remedy = "MLflow could not open its database there: choose another folder with --home"
            raise HomeError(str(self.path), rule, found.group(), remedy)


def _not_a_folder(path: Path) -> HomeError:
    if path.is_symlink() and not path.exists():
        got = f"a link to {os.readlink(path)}, which does not exist"
    else:
        got = "a file"
    return HomeError(str(path), "must be a folder", got, "Choose another folder with --home")


def _permission(path: Path) -> str:
    return f"no permission to write {path}"
