"""What training takes, from steps that were timed and cohorts that are stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import DataSet
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.calibration import Calibration
from layerwise.platform.plan.pace import MeasuredPace
from layerwise.platform.study import Stage, Study

TABLE = np.random.default_rng(0).random((450, 64), dtype=np.float32)
DATA = DataSet("mine", TABLE, TABLE[:50], TABLE[:50])
# 450 samples in batches of 100 are 5 steps.
STEPS = 5 * 8


def trials() -> list[Trial]:
    rates = {"grid": [0.001 * (1 + number) for number in range(4)]}
    given = {"model": "autoencoder", "learning_rate": rates, "batch_size": 100, "epochs": 8}
    stages = [Stage(name="first", hidden=8, **given), Stage(name="second", hidden=4, **given)]
    study = Study(study="c", data="digits", stages=stages)
    return list(plan(study, Source.of(DATA)).trials())


def stored(cohort: str, width: int, seconds: float) -> dict[str, object]:
    return {"cohort": cohort, "trials_in_cohort": width, "started": 100.0, "ended": 100.0 + seconds}


def test_steps_that_were_timed_earlier_are_used(tmp_path: Path) -> None:
    known = trials()
    calibration = Calibration(tmp_path / "calibration.json")
    times = calibration.measure(known[:4], DATA)
    before = (tmp_path / "calibration.json").read_bytes()
    pace = MeasuredPace(calibration, DATA, known, {})
    assert pace(known[0], 4) == pytest.approx(STEPS * times.seconds[4])
    assert pace(known[0], 3) == pytest.approx(STEPS * times.step(3))
    assert (pace.sources.earlier, pace.sources.now, pace.sources.cohorts) == (1, 0, 0)
    # The other structure is timed now, and nothing is written down.
    assert pace(known[-1], 64) > 0
    assert (pace.sources.earlier, pace.sources.now) == (1, 1)
    assert "2 structures, timed on this machine (1 of them just now)" in str(pace.sources)
    assert (tmp_path / "calibration.json").read_bytes() == before


def test_stored_cohorts_say_how_much_longer_it_took(tmp_path: Path) -> None:
    known = trials()
    calibration = Calibration(tmp_path / "calibration.json")
    times = calibration.measure(known[:4], DATA)
    alone = STEPS * times.seconds[4]
    manifests = {
        **{trial.key: stored("a", 4, 3 * alone) for trial in known[:2]},
        known[2].key: stored("b", 4, 5 * alone),
        known[3].key: stored("c", 4, 4 * alone),
    }
    pace = MeasuredPace(calibration, DATA, known, manifests)
    # The median of 3, 5 and 4 times; the second stage, of which none is stored, goes by the first.
    assert pace(known[0], 4) == pytest.approx(4 * alone)
    assert pace.sources.scale == pytest.approx(4)
    assert "times 4: so long did 3 stored cohorts take" in str(pace.sources)
    plain = MeasuredPace(calibration, DATA, known, {})
    steps = plain(known[-1], 8)
    assert steps > 0
    second = pace(known[-1], 8)
    # Timed twice, by two objects, on a machine that others use.
    assert 4 / 5 < second / steps < 4 * 5
