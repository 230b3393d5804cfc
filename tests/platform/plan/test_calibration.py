"""Whether to fuse, and how wide."""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from layerwise.platform.data import DataSet
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.calibration import LONG_STEP, Calibration, StepTimes, best_width
from layerwise.platform.study import Stage, Study

WIDTHS = (1, 2, 4, 8, 16, 32, 64)
# A step that costs 1 ms whatever its width, and one whose cost is all arithmetic.
OVERHEAD = StepTimes({width: 1e-3 + 1e-6 * width for width in WIDTHS})
ARITHMETIC = StepTimes({width: 0.02 * width for width in WIDTHS})

TABLE = np.random.default_rng(0).random((500, 64), dtype=np.float32)
DATA = DataSet("mine", TABLE, TABLE[:50], TABLE[:50])


def members(count: int = 8) -> list[Trial]:
    rates = [0.001 * (1 + number) for number in range(count)]
    stage = Stage(name="codes", model="autoencoder", hidden=8, learning_rate={"grid": rates})
    study = Study(study="c", data="digits", stages=[stage])
    return list(plan(study, Source.of(DATA)).trials())


def test_overhead_is_shared_by_fusing() -> None:
    assert best_width(24, 2, OVERHEAD, steps=2000) == 24


def test_arithmetic_is_spread_over_workers_instead() -> None:
    assert best_width(24, 2, ARITHMETIC, steps=2000) <= 12


def test_a_second_worker_is_not_started_for_a_moments_work() -> None:
    assert best_width(24, 2, ARITHMETIC, steps=2) == 24


def test_all_workers_of_a_cluster_are_used_where_each_has_enough_to_do() -> None:
    assert best_width(64 * 64, 64, ARITHMETIC, steps=2000) == 64
    assert best_width(640, 64, ARITHMETIC, steps=2000) == 10


@given(trials=st.integers(1, 500), workers=st.integers(1, 64), steps=st.integers(1, 10_000))
def test_a_width_is_never_wider_than_the_trials_or_the_measurements(
    trials: int, workers: int, steps: int
) -> None:
    for times in (OVERHEAD, ARITHMETIC):
        assert 1 <= best_width(trials, workers, times, steps) <= min(trials, 64)


def test_times_between_the_measured_widths_are_by_proportion() -> None:
    times = StepTimes({2: 1.0, 4: 3.0})
    assert times.step(3) == pytest.approx(2.0)
    assert times.step(8) == pytest.approx(6.0)
    assert times.step(1) == pytest.approx(0.5)


def test_a_measurement_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "calibration.json"
    made = Calibration(path).measure(members(), DATA)
    assert set(made.seconds) == {1, 2, 4, 8}
    assert all(seconds > 0 for seconds in made.seconds.values())
    assert Calibration(path).known(members()) == made
    assert Calibration(path, threads=2).known(members()) is None


def test_a_damaged_file_is_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text("{")
    assert Calibration(path).known(members()) is None
    assert Calibration(path).measure(members(2), DATA).seconds


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU to measure on")
def test_the_cpu_does_not_decide_for_a_gpu(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    assert Calibration(path).measure(members(2), DATA) is not None
    elsewhere = Calibration(path, gpu=True)
    assert elsewhere.known(members(2)) is None
    assert elsewhere.measure(members(2), DATA) is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_step_is_timed_on_the_gpu(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path / "calibration.json", gpu=True)
    found = calibration.measure(members(), DATA)
    assert found is not None
    assert set(found.seconds) == {1, 2, 4, 8}
    assert Calibration(calibration.path).known(members()) is None


LITTLE = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from test_calibration import Calibration, DATA, Path, large
said = Path("/proc/self/status").read_text().split("VmData:")[1]
held = int(said.split()[0]) * 1024
for mib in (1, 80):
    resource.setrlimit(resource.RLIMIT_DATA, (held + mib * 2**20, resource.RLIM_INFINITY))
    print(sorted(Calibration(Path("unused")).time(large(), DATA).seconds.items()))
"""


def large() -> list[Trial]:
    """Of which a step takes some ten MiB each."""
    stage = Stage(name="codes", model="autoencoder", hidden=4096, batch_size=10)
    study = Study(study="c", data="digits", seeds=list(range(32)), stages=[stage])
    return list(plan(study, Source.of(DATA)).trials())


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel what the process holds")
def test_a_width_that_does_not_fit_into_memory_is_not_proposed() -> None:
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", LITTLE, here]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    none, few = (dict(literal_eval(line)) for line in said.splitlines())
    assert few.keys() < {1, 2, 4, 8, 16, 32}
    assert 1 in few
    # A single one is left to its worker, which says what it lacks.
    assert none == {1: LONG_STEP}
