"""The served network answers in a process that has never heard of layerwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient
from recording import PLAN, home, record, trial, uri

from layerwise.models import Estimator, create
from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.served_model import ServedModel

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

_ELSEWHERE = """
import sys
sys.path = [entry for entry in sys.path if "layerwise" not in entry]
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
import mlflow, numpy as np, pandas as pd
uri, model, folder = sys.argv[1:]
mlflow.set_tracking_uri(uri)
network = mlflow.pyfunc.load_model(f"models:/{model}")
x = np.load(f"{folder}/x.npy")
np.save(f"{folder}/reconstructed.npy", network.predict(x))
np.save(f"{folder}/from_frame.npy", network.predict(pd.DataFrame(x.astype(float))))
np.save(f"{folder}/codes.npy", network.predict(x, params={"task": "encode"}))
import layerwise.models
print(layerwise.models.__file__)
try:
    network.predict(x[:, :3])
except mlflow.exceptions.MlflowException as error:
    print("refused")
"""


@pytest.fixture
def network() -> tuple[Estimator, np.ndarray]:
    x = np.random.default_rng(0).random((40, 6)).astype(np.float32)
    return create("autoencoder", visible=6, hidden=3, epochs=1).fit(x), x


def test_a_fresh_process_reconstructs_and_encodes(
    tmp_path: Path, network: tuple[Estimator, np.ndarray]
) -> None:
    estimator, x = network
    place = home(tmp_path)
    estimator.save(tmp_path / "network")
    execution = record(place)
    execution.open(PLAN, {}, "?")
    execution.log_trials([trial(0)])
    served = ServedModel(tmp_path / "network", 6, "best", {"hidden": "3"})
    run_id = execution.close("FINISHED", {}, {}, {}, "", model=served)
    assert run_id is not None

    client = MlflowClient(uri(place))
    outputs = client.get_run(run_id).outputs
    assert outputs is not None
    (output,) = outputs.model_outputs
    model = client.get_logged_model(output.model_id)
    assert (model.name, model.status.value, model.params) == ("best", "READY", {"hidden": "3"})
    files = [path for path in (place / "artifacts").rglob("*") if path.is_file()]
    assert not [path.name for path in files if path.suffix in (".pkl", ".pickle", ".pt", ".pyc")]

    np.save(tmp_path / "x.npy", x)
    told = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE, uri(place), output.model_id, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout.splitlines()
    assert told[0].startswith(str(tmp_path / "artifacts"))
    assert told[1] == "refused"
    expected = estimator.reconstruct(x)
    np.testing.assert_array_equal(np.load(tmp_path / "reconstructed.npy"), expected)
    np.testing.assert_array_equal(np.load(tmp_path / "from_frame.npy"), expected)
    np.testing.assert_array_equal(np.load(tmp_path / "codes.npy"), estimator.encode(x))


def test_a_network_that_is_not_there_leaves_a_failed_model(tmp_path: Path) -> None:
    place = home(tmp_path)
    execution = record(place)
    execution.open(PLAN, {}, "?")
    with pytest.raises(TrackingError, match="nowhere"):
        execution.close(
            "FINISHED", {}, {}, {}, "", model=ServedModel(tmp_path / "nowhere", 6, "best")
        )
    client = MlflowClient(uri(place))
    experiment = client.search_experiments()[0].experiment_id
    (model,) = client.search_logged_models([experiment])
    assert model.status.value == "FAILED"
    # Neither FINISHED nor FAILED: the next execution of this plan has something to add.
    (run,) = client.search_runs([experiment])
    assert run.info.status == "KILLED"
