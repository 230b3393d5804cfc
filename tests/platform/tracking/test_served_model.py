"""The served network answers in a process that has never heard of layerwise."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from recording import PLAN, STUDY, free_port, home, record, running_mlflow, trial, uri

from layerwise.models import Estimator, create
from layerwise.models.inputs import Inputs
from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.served_model import ServedModel
from layerwise.platform.tracking.serving import tasks

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
    print(error.get_http_status_code(), error.message)
"""
# Run by Python before anything else: this checkout is not to be found after it.
_FORGETTING = """
import sys
sys.path = [entry for entry in sys.path if "layerwise" not in entry]
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
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
    assert told[1] == "400 rows: must be rows of 6 numbers, but got 'rows of 3'"
    expected = estimator.reconstruct(x)
    np.testing.assert_array_equal(np.load(tmp_path / "reconstructed.npy"), expected)
    np.testing.assert_array_equal(np.load(tmp_path / "from_frame.npy"), expected)
    np.testing.assert_array_equal(np.load(tmp_path / "codes.npy"), estimator.encode(x))


def log(place: Path, network: Estimator, inputs: Inputs | None = None) -> str:
    """Record an execution with this network as its best; returns MLflow's id of the model."""
    network.inputs = inputs
    network.save(place / "network")
    execution = record(place)
    execution.open(PLAN, {}, "?")
    execution.log_trials([trial(0)])
    served = ServedModel(place / "network", 6, "best", {"key": "aa"}, tasks(network))
    run_id = execution.close("FINISHED", {}, {}, {}, "", model=served)
    assert run_id is not None
    outputs = MlflowClient(uri(place)).get_run(run_id).outputs
    assert outputs is not None
    return str(outputs.model_outputs[0].model_id)


@pytest.mark.parametrize("features", [(), tuple("abcdef")])
def test_mlflow_reads_the_example_and_the_parameters(
    tmp_path: Path, network: tuple[Estimator, np.ndarray], features: tuple[str, ...]
) -> None:
    _, x = network
    machine = create("bernoulli_rbm", visible=6, hidden=3, epochs=1).fit(x)
    place = home(tmp_path / "home")
    offset = np.zeros(6)
    log(place, machine, Inputs(6, features=features, offset=offset, factor=offset, example=x[0]))
    [logged] = MlflowClient(uri(place)).search_logged_models(["1"])
    location = unquote(urlsplit(logged.artifact_location).path)
    model = Model.load(location)
    example = model.load_input_example(location)
    np.testing.assert_array_equal(np.asarray(example, dtype=np.float32), x[:1])
    assert tuple(getattr(example, "columns", ())) == features
    served = mlflow.pyfunc.load_model(location)
    np.testing.assert_array_equal(served.predict(example), machine.reconstruct(x[:1]))
    assert {p.name: p.default for p in served.metadata.get_params_schema().params} == {
        "task": "reconstruct",
        "n": 16,
        "steps": 1000,
        "seed": None,
        "units": "network",
    }
    drawn = served.predict(None, params={"task": "sample", "n": 2, "steps": 3, "seed": 4})
    np.testing.assert_array_equal(drawn, machine.sample(2, 3, 4))
    with pytest.raises(MlflowException, match="Invalid parameters found"):
        served.predict(None, params={"task": "sample", "n": "many"})
    # Whatever has one column too many is refused, where MLflow's own check would drop it.
    with pytest.raises(MlflowException, match="must be rows of 6 numbers"):
        served.predict(np.ones((2, 7)))


@contextlib.contextmanager
def served(place: Path, *, log: Path) -> Iterator[str]:
    """The address at which MLflow's scoring server answers for the study's best network."""
    (place / "forgetting").mkdir()
    (place / "forgetting" / "sitecustomize.py").write_text(_FORGETTING)
    with free_port() as port:
        command = ["models", "serve", "--env-manager", "local", "-m", f"models:/{STUDY}@best"]
        command += ["--host", "127.0.0.1", "--port", str(port)]
    variables = {
        "MLFLOW_TRACKING_URI": uri(place),
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "PYTHONPATH": str(place / "forgetting"),
        # MLflow calls uvicorn by its name, as of an activated environment.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    address = f"http://127.0.0.1:{port}"
    with running_mlflow(command, address, "/ping", log, **variables):
        yield address


def ask(address: str, body: str, kind: str = "application/json") -> tuple[int, Any]:
    """What the server says to a request: the status, and the answer or the message."""
    request = urllib.request.Request(
        f"{address}/invocations", body.encode(), {"Content-Type": kind}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())["predictions"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())["message"]


@pytest.mark.slow
def test_mlflow_serves_it_and_a_wrong_request_is_told_what_would_be_right(
    tmp_path: Path, network: tuple[Estimator, np.ndarray]
) -> None:
    estimator, x = network
    place = home(tmp_path / "home")
    log(place, estimator, Inputs(6, image_shape=(2, 3), example=x[0]))
    rows, frame = x[:2].tolist(), {"data": x[:2].tolist(), "columns": list("abcdef")}
    table = "a,b,c,d,e,f\n" + "\n".join(",".join(map(str, row)) for row in rows)
    with served(place, log=tmp_path / "log") as address:
        for body, kind in (
            (json.dumps({"instances": rows}), "application/json"),
            (json.dumps({"inputs": rows}), "application/json"),
            (json.dumps({"dataframe_split": frame}), "application/json"),
            (table, "text/csv"),
        ):
            status, answer = ask(address, body, kind)
            assert status == 200, answer
            np.testing.assert_allclose(answer, estimator.reconstruct(x[:2]), rtol=1e-6)
        for task in ("encode", "anomaly_score", "score"):
            status, answer = ask(address, json.dumps({"instances": rows, "params": {"task": task}}))
            assert status == 200, answer
            np.testing.assert_allclose(answer, getattr(estimator, task)(x[:2]), rtol=1e-6)
        example = json.loads(
            next((place / "artifacts").rglob("serving_input_example.json")).read_text()
        )
        status, answer = ask(address, json.dumps(example))
        np.testing.assert_allclose(answer, estimator.reconstruct(x[:1]), rtol=1e-6)

        right = r"must be rows of 6 numbers \(an image of 2 × 3, row by row\), but got"
        for wrong, said in {
            '{"instances": [[1, 2, 3]]}': f"rows: {right} 'rows of 3'",
            '{"instances": [[1, 2, 3, 4, 5, 6, 7]]}': f"rows: {right} 'rows of 7'",
            '{"instances": [1, 2, 3, 4, 5, 6]}': "A single row stands in a list of rows",
            '{"inputs": [[1, 2, 3, NaN, 5, 6]]}': "row 0, column 3: must be a finite number.*nan",
            '{"inputs": [[1, 2, null, 4, 5, 6]]}': "row 0, column 2: must be a finite number.*nan",
            '{"instances": [[1, 2, 3, 4, "five", 6]]}': "row 0, column 4: must be a number.*'five'",
            '{"dataframe_split": {"data": [[1, 2]]}}': f"rows: {right} 'rows of 2'",
            '{"instances": [[1, 2], [1]]}': "inhomogeneous",
            '{"instances": [[0, 0, 0, 0, 0, 0]], "params": {"task": "encod"}}': (
                "task: must be one of reconstruct, encode, .*, but got 'encod'.*'encode'"
            ),
            '{"rows": 1}': "exactly one of the input fields",
            "six": "valid JSON",
        }.items():
            status, message = ask(address, wrong)
            assert status == 400, message
            assert re.search(said, message, re.DOTALL | re.IGNORECASE), message
        # And it goes on answering.
        assert ask(address, json.dumps({"instances": rows}))[0] == 200
    # What answered was the code that travels with the network.
    assert "Traceback" not in (tmp_path / "log").read_text()


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
