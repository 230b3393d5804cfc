"""Why a record cannot be read, said without passwords; a server itself is in its own test."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.unreadable import (
    check_admitted,
    database_file,
    explained,
    place,
    without_credentials,
)


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("sqlite:////data/mlflow.db", Path("/data/mlflow.db")),
        ("sqlite:////data/mlflow.db?timeout=3", Path("/data/mlflow.db")),
        ("sqlite:///:memory:", None),
        ("sqlite:///", None),
        ("postgresql://host/name", None),
        ("http://host:5000", None),
    ],
)
def test_the_file_of_a_database(uri: str, file: Path | None) -> None:
    assert database_file(uri) == file


def test_passwords_are_never_said() -> None:
    assert without_credentials("http://ada:secret@host:5000/a") == "http://host:5000/a"
    assert place("http://ada:secret@host:5000") == "MLflow at http://host:5000"
    assert place("sqlite:////data/mlflow.db") == "the record /data/mlflow.db"


def test_what_went_wrong_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    locked = OperationalError("SELECT 1", {}, Exception("database is locked"))
    assert "is locked by somebody who writes" in str(explained(locked, "sqlite:////x.db"))
    gone = explained(OSError("no space\nleft"), "sqlite:////x.db")
    assert str(gone).count("\n") == 0
    assert "no space" in str(gone)
    own = RecordError("here", "must be there")
    assert explained(own, "sqlite:////x.db") is own
    assert not caplog.records
    assert "KeyError" in str(explained(KeyError(), "sqlite:////x.db"))
    assert len(caplog.records) == 1


def test_a_database_admits_everybody() -> None:
    check_admitted("sqlite:////nowhere/at/all.db")
