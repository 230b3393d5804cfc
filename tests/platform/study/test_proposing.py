from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.proposing import Proposals

ERROR, LOSS = "validation/reconstruction_error", "train/loss"


def test_a_search_is_what_is_written_and_reads_back() -> None:
    for written in (
        {"trials": 20},
        {"trials": 6, "sampler": "random", "at_once": 2, "seed": 7, "by": LOSS},
        {"trials": 6, "by": [ERROR, LOSS], "direction": ["minimize", "maximize"]},
        {"trials": 6, "by": [ERROR, LOSS], "direction": "maximize"},
    ):
        search = Proposals.of(written)
        assert Proposals.of(search.mapping()) == search
    assert Proposals.of({"trials": 3, "by": LOSS}).mapping() == {
        "sampler": "tpe", "trials": 3, "at_once": 4, "by": LOSS, "seed": 0,
    }  # fmt: skip


def test_inside_a_study_every_metric_has_its_direction() -> None:
    def resolved(**written: Any) -> list[tuple[str, str]]:
        found = Proposals(3, **written).resolved(ERROR, "maximize")
        return list(zip(found.by, found.direction, strict=True))

    assert resolved() == [(ERROR, "maximize")]
    assert resolved(by=LOSS) == [(LOSS, "minimize")]
    assert resolved(by=[LOSS, ERROR]) == [(LOSS, "minimize"), (ERROR, "maximize")]
    assert resolved(by=[LOSS, ERROR], direction="minimize") == [
        (LOSS, "minimize"),
        (ERROR, "minimize"),
    ]


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({}, "study", "needs the key 'trials'"),
        (20, "study", "Write {sampler: tpe, trials: 20}."),
        ({"trial": 20}, "trial", "Did you mean 'trials'?"),
        ({"trials": 0}, "search.trials", "from 1 to"),
        ({"trials": 4, "sampler": "tpee"}, "search.sampler", "Did you mean tpe?"),
        ({"trials": 4, "at_once": 0}, "search.at_once", "from 1 to"),
        ({"trials": 4, "seed": -1}, "search.seed", "from 0 to"),
        ({"trials": 4, "by": "loss"}, "search.by", "Did you mean validation/loss?"),
        ({"trials": 4, "by": []}, "search.by", "at least one"),
        ({"trials": 4, "by": [LOSS, "x"]}, "search.by[1]", "Did you mean validation/x?"),
        ({"trials": 4, "by": [LOSS, LOSS]}, "search.by[1]", "must be distinct"),
        ({"trials": 4, "direction": "min"}, "search.direction", "one of minimize, maximize"),
        (
            {"trials": 4, "by": LOSS, "direction": ["minimize", "maximize"]},
            "search.direction",
            "one for each of the 1 metrics",
        ),
    ],
)
def test_wrong_searches(written: Any, where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Proposals.of(written)
    assert caught.value.where == where
    assert said in str(caught.value)
