"""The likelihood of real machines: exact ones are trusted, a poor estimate is called unreliable."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from without_ray import train

from layerwise.platform.answer.ranking import Ranked, ranked, verdict
from layerwise.platform.commands.answer_table import settings
from layerwise.platform.data import load
from layerwise.platform.execution.execution import tracked
from layerwise.platform.plan.rehearsal import rehearse
from layerwise.platform.store import Store
from layerwise.platform.study import Study

METRIC = "validation/log_likelihood"
# Twelve hidden units can be enumerated; with thirty, two temperatures are far too few.
MACHINES: dict[str, Any] = {
    "study": "machines",
    "data": "digits",
    "seeds": [0, 1],
    "stages": [
        {
            "name": "machine",
            "model": "bernoulli_rbm",
            "hidden": {"grid": [12, 30]},
            "annealing": {"temperatures": 2, "chains": 10},
            "epochs": 10,
        }
    ],
    "objective": {"maximize": METRIC},
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Ranked]:
    """The machines by their hidden units."""
    study = Study(**MACHINES)
    rehearse(study, load(study.data))
    outcome = train(study, Store(tmp_path_factory.mktemp("store")))
    for trial in outcome.plan.trials():
        tags = tracked(trial, outcome.manifests[trial.key], reused=False).tags("")
        # What is exact is trusted; the estimate beside it is as poor as the other.
        told = tags["layerwise.unreliable"]
        assert ("annealed" in told) == (trial.settings["hidden"] == 12)
        assert METRIC.partition("/")[2] in told
    return {row.values["hidden"]: row for row in ranked(study, outcome)}


def test_an_exact_likelihood_is_trusted(rows: dict[int, Ranked]) -> None:
    exact = rows[12]
    assert set(exact.doubts) == {f"{METRIC}_annealed", "test/log_likelihood_annealed"}
    assert -64.0 < exact.objective.mean < -10.0
    assert exact.mapping()["metrics"][METRIC]["reliable"] is True  # type: ignore[index]
    assert f"Its {METRIC} is unreliable" not in verdict(exact, [])
    assert f"Its {METRIC}_annealed is unreliable" in verdict(exact, [])


def test_a_poor_estimate_is_unreliable_wherever_it_is_shown(rows: dict[int, Ranked]) -> None:
    poor = rows[30]
    assert set(poor.doubts) == {METRIC, "test/log_likelihood"}
    found = poor.doubts[METRIC]
    assert found.high - found.low > 1.0
    told = poor.mapping()["metrics"][METRIC]  # type: ignore[index]
    assert (told["reliable"], told["bounds"]) == (False, [found.low, found.high])
    assert f"Its {METRIC} is unreliable: " in verdict(poor, [])
    console = Console(file=io.StringIO(), width=160, highlight=False)
    settings(console, list(rows.values()), METRIC, "maximize")
    assert isinstance(console.file, io.StringIO)
    by_units = {line.split()[1]: line for line in console.file.getvalue().splitlines()[2:]}
    assert by_units["30"].count("unreliable: ") == 2
    assert "unreliable" not in by_units["12"]
