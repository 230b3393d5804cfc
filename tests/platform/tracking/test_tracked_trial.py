"""What a trial becomes in the record is a function of the trial."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recording import trial

from layerwise.platform.tracking.tracked_trial import (
    MOST_CHARACTERS_OF_A_PARAM,
    MOST_CHARACTERS_OF_A_TAG,
    as_text,
    shortened,
)


def test_the_tags_of_the_contract() -> None:
    deep = trial(1, depth=1, parent_keys=("ab" * 32, "cd" * 32), reused=True, diverged_at=4)
    tags = deep.tags("parent")
    assert tags["layerwise.kind"] == "trial"
    assert tags["layerwise.key"] == deep.key
    assert tags["layerwise.depth"] == "1"
    assert tags["layerwise.parent_key"] == "ab" * 32 + "," + "cd" * 32
    assert tags["layerwise.reused"] == "true"
    assert tags["layerwise.diverged_at"] == "4"
    assert tags["mlflow.parentRunId"] == "parent"
    root = trial(1).tags("parent")
    assert root["layerwise.parent_key"] == ""
    assert not {"layerwise.reused", "layerwise.diverged_at", "layerwise.infinite"} & set(root)


def test_tags_tell_how_a_trial_ended() -> None:
    ends = {
        "diverged_at": 3, "diverged_step": 34, "stopped_at": 9, "stopped_by": "halving",
        "plateau_at": 7,
    }  # fmt: skip
    for name, value in ends.items():
        assert trial(1, **{name: value}).tags("parent")[f"layerwise.{name}"] == str(value)
    assert not {f"layerwise.{name}" for name in ends} & set(trial(1).tags("parent"))
    assert trial(1, stopped_at=9, stopped_by="median").status == "FINISHED"


def test_points_run_from_start_to_end_and_never_change() -> None:
    points = trial(3).points()
    assert points == trial(3).points()
    assert min(point.timestamp_ms for point in points) == trial(3).start_ms
    assert max(point.timestamp_ms for point in points) == trial(3).end_ms
    assert all(
        a.timestamp_ms <= b.timestamp_ms for a, b in pairwise(points) if a.metric == b.metric
    )


def test_an_epoch_that_is_given_twice_counts_once() -> None:
    (point,) = trial(0, history={"train/loss": [(1, 2.0), (1, 3.0)]}).points()
    assert (point.step, point.value) == (1, 3.0)


def test_no_infinity_and_no_end_before_the_start() -> None:
    odd = trial(0, history={"train/loss": [(0, math.inf), (2, -math.inf)]}, started=5.0, ended=1.0)
    assert [math.isnan(point.value) for point in odd.points()] == [True, True]
    assert [point.timestamp_ms for point in odd.points()] == [5000, 5000]
    assert odd.tags("")["layerwise.infinite"] == "train/loss at 0: +inf, train/loss at 2: -inf"


def test_an_unreliable_estimate_is_tagged_with_its_bounds() -> None:
    def estimated(reliable: float) -> str | None:
        ends = {"": -92.0, "_low": -105.25, "_high": -88.0, "_reliable": reliable}
        history = {f"test/log_likelihood{name}": [(3, value)] for name, value in ends.items()}
        return trial(0, history=history).tags("").get("layerwise.unreliable")

    assert estimated(1.0) is None
    assert estimated(0.0) == "test/log_likelihood: between -105.25 and -88"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "null"),
        ("masking", "masking"),
        ([1, 2.5], "[1, 2.5]"),
        ((500, 250), "[500, 250]"),
        (np.float32(0.5), "0.5"),
        (np.array([1, 2]), "[1, 2]"),
        (np.bool_(False), "false"),
        ("é", "é"),
    ],
)
def test_params_are_in_the_words_of_the_study(value: object, text: str) -> None:
    assert as_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_exactly(value: float) -> None:
    assert float(as_text(value)) == value


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    long = trial(0, params={"p": "x" * 9000}, parent_keys=tuple("ab" * 32 for _ in range(200)))
    assert long.params_as_text()["p"] == "x" * (MOST_CHARACTERS_OF_A_PARAM - 1) + "…"
    assert len(long.tags("")["layerwise.parent_key"]) == MOST_CHARACTERS_OF_A_TAG
    assert shortened("abc", 3) == "abc"
