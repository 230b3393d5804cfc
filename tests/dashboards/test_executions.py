"""Executions as rows: newest first, names as text, what is missing as None."""

from __future__ import annotations

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric

from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.executions import executions

HOSTILE = "<img src=x onerror=alert(1)>"
METRICS = {"trials": 12.0, "cohorts": 2.0, "reused": 4.0, "seconds/total": 3.25}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two studies: one with a finished and a running execution, one with a killed one."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('record') / 'mlflow.db'}"
    client = MlflowClient(uri)
    tags = {"layerwise.kind": "study", "layerwise.host": "node-1"}
    first = client.create_experiment("first")
    hostile = client.create_experiment(HOSTILE)
    done = client.create_run(first, start_time=1_000_000, tags=tags).info.run_id
    client.log_batch(done, [Metric(name, value, 1, 0) for name, value in METRICS.items()])
    client.set_terminated(done)
    client.create_run(first, start_time=3_000_000, tags={"layerwise.kind": "study"})
    killed = client.create_run(hostile, start_time=2_000_000, tags=tags).info.run_id
    client.set_terminated(killed, "KILLED")
    client.create_run(first, start_time=4_000_000, tags={"layerwise.kind": "trial"})
    return uri


def test_every_execution_is_a_row_the_newest_first(record: str) -> None:
    rows = executions(record)
    assert [(row["study"], row["status"]) for row in rows] == [
        ("first", "RUNNING"),
        (HOSTILE, "KILLED"),
        ("first", "FINISHED"),
    ]
    assert rows[2] == {
        "study": "first",
        "started": "1970-01-01T00:16:40+00:00",
        "status": "FINISHED",
        "trials": 12,
        "cohorts": 2,
        "reused": 4,
        "seconds": 3.25,
        "host": "node-1",
    }


def test_what_is_not_said_yet_is_none(record: str) -> None:
    running = executions(record)[0]
    missing = ("trials", "cohorts", "reused", "seconds", "host")
    assert [running[name] for name in missing] == [None] * 5


def test_one_study_alone(record: str) -> None:
    assert {row["study"] for row in executions(record, HOSTILE)} == {HOSTILE}
    with pytest.raises(RecordError, match=r"'frist'. Did you mean 'first'\?"):
        executions(record, "frist")


def test_a_record_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("no database")
    with pytest.raises(RecordError, match="cannot be read"):
        executions(f"sqlite:///{tmp_path / 'mlflow.db'}")


def test_an_empty_record_has_no_rows(tmp_path: Path) -> None:
    assert executions(f"sqlite:///{tmp_path / 'mlflow.db'}") == []
