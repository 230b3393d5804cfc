"""The list of studies: what MLflow's client tells, whichever way it is read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from growing_study import Growing
from mlflow import MlflowClient

from layerwise.dashboards.app.listing import Listed, Listing
from layerwise.dashboards.frames import EXECUTIONS, TRIALS, Frames, search


@pytest.fixture(autouse=True)
def _several(crossing: Frames, hostile: Frames, running: Frames) -> None:
    """A record of more than one study."""


@pytest.fixture(params=["database", "server"])
def listing(
    request: pytest.FixtureRequest, tracking_uri: str, monkeypatch: pytest.MonkeyPatch
) -> Listing:
    """Both ways to the list."""
    made = Listing(tracking_uri)
    if request.param == "server":
        client = MlflowClient(tracking_uri)

        class Asked:
            """MLflow's client as a server's: no database behind it."""

            _tracking_client = type("Tracking", (), {"store": object()})
            search_runs = client.search_runs
            search_experiments = client.search_experiments

        made._client = Asked()  # type: ignore[assignment]
    return made


def by_client(uri: str) -> list[Listed]:
    """The list made of one search per experiment."""
    client = MlflowClient(uri)
    found = []
    for experiment in client.search_experiments():
        number = [experiment.experiment_id]
        ran = search(client, number, EXECUTIONS)[:1]
        trials = len(search(client, number, TRIALS))
        for run in ran:
            found.append(
                Listed(
                    experiment.name,
                    run.data.tags.get("mlflow.note.content", ""),
                    run.info.status.lower(),
                    trials,
                    pd.Timestamp(run.info.start_time, unit="ms", tz="UTC"),
                    experiment.experiment_id,
                )
            )
    return found


def test_every_study_has_its_line_newest_first(listing: Listing, tracking_uri: str) -> None:
    lines = listing.read()
    expected = by_client(tracking_uri)
    assert {line.name for line in lines} >= {"crossing", "running", "<img src=x onerror=alert(1)>"}
    assert sorted(lines, key=lambda line: line.name) == sorted(expected, key=lambda x: x.name)
    begun = [line.started for line in lines]
    assert begun == sorted(begun, reverse=True)  # type: ignore[type-var]
    assert "Default" not in {line.name for line in lines}


def test_a_study_that_grows(listing: Listing, tracking_uri: str, home: Path) -> None:
    name = f"listed {id(listing)}"
    growing = Growing(tracking_uri, home, name)
    for count in range(3):
        line = next(line for line in listing.read() if line.name == name)
        assert (line.state, line.trials) == ("running", count)
        growing.add(count)
    growing.finish(0, 1, 2)
    line = next(line for line in listing.read() if line.name == name)
    assert (line.state, line.trials, line.question) == ("finished", 3, "Does it grow?")
    again = Growing(tracking_uri, home, name, plan="b" * 64)
    again.record.abandon()
    line = next(line for line in listing.read() if line.name == name)
    assert (line.state, line.trials) == ("killed", 3)
    # Trials without an execution are a study, too.
    client = MlflowClient(tracking_uri)
    for run in (growing.parent, again.parent):
        client.delete_run(run)
    line = listing.read()[-1]
    assert (line.name, line.state, line.trials, line.started) == (name, "finished", 3, None)
    client.delete_experiment(line.experiment_id)
    assert name not in {line.name for line in listing.read()}
