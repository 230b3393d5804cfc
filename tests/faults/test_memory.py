"""A cohort does not fit into its worker's memory: it goes on in halves, to the same numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from disturbed import Disturbed, check_record
from running import weights

STUDY = """
study: disturbed
question: Do halves give the same?
data: {{path: {table}, validation: 0.3, test: 0.3}}
seeds: [0, 1, 2, 3, 4, 5, 6, 7]
stages:
  - {{name: wide, model: autoencoder, hidden: 4096, epochs: 1, batch_size: 10}}
"""
# Once a worker has imported what trains, the system gives it that much more and no further.
LIMIT = """
import os, resource, sys, threading, time
def limit():
    # A module is listed from the beginning of its import on, its class from the end.
    while not hasattr(sys.modules.get("layerwise.platform.execution.trial"), "CohortTrainable"):
        time.sleep(0.02)
    said = open("/proc/self/status").read().split("VmData:")[1].split()[0]
    most = int(said) * 1024 + int(os.environ["MIB"]) * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
if any("default_worker" in word for word in sys.orig_argv):
    threading.Thread(target=limit, daemon=True).start()
"""


def _wide(folder: Path, table: Path) -> Disturbed:
    made = Disturbed(folder)
    made.study.write_text(STUDY.format(table=table))
    return made


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    """The study with all the memory there is."""
    folder = tmp_path_factory.mktemp("roomy")
    np.savez(folder / "table.npz", x=np.random.default_rng(0).random((1000, 16)))
    with _wide(folder, folder / "table.npz") as made:
        made.run()
        yield made


@pytest.mark.only_with_rounds
def test_a_cohort_is_out_of_memory(roomy: Disturbed, tmp_path: Path) -> None:
    disturbed = _wide(tmp_path, roomy.folder / "table.npz")
    # Eight trials together never fit; 120 MiB is too little for a single one.
    mib = random.randrange(150, 250)
    folder = tmp_path / "limit"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(LIMIT)
    disturbed.variables |= {"PYTHONPATH": str(folder), "MIB": str(mib)}
    with disturbed:
        _, error = disturbed.end(disturbed.start("--no-report"))
    print(f"{mib} MiB: {[line for line in error.splitlines() if 'memory' in line]}")
    expected, found = weights(roomy.home), weights(disturbed.home)
    assert found.keys() == expected.keys()
    for key, arrays in expected.items():
        for name, array in arrays.items():
            np.testing.assert_allclose(found[key][name], array, rtol=1e-4, atol=1e-5)
    check_record(disturbed.home / "mlflow.db", disturbed.home, trials=8)
