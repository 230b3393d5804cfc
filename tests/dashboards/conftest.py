"""One MLflow store (SQLite, made once) that holds the studies which the tests read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

import numpy as np
import pytest
from made_stages import read_out
from made_studies import Made, write

from layerwise.dashboards import frames

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """MLflow's SQL store uses a loader strategy that SQLAlchemy has deprecated."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"))


Record = Callable[[Made], frames.Frames]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``mlflow.db`` and artifacts; it holds the study "crossing"."""
    folder = tmp_path_factory.mktemp("record")
    write(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts" / "crossing", Made())
    return folder


@pytest.fixture(scope="session")
def tracking_uri(home: Path) -> str:
    """The store's address."""
    return f"sqlite:///{home / 'mlflow.db'}"


@pytest.fixture(scope="session")
def crossing(tracking_uri: str) -> frames.Frames:
    """The frames of the study "crossing": 2 × 3 × 2 settings, 3 seeds, 6 epochs."""
    return frames.read(tracking_uri, "crossing")


@pytest.fixture(scope="session")
def record(home: Path, tracking_uri: str) -> Record:
    """Writes one more study into the store, once for each name, and reads it."""
    known: dict[str, frames.Frames] = {}

    def made(study: Made) -> frames.Frames:
        if study.name not in known:
            folder = home / "artifacts" / f"study-{len(known)}"
            write(tracking_uri, folder, study)
            known[study.name] = frames.read(tracking_uri, study.name)
        return known[study.name]

    return made


@pytest.fixture(scope="session")
def one_seed(record: Record) -> frames.Frames:
    """One seed, no images, no controls."""
    return record(Made(name="one seed", seeds=(0,), images=False, controls=False))


@pytest.fixture(scope="session")
def one_trial(record: Record) -> frames.Frames:
    """A single trial."""
    return record(Made(name="one trial", seeds=(0,), swept={"corruption.level": (0.1,)}))


@pytest.fixture(scope="session")
def diverged(record: Record) -> frames.Frames:
    """The crossing with three trials that diverged at epoch 2: one at seed 0, two of another."""
    return record(Made(name="diverged", diverged=frozenset({0, 4, 5})))


@pytest.fixture(scope="session")
def running(record: Record) -> frames.Frames:
    """A study whose first execution has not ended: no study.json yet, 20 of 36 trials."""
    return record(Made(name="running", finished=False, recorded=20))


@pytest.fixture(scope="session")
def two_stages(record: Record) -> frames.Frames:
    """Two stages, the second under the best and the worst of the first."""
    swept = {"corruption.level": (0.0, 0.2, 0.4)}
    return record(Made(name="two stages", stages=("first", "second"), swept=swept))


@pytest.fixture(scope="session")
def widths(record: Record) -> frames.Frames:
    """Four choices of layers, as MLflow has them, crossed with two noise levels."""
    layers = ("[128, 64]", "[64, 32]", "[]", "[32]")
    return record(Made(name="widths", swept={"layers": layers, "corruption.level": (0.0, 0.4)}))


@pytest.fixture(scope="session")
def hostile(record: Record) -> frames.Frames:
    """Names that are markup, and hyperparameters without labels."""
    return record(
        Made(
            name="<img src=x onerror=alert(1)>",
            question="</script><script>alert(2)</script>",
            stages=("<b onclick=alert(3)>codes</b>",),
            swept={
                "corruption.level": (0.0, 0.4),
                "corruption.kind": ("<i>gaussian", "=1+%{x}"),
            },
            labels=False,
        )
    )


@pytest.fixture(scope="session")
def machines(crossing: frames.Frames) -> frames.Frames:
    """The crossing, ranked by a log-likelihood: unreliable at a contraction of 0.1 for seed 2.

    Its bounds there are 5 nats below and 9 above, elsewhere 0.1.
    """
    runs = crossing.runs.copy()
    poor = (runs["contraction.weight"] == 0.1) & (runs["seed"] == 2)
    for split in ("validation", "test"):
        value = -90 - 10 * runs[f"{split}/reconstruction_error"]
        runs[f"{split}/log_likelihood"] = value
        runs[f"{split}/log_likelihood_low"] = value - np.where(poor, 5.0, 0.1)
        runs[f"{split}/log_likelihood_high"] = value + np.where(poor, 9.0, 0.1)
        runs[f"{split}/log_likelihood_reliable"] = np.where(poor, 0.0, 1.0)
    goal = {"metric": "validation/log_likelihood", "direction": "maximize"}
    study = {**crossing.study, "objective": goal}
    return replace(crossing, runs=runs, study=study, memory={})


@pytest.fixture(scope="session")
def readouts(record: Record, tracking_uri: str) -> frames.Frames:
    """Two stages with readouts: the second's codes are told 2 to 4 points better, as seeds go."""
    swept = {"corruption.level": (0.0, 0.2, 0.4)}
    record(Made(name="readouts", stages=("first", "second"), swept=swept, images=False))
    return read_out(tracking_uri, "readouts")
