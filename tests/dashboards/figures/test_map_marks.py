"""Marks at one place lie around one another; what is told of them is text and the table's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards.figures import map_marks, settings_map
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.palette import LIGHT

ERROR = "validation/reconstruction_error"


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=40))
def test_of_marks_at_one_place_the_first_is_the_smallest(places: list[tuple[int, int]]) -> None:
    at = np.array(places, dtype=float).reshape(-1, 2)
    found = map_marks.sizes(at[:, 0], at[:, 1])
    for place in set(places):
        own = [size for size, other in zip(found, places, strict=True) if other == place]
        assert own[0] == map_marks.SIZE
        assert own == sorted(own)
        assert len(set(own)) == min(len(own), map_marks.AROUND + 1)


def test_what_is_told_has_the_setting_and_its_numbers(crossing: Frames) -> None:
    shown = settings_map.table(crossing, "codes", "sparsity.weight", "contraction.weight")
    texts = map_marks.texts(crossing, "codes", shown, "sparsity.weight", "contraction.weight")
    assert len(texts) == len(shown) == 12
    for text, row in zip(texts, shown.to_dict("records"), strict=True):
        assert f"<b>Rank {int(row['rank'])}</b>" in text
        assert f"noise level {row['corruption.level']:g}" in text
        assert f"error: <b>{row[ERROR]:.2f}</b>" in text
        assert text.endswith("mean over 3 seeds<br>1 other setting at this place")


def test_the_strongest_colour_has_the_best(crossing: Frames) -> None:
    for lower in (True, False):
        made = map_marks.colours(crossing, "codes", ERROR, (1.0, 2.0), lower, False)
        assert made["colorscale"][-1][1] == LIGHT.sequential[-1]
        assert made["reversescale"] is lower
        assert (made["cmin"], made["cmax"], made["showscale"]) == (1.0, 2.0, True)
    below = map_marks.colours(crossing, "codes", ERROR, (1.0, 1.0), True, True)
    assert below["colorbar"]["orientation"] == "h"
    assert below["showscale"] is False


def test_the_ring_is_the_setting_too(crossing: Frames) -> None:
    made = map_marks.ring(1.0, 2.0, "abc")
    assert made["customdata"] == ["abc"]
    assert made["unselected"]["marker"]["opacity"] == 1


def test_names_are_text(hostile: Frames) -> None:
    stage = hostile.stages[0]
    runs = hostile.runs.assign(status="RUNNING")
    for frames in (hostile, replace(hostile, runs=runs, memory={})):
        shown = settings_map.table(frames, stage, "corruption.level", ERROR)
        text = str(map_marks.texts(frames, stage, shown, "corruption.level", ERROR))
        assert "&lt;i&gt;gaussian" in text
        assert "<i>" not in text
        assert "%{x}" not in text
        assert ("<b>Not ranked</b>" in text) == (frames is not hostile)
