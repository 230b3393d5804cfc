"""An embedded Ray on this machine, or a cluster that is there already.

Starting Ray takes seconds in which this process mostly waits, so it starts in a thread, beside
whatever else is to be made ready; stopping it happens the same way, beside the report.
"""

from __future__ import annotations

import gc
import logging
import os
import secrets
import threading
from importlib import import_module
from types import TracebackType
from typing import Self

import torch

from ...dashboards.collector import collector_paused
from ..errors import ClusterError, StudyError

# Set before Ray is first imported, which reads them once; and for every worker on a cluster.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # The store keeps histories, and is what resume trusts: none of Tune's own files are read.
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "3600",
    # The command line handles interrupts itself: a first one ends cleanly, a second one at once.
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    # Workers inherit these: a step's buffers are kept for the next one instead of being given back
    # to the system and faulted in again, a tenth of a small cohort's time.
    "MALLOC_TRIM_THRESHOLD_": str(2**28),
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
}

LOCAL = "local"

# Set by Ray where this process is the driver of a job that was submitted to a cluster.
_JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"

# Read by Ray's own processes.
_SYSTEM = {
    # Workers prepared in advance are not the ones that actors get, and cost a core.
    "prestart_worker_first_driver": False,
    # Nobody collects a Ray of our own's metrics; its agents start sooner without.
    "enable_metrics_collection": False,
    # The raylet asks for the object store's socket before it is there, every other time; Ray's
    # default is to ask again a second later, ten times.
    "raylet_client_connect_timeout_milliseconds": 50,
    "raylet_client_num_connect_attempts": 200,
}

# The data set travels through it, once. Ray's default, a third of the memory, takes a second more
# to start; what does not fit is spilled to the disk.
_OBJECT_STORE_BYTES = 2**30


class RaySession:
    """``with RaySession(address) as session: session.start(); …; session.wait(); …``.

    Args:
        address: ``local`` starts a Ray of our own; anything else is a cluster to join.
        cpus: how many CPUs a Ray of our own has; all of them by default.
        gpus: how many GPUs a Ray of our own has; those that torch sees by default.
    """

    def __init__(
        self, address: str = LOCAL, cpus: int | None = None, gpus: int | None = None
    ) -> None:
        self.address = address
        self.cpus = cpus or os.cpu_count() or 1
        self.gpus = gpus
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._error: BaseException | None = None

    def check(self, cpus: float, gpus: float) -> None:
        """Refuse what a Ray of our own could never give: it would be waited for for ever.

        Raises:
            StudyError: a cohort asks for more than this machine has.
        """
        if self.address != LOCAL:
            return
        if cpus > self.cpus:
            raise StudyError("resources.cpus", f"must be at most this machine's {self.cpus}", cpus)
        if gpus > self._held_gpus:
            rule = f"must be at most this machine's {self._held_gpus}"
            remedy = "Write gpus: 0, or join a cluster with --address."
            raise StudyError("resources.gpus", rule, gpus, remedy)

    def start(self) -> None:
        """Begin to start; returns as soon as Ray is imported, a cluster to join also joined."""
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        if self.address == LOCAL and "RAY_AUTH_TOKEN" not in os.environ:
            # Ray's services listen on all interfaces; without the token they answer nobody.
            os.environ.setdefault("RAY_AUTH_MODE", "token")
            os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
        elif os.environ.get("RAY_AUTH_TOKEN"):
            os.environ.setdefault("RAY_AUTH_MODE", "token")
        with collector_paused(kept=True):
            import_module("ray")
        self._thread = threading.Thread(target=self._live, name="layerwise-ray", daemon=True)
        self._thread.start()
        if self.address != LOCAL:
            self.wait()

    @property
    def _held_gpus(self) -> int:
        return torch.cuda.device_count() if self.gpus is None else self.gpus

    @property
    def joins(self) -> bool:
        """Whether it joins a cluster, rather than starting a Ray of its own."""
        return self.address != LOCAL

    @property
    def started(self) -> bool:
        """Whether Ray was asked to start."""
        return self._thread is not None

    def wait(self) -> None:
        """Wait until Ray answers; returns at once where it was not started.

        Raises:
            ClusterError: no cluster answers at the address, or it refuses the token.
            whatever else Ray raised.
        """
        if self._thread is None:
            return
        self._ready.wait()
        if self._error is None:
            return
        if self.address != LOCAL and isinstance(self._error, _refusals()):
            said = str(self._error).strip().partition("\n")[0]
            remedy = "Check the address and RAY_AUTH_TOKEN, and that the cluster is up."
            raise ClusterError(
                f"--address {self.address}", "must be a Ray cluster to join", said, remedy
            ) from self._error
        raise self._error

    def workers(self, cpus: float, gpus: float) -> int:
        """How many cohorts can train side by side."""
        if self.address == LOCAL:
            held_cpus, held_gpus = float(self.cpus), float(self._held_gpus)
        else:
            import ray

            total: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
            held_cpus, held_gpus = total.get("CPU", 1.0), total.get("GPU", 0.0)
        fit = held_cpus / cpus
        return max(1, int(min(fit, held_gpus / gpus) if gpus else fit))

    def stop(self) -> None:
        """Begin to stop; returns before Ray has."""
        if self._stop.is_set():
            return
        if self._ready.is_set() and self._error is None:
            # Tune leaves handles of actors in cycles. Were the garbage collector to find them while
            # Ray shuts down in its own thread, Ray's core would end this process with code 1.
            gc.disable()
        self._stop.set()

    def wait_for_end(self) -> None:
        """Stop, and wait until Ray has; another one may then be started in this process."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Not waited for: Ray's processes are told to end, and those that linger end with this one.
        self.stop()

    def _live(self) -> None:
        # One thread from start to stop: Ray's processes are tied to the thread that made them,
        # and the kernel ends them with it.
        try:
            import ray

            own = self.address == LOCAL
            # A job's workers have them from the job, and Ray refuses to be told twice.
            told = own or _JOB in os.environ
            ray.init(
                address=self.address,
                num_cpus=self.cpus if own else None,
                num_gpus=self.gpus if own else None,
                include_dashboard=False if own else None,
                object_store_memory=_OBJECT_STORE_BYTES if own else None,
                _system_config=_SYSTEM if own else None,
                runtime_env=None if told else {"env_vars": ENVIRONMENT},
                configure_logging=False,
                log_to_driver=False,
                logging_level=logging.WARNING,
            )
        except BaseException as error:
            # Carried over to the thread that waits.
            self._error = error
            self._ready.set()
            return
        self._ready.set()
        self._stop.wait()
        ray.shutdown()
        gc.enable()


def _refusals() -> tuple[type[BaseException], ...]:
    from ray.exceptions import AuthenticationError

    return ConnectionError, AuthenticationError
