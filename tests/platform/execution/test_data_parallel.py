"""Cohorts that several workers train together, on a real Ray."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_one_session import Heard, execution, run
from without_ray import finish, schedule

from layerwise.platform.execution.entries import entry_key
from layerwise.platform.execution.memory import DoesNotFit
from layerwise.platform.execution.ray_session import RaySession
from layerwise.platform.store import Store

# A sparse code compares means over whole batches. The last batch of an epoch is a smaller one.
SHARED: dict[str, Any] = {
    "study": "shared",
    "data": {"name": "digits", "validation": 0.15, "test": 0.15},
    "seeds": [0, 1],
    "dtype": "float64",
    "stages": [
        {
            "name": "first",
            "model": "sparse_autoencoder",
            "hidden": 12,
            "sparsity": {"weight": {"grid": [0.0, 0.1]}},
            "corruption": {"kind": "masking", "level": 0.2},
            "epochs": 4,
            "stop": {
                "halving": {
                    "by": "validation/reconstruction_error",
                    "direction": "minimize",
                    "from": 2,
                    "factor": 2,
                }
            },
        }
    ],
    "resources": {"workers": 2, "cpus_per_worker": 1},
}


@pytest.mark.slow
def test_two_workers_train_what_one_trains(ray_session: RaySession, tmp_path: Path) -> None:
    made, heard = execution(tmp_path / "home", SHARED), Heard()
    outcome = run(ray_session, made, heard)
    assert len(outcome.trained) == 4
    assert [len(cohort.trials) for cohort in heard.started_] == [4]

    alone = Store(tmp_path / "alone")
    cohort = schedule(made.study, made.data).next()
    assert cohort is not None
    finish(cohort, made.data, alone)
    # Half of the settings lost at epoch 2, in the same way.
    assert sum(manifest["stopped_at"] == 2 for manifest in outcome.manifests.values()) == 2
    for trial in cohort.trials:
        key = entry_key(trial, alone)
        assert key is not None
        theirs, ours = made.store.read(key), alone.read(key)
        for name, array in ours.weights.items():
            found = theirs.weights[name]
            np.testing.assert_allclose(found, array, rtol=1e-10, atol=1e-12, err_msg=name)
        histories = theirs.manifest["history"], ours.manifest["history"]
        assert histories[0].keys() == histories[1].keys()
        for name, points in histories[1].items():
            np.testing.assert_allclose(histories[0][name], points, rtol=1e-8, err_msg=name)


@pytest.mark.slow
def test_what_a_worker_lacked_is_told_by_the_driver(ray_session: RaySession) -> None:
    # Imported only when the session has set what Ray reads.
    from ray.train import WorkerGroupError

    from layerwise.platform.execution.data_parallel import lacked

    unfit = pickle.loads(pickle.dumps(DoesNotFit("it asked for 3 MiB more")))
    assert lacked(WorkerGroupError("", {0: ValueError(), 1: unfit})) == "it asked for 3 MiB more"
    ended = RuntimeError("1 worker(s) were killed due to the node running low on memory.")
    found = lacked(WorkerGroupError("", {1: ended}))
    assert found is not None
    assert found.startswith("Ray ended its worker")
    assert lacked(WorkerGroupError("", {0: ValueError("memory")})) is None
