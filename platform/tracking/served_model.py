"""The best network of a study as an MLflow model that anyone with MLflow can load and ask.

``mlflow.pyfunc.load_model(uri).predict(rows, params={"task": "encode"})`` works in a process and
on a machine that have never heard of layerwise, and so does ``mlflow models serve``: the weights,
their configuration, what their inputs are, and the code that understands them travel together.
Nothing is pickled.
"""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ...models.inputs import Inputs
from .serving import DEFAULT_TASK, PARAMETERS, UNITS

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from mlflow.types import ParamSchema

_LAYERWISE = Path(__file__).parent.parent.parent
_SERVING = Path("platform", "tracking", "serving.py")
_NEEDED = ("mlflow", "numpy", "safetensors", "torch")
NETWORK = "network"
"""The folder in MLflow's model that ``layerwise.models.load`` reads."""


@dataclass(frozen=True)
class ServedModel:
    """A network saved by ``layerwise.models`` on its way into the record.

    ``folder`` holds ``model.json`` and ``weights.safetensors``, and ``inputs.json`` where it is
    known what the inputs are; ``visible`` is their number; ``name`` is MLflow's name for the model;
    ``params`` are shown beside it; ``tasks`` are what it can be asked, as :func:`.serving.tasks`
    tells.
    """

    folder: Path
    visible: int
    name: str
    params: Mapping[str, str] = field(default_factory=dict)
    tasks: Sequence[str] = (DEFAULT_TASK, "encode")


def log_served_model(
    client: MlflowClient, run_id: str, experiment_id: str, served: ServedModel
) -> str:
    """Log the network as an output of the run; returns the id of MLflow's LoggedModel.

    The client is told everything, instead of MLflow's module-level functions, whose active run and
    tracking URI belong to whoever runs a study from a notebook.
    """
    from mlflow.entities import LoggedModelOutput

    model = client.create_logged_model(
        experiment_id, name=served.name, source_run_id=run_id, params=dict(served.params)
    )
    try:
        with tempfile.TemporaryDirectory(prefix="layerwise-") as scratch:
            _write(Path(scratch), served, model, run_id)
            client.log_model_artifacts(model.model_id, scratch)
    except BaseException:
        client.finalize_logged_model(model.model_id, "FAILED")
        raise
    client.finalize_logged_model(model.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
    return str(model.model_id)


def _write(folder: Path, served: ServedModel, model: LoggedModel, run_id: str) -> None:
    """Lay out MLflow's model folder: MLmodel, requirements, ``network/`` and ``code/``.

    ``mlflow.pyfunc.save_model`` writes the same, after half a second of comparing every installed
    distribution with the requirements.
    """
    # Advice of MLflow to its own authors, in colour, when this module is imported.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"mlflow\.")
    import mlflow.pyfunc
    from mlflow.models import Model, ModelSignature

    shutil.copytree(served.folder, folder / NETWORK)
    code = folder / "code" / "layerwise"
    shutil.copytree(
        _LAYERWISE / "models", code / "models", ignore=shutil.ignore_patterns("__pycache__")
    )
    (code / _SERVING).parent.mkdir(parents=True)
    shutil.copy(_LAYERWISE / _SERVING, code / _SERVING)
    _write_requirements(folder)

    inputs = Inputs.read(served.folder) or Inputs(served.visible)
    described = Model(
        artifact_path=model.artifact_location,
        run_id=run_id,
        model_uuid=model.model_id,
        model_id=model.model_id,
        # Of unnamed columns MLflow drops those that are too many and answers all the same, and of
        # a tensor it takes one type only, though a person's DataFrame is float64. So rows are
        # checked where they arrive, in serving.py, and only the parameters are declared here.
        signature=ModelSignature(params=_parameters(served.tasks, inputs)),
        saved_input_example_info=_write_example(folder, inputs),
        metadata={"rows": inputs.described(), "tasks": list(served.tasks)},
    )
    mlflow.pyfunc.add_to_model(
        described,
        loader_module="layerwise.platform.tracking.serving",
        data=NETWORK,
        code="code",
        conda_env="conda.yaml",
        python_env="python_env.yaml",
    )
    described.save(str(folder / "MLmodel"))


def _parameters(tasks: Sequence[str], inputs: Inputs) -> ParamSchema:
    """MLflow's list of the parameters that these tasks read."""
    from mlflow.types import ParamSchema, ParamSpec

    found = [ParamSpec("task", "string", DEFAULT_TASK)]
    for name, (kind, default, readers) in PARAMETERS.items():
        if set(readers) & set(tasks):
            found.append(ParamSpec(name, kind, default))
    if inputs.offset is not None:
        found.append(ParamSpec("units", "string", UNITS[0]))
    return ParamSchema(found)


def _write_example(folder: Path, inputs: Inputs) -> dict[str, str] | None:
    """One row in the two forms that MLflow reads: as an input, and as what a server is sent."""
    if inputs.example is None:
        return None
    # The shortest decimals that are this number again in single precision.
    row = [float(str(number)) for number in inputs.example]
    info = {
        "artifact_path": "input_example.json",
        "serving_input_path": "serving_input_example.json",
    }
    example: object = [row]
    sent: dict[str, object] = {"inputs": example}
    if inputs.features:
        example = {"columns": list(inputs.features), "data": [row]}
        sent = {"dataframe_split": example}
        info |= {"type": "dataframe", "pandas_orient": "split"}
    else:
        info |= {"type": "ndarray"}
    (folder / info["artifact_path"]).write_text(json.dumps(example), encoding="utf-8")
    (folder / info["serving_input_path"]).write_text(json.dumps(sent, indent=2), encoding="utf-8")
    return info


def _write_requirements(folder: Path) -> None:
    """Name the versions installed here, for those who rebuild the environment elsewhere."""
    pins = []
    for name in _NEEDED:
        try:
            # A local version such as "2.13.0+cpu" is on no index.
            pins.append(f"{name}=={version(name).partition('+')[0]}")
        except PackageNotFoundError:
            pins.append(name)
    python = platform.python_version()
    (folder / "requirements.txt").write_text("\n".join(pins) + "\n")
    environment = {
        "python": python,
        "build_dependencies": ["pip"],
        "dependencies": ["-r requirements.txt"],
    }
    (folder / "python_env.yaml").write_text(yaml.safe_dump(environment))
    conda = {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": [f"python={python}", "pip", {"pip": pins}],
    }
    (folder / "conda.yaml").write_text(yaml.safe_dump(conda))
