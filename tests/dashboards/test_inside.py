"""Entries of the record that are sound, and those that are as if they were not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.dashboards.frames import Frames
from layerwise.dashboards.inside import (
    array,
    count_of,
    entries,
    label,
    numbers,
    place,
    samples_of,
    shortened,
)


def recorded(frames: Frames, inside: Any) -> Frames:
    """The frames with another record of their insides."""
    return replace(frames, study={**frames.study, "inside": inside}, memory={})


def test_entries_and_arrays_are_read_by_name(crossing: Frames) -> None:
    [entry] = entries(crossing, "code_map")
    points = array(crossing, entry, "points", 2)
    assert points is not None
    np.testing.assert_array_equal(points, crossing.images["inside/code_map/0/points"])
    thumbnails = array(crossing, entry, "thumbnails", 3)
    assert thumbnails is not None
    assert thumbnails.max() > 200
    assert entries(crossing, "other") == []


@pytest.mark.parametrize("inside", [None, [], "x", {"code_map": None}, {"code_map": [1, "a"]}])
def test_older_and_odd_records_have_none(crossing: Frames, inside: Any) -> None:
    assert entries(recorded(crossing, inside), "code_map") == []


@pytest.mark.parametrize(
    "names",
    [None, [], {}, {"points": 3}, {"points": ["a"]}, {"points": "gone"}, {"points": "flat"}],
)
def test_an_array_that_does_not_fit_is_none(crossing: Frames, names: Any) -> None:
    images = {"flat": np.zeros(3, np.float32), "empty": np.zeros((0, 2), np.float32)}
    frames = replace(crossing, images=images)
    assert array(frames, {"arrays": names}, "points", 2) is None
    assert array(frames, {"arrays": {"points": "empty"}}, "points", 2) is None
    assert array(frames, {}, "points", 2) is None


def test_numbers_are_finite_or_none() -> None:
    assert numbers({"x": [1, 2.5]}, "x") == [1.0, 2.5]
    for odd in (None, "12", [1, None], [float("nan")], [10**400], [True], {}):
        assert numbers({"x": odd}, "x") == []
    assert count_of({"x": 3.0}, "x") == 3
    assert count_of({"x": float("inf")}, "x") == count_of({}, "x") == 0


def test_a_setting_by_its_rank_and_values(crossing: Frames) -> None:
    [entry] = entries(crossing, "code_map")
    assert label(crossing, entry) == "1. noise level 0, sparsity weight 0, contraction weight 0"
    assert place(crossing, entry) == "the best setting"
    last = entries(crossing, "units")[-1]
    assert label(crossing, last).startswith("12. noise level 0.4")
    assert place(crossing, last) == "the setting of rank 12"


def test_a_trial_that_is_not_among_the_runs(crossing: Frames) -> None:
    assert label(crossing, {"key": "<b>" + "x" * 5000}) == "trial <b>xxxxxxxx…"
    assert place(crossing, {}) == "an unknown setting"


def test_samples_in_words() -> None:
    about = {"split": "validation", "samples": 1000, "of": 9000}
    assert samples_of(about) == "1 000 of 9 000 validation samples"
    assert samples_of({**about, "of": 1000}) == "1 000 validation samples"


def test_text_is_cut_to_a_line() -> None:
    assert shortened("a\n b\t c", 10) == "a b c"
    assert shortened("x" * 5000, 8) == "xxxxxxx…"
