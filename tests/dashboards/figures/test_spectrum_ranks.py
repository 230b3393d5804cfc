"""Singular values over rank: a line and a band for each setting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards.figures import spectrum_ranks
from layerwise.dashboards.frames import Frames

FIRST = "inside/spectrum/0"


def changed(frames: Frames, **parts: Any) -> Frames:
    """The frames with another spectrum of the first setting."""
    arrays = {f"{FIRST}/{part}": np.asarray(array, np.float32) for part, array in parts.items()}
    return replace(frames, images={**frames.images, **arrays}, memory={})


def test_lines_hold_the_recorded_means(crossing: Frames) -> None:
    drawn = spectrum_ranks.draw(crossing)
    lines = [trace for trace in drawn.traces if trace.get("showlegend")]
    assert len(lines) == 3
    for place, line in enumerate(lines):
        assert line["x"] == list(range(1, 17))
        np.testing.assert_allclose(line["y"], crossing.images[f"inside/spectrum/{place}/mean"])
    assert len({(line["line"]["color"], line["line"]["dash"]) for line in lines}) == 3
    assert len(drawn.traces) == 6
    assert drawn.layout["yaxis"]["type"] == "log"
    spectrum_ranks.figure(crossing)


def test_the_sentence_counts_the_ranks_that_carry_most(crossing: Frames) -> None:
    mean = crossing.images[f"{FIRST}/mean"].astype(float)
    share = np.cumsum(mean**2) / (mean**2).sum()
    ranks = int((share < 0.9).sum()) + 1
    assert spectrum_ranks.carrying(mean) == ranks
    text = spectrum_ranks.sentence(crossing)
    assert text.startswith("In the best setting the singular values fall from 1")
    assert "over 16 ranks, mean of 60 of 269 validation samples" in text
    assert ("the first 11 carry" if ranks == 11 else "carry 90\u00a0%") in text
    assert "Of the others noise level 0.4" in text


@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=20))
def test_carrying_is_between_one_and_all(values: list[float]) -> None:
    found = spectrum_ranks.carrying(np.sort(values)[::-1])
    assert found <= len(values)
    assert (found >= 1) == (float((np.asarray(values) ** 2).sum()) > 0)


def test_what_is_zero_to_rounding_is_left_out(crossing: Frames) -> None:
    mean = np.array([1.0, 0.1, 1e-3, 1e-5, 0.0])
    frames = changed(crossing, mean=mean, low=0 * mean, high=2 * mean)
    table = spectrum_ranks.table(frames)
    first = table[table["setting"] == table["setting"].iloc[0]]
    assert list(first["rank"]) == [1, 2, 3]
    # A band that reaches 0 ends at the least that can be told from it.
    np.testing.assert_allclose(first["low"], 3.45e-4)
    spectrum_ranks.figure(frames)


@pytest.mark.parametrize("odd", [np.zeros(4), np.full(4, np.nan), np.ones((2, 2)), np.zeros(0)])
def test_a_spectrum_that_is_not_there_is_left_out(crossing: Frames, odd: Any) -> None:
    frames = changed(crossing, mean=odd)
    assert spectrum_ranks.table(frames)["setting"].nunique() == 2
    spectrum_ranks.figure(frames)
    assert spectrum_ranks.sentence(frames)


def test_bounds_that_do_not_fit_are_no_band(crossing: Frames) -> None:
    frames = changed(crossing, mean=[2.0], low=[1.0, 1.0], high=[[1.0]])
    table = spectrum_ranks.table(frames)
    assert list(table.iloc[0][["rank", "mean", "low", "high"]]) == [1, 2, 2, 2]
    assert "the first one carries" in spectrum_ranks.sentence(frames)
    spectrum_ranks.figure(frames)


def test_narrow_one_setting_and_no_record(
    crossing: Frames, one_trial: Frames, one_seed: Frames
) -> None:
    narrow = spectrum_ranks.draw(crossing, legend_rows=2)
    assert narrow.height > spectrum_ranks.draw(crossing).height
    assert "others" not in spectrum_ranks.sentence(one_trial)
    spectrum_ranks.figure(one_trial)
    assert spectrum_ranks.table(one_seed).empty
    assert spectrum_ranks.draw(one_seed).traces == []
    assert spectrum_ranks.sentence(one_seed) == "No spectrum of a Jacobian was recorded."


def test_hostile_names(hostile: Frames) -> None:
    names = [str(t.get("name")) for t in spectrum_ranks.draw(hostile).traces]
    assert not any("<i>" in name or "%{" in name for name in names)
