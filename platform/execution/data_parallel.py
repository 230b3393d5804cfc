"""A cohort that several workers train together: Ray Train inside a Tune trial.

The trial is a driver that starts the workers and passes on what they report. Each worker runs the
cohort as one worker alone would, but takes its share of every batch (``models/data_parallel.py``);
the first one stores the result. Starting them takes tens of seconds, so this is for cohorts that
train for longer than that.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import ray
import torch.distributed as distributed
from ray import tune
from ray.train import FailureConfig, RunConfig, ScalingConfig, WorkerGroupError, report
from ray.train.torch import TorchConfig, TorchTrainer, get_device
from ray.tune.integration.ray_train import TuneReportCallback

from ...models.allocation import out_of_memory
from ...models.data_parallel import SharedBatches
from ..data import DataSet
from ..store.store import Store
from ..study.terms import Resources
from .cohort_run import CohortRun
from .device import claim, use_threads
from .memory import DoesNotFit, ended_for_memory, shortage
from .trial import REPORT_SECONDS, progress

# The driver computes nothing, but Tune wants it to need something.
DRIVER = {"cpu": 0.0, "memory": 2.0**20}


def train_together(
    config: dict[str, Any],
    data: list[ray.ObjectRef[DataSet]],
    store: str,
    rungs: str,
    resources: Resources,
    folder: str,
) -> None:
    """Train the cohort in ``config["cohort"]``; a Tune function.

    Args:
        config: as the searcher suggests it.
        data: the data set, one reference into the object store.
        store, rungs: as for one worker.
        resources: how many workers, and what each of them needs.
        folder: for Ray Train's own files, which nothing here reads back.
    """
    cpus, gpus = resources.cpus_per_worker or 0.0, resources.gpus_per_worker or 0.0
    trainer = TorchTrainer(
        _work,
        train_loop_config={
            "cohort": config["cohort"],
            # In a list it stays a reference, which every worker resolves on its own node.
            "data": data,
            "store": store,
            "rungs": rungs,
            "cpus": cpus,
            "gpus": gpus,
        },
        scaling_config=ScalingConfig(
            num_workers=resources.workers,
            use_gpu=gpus > 0,
            resources_per_worker={"CPU": cpus} | ({"GPU": gpus} if gpus else {}),
        ),
        # NCCL wants a whole GPU for each of its ends.
        torch_config=TorchConfig(backend="nccl" if gpus >= 1 else "gloo"),
        run_config=RunConfig(
            name=f"{config['cohort'].name}-{uuid.uuid4().hex[:8]}",
            storage_path=folder,
            callbacks=[TuneReportCallback()],  # type: ignore[no-untyped-call,list-item]
            # A lost worker is the searcher's matter, as it is with one worker.
            failure_config=FailureConfig(max_failures=0),
        ),
    )
    try:
        trainer.fit()
    except WorkerGroupError as error:
        said = lacked(error)
        if said is None:
            raise
        tune.report({"did_not_fit": said})


def _work(config: dict[str, Any]) -> None:
    """What every worker does, in step with the others."""
    use_threads(config["cpus"])
    # Ray Train shows a worker the GPUs of all workers on its node, and knows which one is its own.
    device = claim(get_device(), config["gpus"])
    group = distributed.group.WORLD
    assert group is not None  # Ray Train has made it
    try:
        run = CohortRun(
            config["cohort"],
            ray.get(config["data"][0]),
            Store(Path(config["store"])),
            device,
            Path(config["rungs"]),
            SharedBatches(group, device),
        )
        done = False
        while not done:
            done = run.advance(REPORT_SECONDS)
            report(progress(run) | {"done": False})
    except Exception as error:
        if out_of_memory(error):
            raise shortage(error, device) from error
        raise


def lacked(error: WorkerGroupError) -> str | None:
    """What a worker lacked; None where none of them failed for want of memory."""
    for failure in error.worker_failures.values():
        if isinstance(failure, DoesNotFit):
            return str(failure)
        said = ended_for_memory(str(failure))
        if said is not None:
            return said
    return None
