"""One MLflow store (SQLite, made once) that holds the studies which the tests read."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

import pytest

from layerwise.dashboards import frames

import made_studies


@pytest.fixture(scope="session")
def tracking_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with the study "crossing"."""
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    made_studies.write(uri, folder / "artifacts", made_studies.Made())
    return uri


@pytest.fixture(scope="session")
def crossing(tracking_uri: str) -> frames.Frames:
    """The frames of the study "crossing"."""
    return frames.read(tracking_uri, "crossing")


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """A folder for one more study's artifacts."""
    return tmp_path / "artifacts"
