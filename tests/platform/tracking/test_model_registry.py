"""The best network has an address: a version for each weights, the alias on the newest."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from mlflow import MlflowClient
from recording import STUDY, home, record, trial, uri

from layerwise.models import create
from layerwise.platform.tracking.model_registry import ALIAS, register
from layerwise.platform.tracking.served_model import ServedModel

X = np.random.default_rng(0).random((20, 4)).astype(np.float32)


def execute(place: Path, number: int, key: str, *, status: str = "FINISHED", **opened: Any) -> None:
    """An execution that adds a trial, and whose best network has this key."""
    folder = place / f"network-{number}"
    create("autoencoder", visible=4, hidden=2, seed=number).save(folder)
    execution = record(place)
    execution.open(f"{number:02}" * 32, opened, "?")
    execution.log_trials([trial(number)])
    execution.close(status, {}, {}, {}, "", model=ServedModel(folder, 4, "best", {"key": key}))


def versions(place: Path) -> dict[str, str]:
    """Version → key."""
    found = MlflowClient(uri(place)).search_model_versions(f"name = '{STUDY}'")
    return {str(version.version): version.tags["layerwise.key"] for version in found}


def best(place: Path) -> str:
    return str(MlflowClient(uri(place)).get_model_version_by_alias(STUDY, ALIAS).version)


def test_the_alias_follows_the_newest_execution(tmp_path: Path) -> None:
    place = home(tmp_path / "home")
    execute(place, 1, "aa")
    assert (versions(place), best(place)) == ({"1": "aa"}, "1")
    execute(place, 2, "bb")
    assert (versions(place), best(place)) == ({"1": "aa", "2": "bb"}, "2")
    # The same weights win again: no further version of them.
    execute(place, 3, "aa")
    assert (versions(place), best(place)) == ({"1": "aa", "2": "bb"}, "1")
    # What was broken off has a network in the record, and no say here.
    execute(place, 4, "cc", status="KILLED")
    assert (versions(place), best(place)) == ({"1": "aa", "2": "bb"}, "1")


def test_a_version_leads_to_the_run_and_its_files(tmp_path: Path) -> None:
    place = home(tmp_path / "home")
    execute(place, 1, "aa")
    client = MlflowClient(uri(place))
    version = client.get_model_version(STUDY, "1")
    [run] = [r for r in client.search_runs(["1"]) if r.data.tags["layerwise.kind"] == "study"]
    assert version.run_id == run.info.run_id
    [model] = client.search_logged_models(["1"])
    assert version.source == model.artifact_location
    assert (Path(unquote(urlsplit(version.source).path)) / "MLmodel").is_file()


def test_a_replay_adds_nothing_and_an_interrupted_one_goes_on(tmp_path: Path) -> None:
    place = home(tmp_path / "home")
    for _ in range(2):
        execute(place, 1, "aa")
    assert versions(place) == {"1": "aa"}
    # Written a second time under the name of the same execution, as from a spool.
    for _ in range(2):
        execute(place, 5, "dd", **{"layerwise.execution": "e5"})
    assert versions(place) == {"1": "aa", "2": "dd"}
    assert len(MlflowClient(uri(place)).search_logged_models(["1"])) == 2


def test_a_registry_that_refuses_costs_the_study_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place = home(tmp_path / "home")
    # A registry of its own, of a kind that MLflow does not know.
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "gopher://registry")
    with caplog.at_level(logging.WARNING, "layerwise.model_registry"):
        execute(place, 1, "aa")
    assert f"was not registered as models:/{STUDY}@best" in caplog.text
    client = MlflowClient(uri(place), registry_uri=uri(place))
    [run] = [r for r in client.search_runs(["1"]) if r.data.tags["layerwise.kind"] == "study"]
    assert run.info.status == "FINISHED"
    [model] = client.search_logged_models(["1"])
    assert model.status.value == "READY"
    assert versions_of(client) == []
    # Once it is there the same call makes up for it.
    assert register(client, STUDY, model.model_id, "aa") == "1"


def versions_of(client: MlflowClient) -> list[Any]:
    return list(client.search_model_versions(f"name = '{STUDY}'"))
