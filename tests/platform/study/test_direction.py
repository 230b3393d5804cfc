from __future__ import annotations

import pytest

from layerwise.platform.study.direction import check_goal, filled
from layerwise.platform.study.validation import InvalidStudyError, Problems


def test_gaps_are_filled_from_the_objective_and_its_direction_counts_for_its_metric_only() -> None:
    assert filled("", "", "test/likelihood", "maximize") == ("test/likelihood", "maximize")
    assert filled("train/loss", "", "test/likelihood", "maximize") == ("train/loss", "minimize")
    assert filled("", "minimize", "test/likelihood", "maximize") == ("test/likelihood", "minimize")


def test_what_is_no_metric_and_what_is_no_direction() -> None:
    problems = Problems()
    check_goal(problems, "", "")
    assert not problems.found
    check_goal(problems, "loss", "minimise")
    with pytest.raises(InvalidStudyError) as caught:
        problems.raise_any()
    assert caught.value.places == ("by", "direction")
    assert "Did you mean minimize?" in str(caught.value)
