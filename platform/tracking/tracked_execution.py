"""What one execution of a study becomes in the record, beside its trials: data set and files."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

_MOST_CHARACTERS_OF_A_DIGEST = 36


@dataclass(frozen=True)
class TrackedData:
    """The data set an execution trained on.

    ``digest`` is 64 hex digits, of which MLflow keeps 36; ``source`` is a file, or where a set
    that ships with a library comes from; ``rows`` counts the samples of every split; ``visible``
    is the number of inputs of a sample.
    """

    name: str
    digest: str
    source: str
    rows: Mapping[str, int]
    visible: int

    def as_input(self) -> DatasetInput:
        """MLflow's form of it."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        tensor = {
            "type": "tensor",
            "tensor-spec": {"dtype": "float32", "shape": [-1, self.visible]},
        }
        shapes = {split: [rows, self.visible] for split, rows in self.rows.items()}
        return DatasetInput(
            Dataset(
                name=self.name,
                digest=self.digest[:_MOST_CHARACTERS_OF_A_DIGEST],
                source_type="local",
                source=json.dumps({"uri": self.source}),
                schema=json.dumps(
                    {"mlflow_tensorspec": {"features": json.dumps([tensor]), "targets": None}}
                ),
                profile=json.dumps({"features_shape": shapes, "sha256": self.digest}),
            ),
            tags=[InputTag("mlflow.data.context", "training")],
        )


def write_files(
    folder: Path, summary: Mapping[str, object], images: Mapping[str, np.ndarray], study_yaml: str
) -> None:
    """Put ``study.json``, ``images.npz`` and ``study.yaml`` into an existing folder."""
    text = json.dumps(finite(summary), ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "study.json").write_text(text, encoding="utf-8")
    (folder / "study.yaml").write_text(study_yaml, encoding="utf-8")
    arrays = {name: np.asarray(array, dtype=np.float32) for name, array in images.items()}
    np.savez_compressed(folder / "images.npz", allow_pickle=False, **arrays)


def finite(value: object) -> object:
    """The same structure in JSON's types, with null for every number that is not finite."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def commit() -> dict[str, str]:
    """The commit of the working directory, where it is a git repository."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=2, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"layerwise.git_commit": found, "mlflow.source.git.commit": found}
