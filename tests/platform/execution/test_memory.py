"""Cohorts that do not fit into memory: the system refuses it, or Ray ends the worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import little_memory
import numpy as np
import pytest
import torch
from in_one_session import Heard, execution

from layerwise.models.allocation import out_of_memory
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.execution.memory import ended_for_memory, forget, shortage
from layerwise.platform.execution.ray_session import RaySession

CPU = torch.device("cpu")
# As Ray 2.60 says it of a worker that it ended, of a node with 4 GB.
ENDED = (
    "Failure # 1 (occurred at 2026-01-01_00-00-00)\n1 worker(s) were killed due to the node "
    "running low on memory. Memory on the node (IP: 10.0.0.2, ID: dcb6) was 3.91GB used / 4.00GB "
    "limit (0.977500)\nOOM kill reason: Memory usage exceeded threshold"
)


def test_it_is_said_what_was_asked_for_and_what_was_held() -> None:
    for ask in (lambda: torch.empty(2**45, dtype=torch.uint8), lambda: np.empty(2**45, np.uint8)):
        with pytest.raises((RuntimeError, MemoryError)) as refused:
            ask()
        assert out_of_memory(refused.value)
        said = str(shortage(refused.value, CPU))
        assert "it asked for 32768.0 GiB more while its worker held " in said
        assert said.endswith("iB of memory")
    forget(CPU)


def test_an_error_without_a_number_still_says_what_was_held() -> None:
    assert str(shortage(MemoryError(), CPU)).startswith("it asked for more while its worker held")


def test_a_worker_that_ray_ended_for_memory_is_told_from_others() -> None:
    said = ended_for_memory(ENDED)
    assert said is not None
    assert "3.91GB of 4.00GB in use" in said
    assert ended_for_memory("ray.exceptions.RayActorError: The actor died unexpectedly") is None


def run(
    session: RaySession, home: Path, mib: int, seeds: int, **stage: Any
) -> tuple[Outcome, Heard]:
    """Train seeds of one setting in one cohort, by workers that may take so much memory.

    What is refused should be large, as measuring many samples is: then enough is left for Ray's own
    threads, which share the limit.
    """
    table = home.with_suffix(".npz")
    np.savez(table, x=np.random.default_rng(0).random((1000, 16)))
    study: Mapping[str, Any] = {
        "study": "large",
        "data": {"path": str(table), "validation": 0.3, "test": 0.3},
        "seeds": list(range(seeds)),
        "stages": [{"name": "wide", "model": "autoencoder", "epochs": 1, "batch_size": 20} | stage],
    }
    made, heard = execution(home, study), Heard()
    # Only now: the session sets what Ray reads when it is first imported.
    from ray import cloudpickle

    # Workers do not have the tests on their path.
    cloudpickle.register_pickle_by_value(little_memory)
    made.data = little_memory.demanding(made.data, mib)
    made.prepare(session)
    return made.run(session, heard, heard.record), heard  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_cohort_that_does_not_fit_goes_on_as_two(ray_session: RaySession, tmp_path: Path) -> None:
    outcome, heard = run(ray_session, tmp_path / "home", mib=600, seeds=8, hidden=16384)
    assert not outcome.failed
    assert len(outcome.trained) == 8
    assert heard.halved_
    assert heard.halved_[0].startswith("it asked for ")
    # How many trials were fused at first is decided by timing a step; fewer of them fit.
    widths = [manifest["trials_in_cohort"] for manifest in outcome.manifests.values()]
    assert min(widths) <= len(heard.started_[0].trials) / 2


@pytest.mark.slow
def test_a_single_trial_that_does_not_fit_fails_and_says_so(
    ray_session: RaySession, tmp_path: Path
) -> None:
    outcome, heard = run(ray_session, tmp_path / "home", mib=150, seeds=1, hidden=65536)
    assert not outcome.trained
    [cause] = outcome.failed.values()
    assert cause.startswith("a single trial does not fit into memory: it asked for ")
    assert "smaller `hidden`" in cause
    assert heard.failed_ == [cause]
