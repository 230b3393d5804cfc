"""What the record refused is kept whole, and written later exactly once."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient
from recording import PLAN, STUDY, execute, home, record, runs, summary, told, trial, uri

from layerwise.models import create
from layerwise.platform.errors import TrackingError
from layerwise.platform.tracking.served_model import ServedModel
from layerwise.platform.tracking.spool import Execution, Spool
from layerwise.platform.tracking.tracked_execution import TrackedData

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

NAME = "e1" * 16
ODD = {
    "train/loss": [(0, 2.5), (1, float("nan")), (2, float("inf"))],
    "validation/reconstruction_error": [(0, 0.1 + 0.2)],
}


def execution(**changes: Any) -> Execution:
    fields: dict[str, Any] = {
        "name": NAME,
        "study": STUDY,
        "plan_key": PLAN,
        "tags": {"layerwise.version": "0.1.0", "layerwise.execution": NAME},
        "question": "Is it kept?",
        "started": 1_790_000_000.5,
        "ended": 1_790_000_010.25,
        "status": "FINISHED",
        "summary": {"study": STUDY, "best": np.float32(0.5), "lost": float("nan")},
        "images": {"best/clean": np.ones((2, 8, 8))},
        "metrics": {"trials": 2.0, "seconds/total": 4.5},
        "study_yaml": f"study: {STUDY}\n",
        "dataset": TrackedData("digits", "ab" * 32, "scikit-learn", {"train": 1258}, 64),
    }
    return Execution(**(fields | changes))


def test_what_was_kept_is_written_as_it_would_have_been(tmp_path: Path) -> None:
    trials = [trial(0), trial(1, diverged_at=2, history=ODD, params={"a": [1, 2], "b": None})]
    network = create("autoencoder", visible=6, hidden=2)
    network.save(tmp_path / "network")
    model = ServedModel(tmp_path / "network", 6, "best", {"key": trial(0).key})
    spool, place = Spool(tmp_path / "spool"), home(tmp_path / "home")
    spool.keep(execution(model=model), iter(trials))
    shutil.rmtree(tmp_path / "network")
    assert spool.waiting() == {STUDY: [NAME]}
    assert spool.write(NAME, uri(place), place / "artifacts") == 2
    assert spool.waiting() == {}

    execute(other := home(tmp_path / "other"), trials)
    expected, found = told(uri(other)), told(uri(place))
    for one in (*expected.values(), *found.values()):
        one["info"].pop("artifact_uri")
    assert found == expected
    (run,) = runs(uri(place), "study")
    assert (run.info.status, run.info.start_time) == ("FINISHED", 1_790_000_000_500)
    assert run.info.end_time == 1_790_000_010_250
    assert run.data.metrics == {"trials": 2.0, "seconds/total": 4.5}
    assert summary(uri(place), run.info.run_id) == {"study": STUDY, "best": 0.5, "lost": None}
    client = MlflowClient(uri(place))
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert files == {"study.json", "study.yaml", "images.npz"}
    held = client.get_run(run.info.run_id)
    assert len(held.inputs.dataset_inputs) == len(held.outputs.model_outputs) == 1


def everything(place: Path) -> tuple[Any, Any]:
    """All that the record says, of trials and of executions."""
    client = MlflowClient(uri(place))
    parents = []
    for run in runs(uri(place), "study"):
        points = [client.get_metric_history(run.info.run_id, name) for name in run.data.metrics]
        parents.append((dict(run.info), run.data.tags, [list(map(dict, p)) for p in points]))
    return told(uri(place)), parents


def test_written_a_second_time_it_adds_nothing(tmp_path: Path) -> None:
    spool, place = Spool(tmp_path / "spool"), home(tmp_path / "home")
    folder = spool.keep(execution(), [trial(0), trial(1)])
    shutil.copytree(folder, tmp_path / "copy")
    spool.write(NAME, uri(place), place / "artifacts")
    before = everything(place)
    # As if the machine had stopped between the last write and the removal.
    shutil.copytree(tmp_path / "copy", folder)
    spool.write(NAME, uri(place), place / "artifacts")
    assert everything(place) == before


def test_what_the_record_began_is_completed(tmp_path: Path) -> None:
    spool, place = Spool(tmp_path / "spool"), home(tmp_path / "home")
    begun = record(place)
    begun.open(PLAN, execution().tags, "Is it kept?")
    begun.log_trials([trial(0)])
    spool.keep(execution(), [trial(0), trial(1)])
    spool.write(NAME, uri(place), place / "artifacts")
    (run,) = runs(uri(place), "study")
    assert run.info.status == "FINISHED"
    assert len(told(uri(place))) == 2


_WRITE = """
import sys
from pathlib import Path
from layerwise.platform.tracking.spool import Spool
print("at it", flush=True)
Spool(Path(sys.argv[1])).write(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
"""


def test_killed_while_it_writes_and_asked_again(tmp_path: Path) -> None:
    spool, place = Spool(tmp_path / "spool"), home(tmp_path / "home")
    trials = [trial(number) for number in range(30)]
    spool.keep(execution(), trials)
    words = [str(spool.folder), NAME, uri(place), str(place / "artifacts")]
    process = subprocess.Popen([sys.executable, "-c", _WRITE, *words], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    moment = random.uniform(0.5, 4.0)
    print(f"killed after {moment:.2f} s")
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if spool.waiting():
        spool.write(NAME, uri(place), place / "artifacts")
    execute(undisturbed := home(tmp_path / "undisturbed"), trials)
    expected, found = told(uri(undisturbed)), told(uri(place))
    assert {key: one["points"] for key, one in found.items()} == {
        key: one["points"] for key, one in expected.items()
    }
    (run,) = runs(uri(place), "study")
    assert run.info.status == "FINISHED"
    client = MlflowClient(uri(place))
    assert all(
        len(client.get_metric_history(run.info.run_id, name)) == 1 for name in run.data.metrics
    )


def test_two_at_once_are_told_apart(tmp_path: Path) -> None:
    spool, place = Spool(tmp_path / "spool"), home(tmp_path / "home")
    folder = spool.keep(execution(), [trial(0)])
    lock = "import fcntl, os, sys; f = os.open(sys.argv[1], 0); fcntl.flock(f, fcntl.LOCK_EX); "
    lock += "print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", lock, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(TrackingError, match="another one that is at it"):
            spool.write(NAME, uri(place), place / "artifacts")
        other.kill()
    spool.write(NAME, uri(place), place / "artifacts")
    with pytest.raises(TrackingError, match="perhaps it has just been written"):
        spool.write(NAME, uri(place), place / "artifacts")


def test_a_record_that_is_still_away_leaves_it_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    spool, away = Spool(tmp_path / "spool"), tmp_path / "file" / "home"
    spool.keep(execution(), [trial(0)])
    with pytest.raises(TrackingError, match="stays in the spool"):
        spool.write(NAME, uri(away), away / "artifacts")
    assert spool.waiting() == {STUDY: [NAME]}


@pytest.mark.parametrize("name", ["manifest.json", "trials.jsonl", "ending.json"])
def test_a_damaged_one_is_said(tmp_path: Path, name: str) -> None:
    spool, place = Spool(tmp_path / "spool"), home(tmp_path / "home")
    path = spool.keep(execution(), [trial(0)]) / name
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(TrackingError, match="must be as it was written"):
        spool.write(NAME, uri(place), place / "artifacts")
    assert not MlflowClient(uri(place)).get_experiment_by_name(STUDY)


def test_a_full_disk_keeps_nothing(small_disk: Path) -> None:
    spool = Spool(small_disk / "spool")
    with pytest.raises(OSError, match="No space left"):
        spool.keep(execution(study_yaml="x" * 2**21), [trial(0)])
    assert spool.waiting() == {}
    spool.keep(execution(), [trial(0)])
    assert spool.waiting() == {STUDY: [NAME]}
