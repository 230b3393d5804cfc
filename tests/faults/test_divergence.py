"""A trial's loss leaves the finite numbers at some step: it alone is lost, and what it feeds.

The learning rate is drawn anew each time, so that the step is another one.
"""

from __future__ import annotations

import math
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from disturbed import Disturbed, check_record
from running import weights

from layerwise.platform.data import load
from layerwise.platform.store import Store
from layerwise.platform.study import Study

STUDY = """
study: disturbed
question: What becomes of the siblings?
data: digits
dtype: float64
stages:
  - name: first
    model: autoencoder
    hidden: 8
    activation: relu
    optimiser: momentum
    learning_rate: {{grid: [{rates}]}}
    epochs: 10
  - {{name: second, model: autoencoder, hidden: 4, epochs: 5}}
"""
TAME = ("0.001", "0.002")


@pytest.fixture(scope="module")
def siblings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    """The study without the trial that is lost."""
    with Disturbed(tmp_path_factory.mktemp("siblings")) as made:
        made.study.write_text(STUDY.format(rates=", ".join(TAME)))
        made.run()
        yield made


@pytest.mark.only_with_rounds
def test_a_trial_diverges(siblings: Disturbed, tmp_path: Path) -> None:
    wild = f"{10 ** random.uniform(2, 12):.3e}"
    rates = [*TAME, wild]
    random.shuffle(rates)
    with Disturbed(tmp_path) as disturbed:
        disturbed.study.write_text(STUDY.format(rates=", ".join(rates)))
        printed, _ = disturbed.end(disturbed.start("--no-report"), code=1)
    plan = printed["plan"]
    assert (plan["trained"], plan["diverged"], plan["skipped"]) == (5, 1, 1)
    store = Store(disturbed.home / "store")
    manifests = {key: store.manifest(key) for key in store.keys()}  # noqa: SIM118
    [lost] = [m for m in manifests.values() if m["diverged_at"] is not None]
    print(f"learning rate {wild} left the finite numbers at step {lost['diverged_step']}")
    assert lost["settings"]["learning_rate"] == float(wild)
    samples = len(load(Study.of(yaml.safe_load(disturbed.study.read_text())).data).train)
    steps = math.ceil(samples / lost["settings"]["batch_size"])
    assert math.ceil((lost["diverged_step"] + 1) / steps) == lost["diverged_at"]
    expected, found = weights(siblings.home), weights(disturbed.home)
    assert expected.keys() < found.keys()
    for key, arrays in expected.items():
        for name, array in arrays.items():
            np.testing.assert_allclose(found[key][name], array, rtol=1e-10, atol=1e-10)
    check_record(disturbed.home / "mlflow.db", disturbed.home, trials=5)
    with sqlite3.connect(disturbed.home / "mlflow.db") as record:
        failed = record.execute(
            "SELECT tags.value FROM runs JOIN tags USING (run_uuid) "
            "WHERE status = 'FAILED' AND key = 'layerwise.diverged_at'"
        ).fetchall()
    assert failed == [(str(lost["diverged_at"]),)]
