from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study.promotion import Keep


def test_a_rule_reads_back() -> None:
    for rule in (
        Keep(2),
        Keep(fraction=0.25, by="train/loss", direction="maximize"),
        Keep(best=3, value="descendants"),
    ):
        assert Keep.of(rule.mapping()) == rule
    assert Keep(2).mapping() == {"best": 2}


@pytest.mark.parametrize(
    ("fraction", "settings", "kept"),
    [(0.25, 4, 1), (0.25, 7, 1), (0.25, 8, 2), (0.1, 3, 1), (0.29, 100, 29), (0.999, 1, 1)],
)
def test_a_fraction_is_rounded_down_but_something_goes_on(
    fraction: float, settings: int, kept: int
) -> None:
    assert Keep(fraction=fraction).count(settings) == kept


def test_no_more_go_on_than_there_are() -> None:
    assert Keep(5).count(3) == 3


@pytest.mark.parametrize(
    ("written", "where", "said"),
    [
        ({}, "keep", "Write {best: 2} or {fraction: 0.25}."),
        ({"best": 2, "fraction": 0.5}, "keep", "exactly one of best and fraction"),
        ({"fraction": 25}, "keep.fraction", "Write 0.25 for 25 %."),
        ({"fraction": 1.0}, "keep.fraction", "between 0 and 1, both excluded"),
        ({"fracton": 0.5}, "fracton", "Did you mean 'fraction'?"),
        ({"best": 1, "value": "descendant"}, "keep.value", "Did you mean descendants?"),
        ({"best": 1.0}, "keep.best", "Write 1."),
    ],
)
def test_wrong_rules(written: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        Keep.of(written)
    assert caught.value.where == where
    assert said in str(caught.value)
