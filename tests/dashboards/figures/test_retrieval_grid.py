"""Precision from the labels, images where they belong, marks that do without colour."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from made_uses import HOSTILE, NEAREST, QUERIES, entry, made_arrays, with_uses

from layerwise.dashboards.figures import retrieval_grid
from layerwise.dashboards.frames import Frames

PARTS = ("queries", "found", "relevant")


def test_precision_is_the_mean_of_the_labels(crossing: Frames) -> None:
    frames = with_uses(crossing)
    relevant = made_arrays()["inside/retrieval/0/relevant"]
    table = retrieval_grid.table(frames)
    codes = table[table["method"] == "codes"]
    np.testing.assert_array_equal(codes["relevant"], relevant.ravel().astype(int))
    means = codes[codes["rank"] <= NEAREST].groupby("query")["relevant"].mean()
    assert len(means) == QUERIES
    text = retrieval_grid.sentence(frames)
    assert "to each of 5 queries in the setting of rank" in text
    assert f", {means.mean():.3f} (95\u00a0% interval" in text
    assert f"(precision at {NEAREST})" in text
    pixels = made_arrays()["inside/retrieval/1/relevant"].mean()
    assert text.endswith(f"nearest by pixels (control) {pixels:.3f}.")
    alone = with_uses(crossing, retrieval=frames.study["inside"]["retrieval"][:1])
    assert retrieval_grid.sentence(alone).endswith("No control was recorded.")


def test_images_stand_in_rows_with_their_marks(crossing: Frames) -> None:
    frames = with_uses(crossing)
    drawn = retrieval_grid.draw(frames)
    page = np.array(drawn.traces[0]["z"], dtype=float)
    queries, found, relevant = (made_arrays()[f"inside/retrieval/0/{part}"] for part in PARTS)
    np.testing.assert_allclose(page[:12, :12], queries[0], rtol=0.01, atol=1e-6)
    last = drawn.shapes[-1]
    top, left = int(last["y0"] + 0.5), int(last["x0"] + 0.5)
    tile = page[top : top + 12, left : left + 12]
    np.testing.assert_allclose(tile, found[-1, -1], rtol=0.01, atol=1e-6)
    shared = relevant.ravel().astype(bool)
    assert drawn.traces[1]["text"] == ["✓" if one else "–" for one in shared]
    assert [s["line"]["dash"] == "solid" for s in drawn.shapes] == list(shared)
    assert np.isfinite(page).sum() == QUERIES * (NEAREST + 1) * 144
    narrow = retrieval_grid.draw(frames, shown=3, label_width=88, width=350)
    assert len(narrow.shapes) == QUERIES * 3
    retrieval_grid.figure(frames)


def test_queries_may_be_words_alone(crossing: Frames) -> None:
    words = [entry("retrieval", 0, ("found", "relevant"), texts=[HOSTILE, "a", "b", "c", "d"])]
    frames = with_uses(crossing, retrieval=words)
    drawn = retrieval_grid.draw(frames)
    assert np.isfinite(np.array(drawn.traces[0]["z"], float)).sum() == QUERIES * NEAREST * 144
    assert "query" not in drawn.layout["xaxis"]["ticktext"]
    text = json.dumps(drawn.spec())
    assert "<img" not in text
    assert "%{x}" not in text
    assert len(drawn.layout["yaxis"]["ticktext"][0]) < 200
    nothing = [entry("retrieval", 0, ("found", "relevant"), texts=["", 3])]
    assert retrieval_grid.table(with_uses(crossing, retrieval=nothing)).empty
    retrieval_grid.figure(frames)


@pytest.mark.parametrize(
    "arrays",
    [
        {"relevant": np.zeros((5, 7))},
        {"relevant": np.full((5, 8), 0.5)},
        {"relevant": np.full((5, 8), np.nan)},
        {"found": np.full((5, 8, 12, 12), np.nan)},
        {"found": np.zeros((5, 8, 12))},
    ],
)
def test_what_does_not_fit_is_not_there(crossing: Frames, arrays: dict[str, Any]) -> None:
    changes = {f"retrieval__0__{part}": array for part, array in arrays.items()}
    assert set(retrieval_grid.table(with_uses(crossing, **changes))["method"]) == {"pixels"}


def test_queries_that_do_not_fit_leave_their_words(crossing: Frames) -> None:
    drawn = retrieval_grid.draw(with_uses(crossing, retrieval__0__queries=np.zeros((2, 12, 12))))
    assert "query" not in drawn.layout["xaxis"]["ticktext"]


def test_no_record(crossing: Frames) -> None:
    assert retrieval_grid.table(crossing).empty
    assert retrieval_grid.draw(crossing).traces == []
    assert retrieval_grid.sentence(crossing) == "Nothing was searched."
