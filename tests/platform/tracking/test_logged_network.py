"""The network of an execution comes back out of the record."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from recording import PLAN, STUDY, execute, home, mlflow_server, record, runs, trial, uri

from layerwise.models import create, load
from layerwise.models.inputs import Inputs
from layerwise.platform.errors import StudyError, TrackingError
from layerwise.platform.tracking.logged_network import LoggedNetworks
from layerwise.platform.tracking.record import Record
from layerwise.platform.tracking.served_model import ServedModel

X = np.random.default_rng(0).random((5, 4)).astype(np.float32)


def finish(place: Path, number: int, status: str = "FINISHED") -> str:
    folder = place / f"network-{number}"
    create("autoencoder", visible=4, hidden=2, seed=number).save(folder)
    execution = record(place)
    execution.open(f"{number:02}" * 32, {}, "?", started=1_790_000_000.0 + number)
    execution.log_trials([trial(number)])
    model = ServedModel(folder, 4, "best", {"key": str(number)})
    run = execution.close(status, {}, {}, {}, "", model=model)
    assert run is not None
    return run


def test_the_newest_execution_that_finished_is_taken(tmp_path: Path) -> None:
    place = home(tmp_path / "home")
    first, second = finish(place, 1), finish(place, 2, "FAILED")
    finish(place, 3, "KILLED")
    networks = LoggedNetworks(uri(place), STUDY)
    assert networks.latest() == second
    for number, run in {1: first, 2: second}.items():
        folder = tmp_path / str(number)
        folder.mkdir()
        networks.fetch(run, folder)
        original = create("autoencoder", visible=4, hidden=2, seed=number)
        np.testing.assert_array_equal(load(folder).encode(X), original.encode(X))


def test_a_trials_run_has_a_key_and_an_executions_none(tmp_path: Path) -> None:
    place = home(tmp_path / "home")
    execution = finish(place, 1)
    networks = LoggedNetworks(uri(place), STUDY)
    assert networks.trial_key(execution) is None
    [run] = runs(uri(place), "trial")
    assert networks.trial_key(run.info.run_id) == trial(1).key
    with pytest.raises(StudyError, match="must be an execution that logged its best network"):
        networks.fetch(run.info.run_id, tmp_path)
    with pytest.raises(StudyError, match=f"--run: must be a run of {STUDY}, but got 'abc'"):
        networks.trial_key("abc")


def test_a_study_that_is_not_there_is_told(tmp_path: Path) -> None:
    place = home(tmp_path / "home")
    execute(place, [trial(0)])
    with pytest.raises(StudyError, match="must have an execution that finished and logged"):
        LoggedNetworks(uri(place), STUDY).latest()
    with pytest.raises(StudyError, match=f"Did you mean '{STUDY}'"):
        LoggedNetworks(uri(place), STUDY[:-1])


@pytest.mark.slow
def test_on_a_server_it_is_registered_and_comes_back_too(tmp_path: Path) -> None:
    place = home(tmp_path / "server")
    network = create("autoencoder", visible=4, hidden=2)
    network.inputs = Inputs(4, example=X[0])
    network.save(tmp_path / "network")
    (tmp_path / "fetched").mkdir()
    with mlflow_server(place, log=tmp_path / "log") as address:
        for again in (False, True):
            execution = Record(address, tmp_path / "artifacts", STUDY)
            execution.open(PLAN, {}, "?")
            execution.log_trials([trial(0)])
            model = ServedModel(tmp_path / "network", 4, "best", {"key": "aa"})
            run = execution.close("FINISHED", {}, {}, {}, "", model=model)
            assert (run is None) == again
        [version] = MlflowClient(address).search_model_versions(f"name = '{STUDY}'")
        best = MlflowClient(address).get_model_version_by_alias(STUDY, "best")
        assert (str(version.version), str(best.version)) == ("1", "1")
        networks = LoggedNetworks(address, STUDY)
        networks.fetch(networks.latest(), tmp_path / "fetched")
    found = load(tmp_path / "fetched")
    np.testing.assert_array_equal(found.encode(X), network.encode(X))
    assert found.inputs is not None


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(TrackingError, match="the network could not be fetched"):
        LoggedNetworks(address, STUDY)
