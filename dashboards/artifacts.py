"""The files of an execution in MLflow: the study as it was asked and answered, and its arrays."""

from __future__ import annotations

import json
import logging
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

LOG = logging.getLogger("layerwise.dashboards")
UNREADABLE = (OSError, EOFError, ValueError, zipfile.BadZipFile)
"""What reading a file raises that is gone, cut off, or something else than it says."""


def artifacts(
    client: MlflowClient, parent: Run
) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """An execution's study.json and arrays of images.npz; empty where they are not (yet) there.

    What cannot be read counts as lost: a page without pictures is worth more than none.
    """
    run_id = parent.info.run_id
    names = {item.path for item in client.list_artifacts(run_id)}
    if "study.json" not in names:
        return {}, {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = client.download_artifacts(run_id, "study.json", folder)
            study: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
        except UNREADABLE as error:
            LOG.warning("study.json of the run %s cannot be read: %s", run_id, error)
            return {}, {}
        if "images.npz" not in names:
            return study, {}
        try:
            path = client.download_artifacts(run_id, "images.npz", folder)
            # Opened here: what is no archive would be left open.
            with Path(path).open("rb") as file, np.load(file) as arrays:
                return study, {name: np.asarray(arrays[name], np.float32) for name in arrays}
        except UNREADABLE as error:
            LOG.warning("images.npz of the run %s cannot be read: %s", run_id, error)
            return study, {}
