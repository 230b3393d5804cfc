from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.stopping import Halving, Median, Plateau, Stop

ERROR = "validation/reconstruction_error"


def test_rules_are_what_is_written_and_read_back() -> None:
    stop = Stop.of(
        {
            "halving": {"by": "train/loss", "from": 2, "factor": 4},
            "median": {},
            "plateau": {"patience": 3, "tolerance": 0.0},
        }
    )
    assert stop == Stop(Halving("train/loss", "", 2, 4), Median(), Plateau(patience=3, tolerance=0))
    assert list(stop.rules()) == ["halving", "median", "plateau"]
    assert stop.mapping()["halving"] == {"by": "train/loss", "from": 2, "factor": 4}
    assert Stop.of(stop.mapping()) == stop


def test_gaps_are_filled_from_the_objective_and_never_with_a_test_metric() -> None:
    stop = Stop(halving=Halving(), plateau=Plateau(by="train/loss"))
    found = stop.resolved("validation/likelihood", "maximize")
    assert found.halving == Halving("validation/likelihood", "maximize")
    assert found.plateau == Plateau("train/loss", "minimize")
    assert found.median is None
    from_test = Stop(median=Median()).resolved("test/likelihood", "maximize").median
    assert from_test == Median("validation/likelihood", "maximize")


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({}, "stop", "at least one of halving, median, plateau"),
        ("plateau", "study", "Write {plateau: {}}."),
        ({"platea": {}}, "platea", "Did you mean 'plateau'?"),
        ({"plateau": 3}, "stop.plateau", "Write plateau: {patience: 5}."),
        ({"plateau": {"patient": 3}}, "stop.plateau.patient", "Did you mean 'patience'?"),
        ({"plateau": {"patience": 0}}, "stop.plateau.patience", "from 1 to"),
        ({"plateau": {"tolerance": 1}}, "stop.plateau.tolerance", "Write 0.01 for 1 %."),
        ({"halving": {"factor": 1}}, "stop.halving.factor", "from 2 to"),
        ({"halving": {"from": 0.5}}, "stop.halving.from", "must be a whole number"),
        ({"median": {"by": "loss"}}, "stop.median.by", "Did you mean validation/loss?"),
        ({"median": {"by": "test/loss"}}, "stop.median.by", "Write validation/loss."),
        ({"median": {"direction": "up"}}, "stop.median.direction", "minimize, maximize"),
    ],
)
def test_wrong_rules(written: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Stop.of(written)
    assert caught.value.where == where
    assert said in str(caught.value)
