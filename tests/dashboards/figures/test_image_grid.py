"""Images with names on two sides."""

from __future__ import annotations

import numpy as np

from layerwise.dashboards.figures.image_grid import grid

IMAGES = np.random.default_rng(0).uniform(0.1, 1, (2, 3, 4, 5))


def test_rows_and_columns_keep_their_order_and_names() -> None:
    drawn = grid(IMAGES, ["a", "<b>"], ["x", "y", "z"], 80, 700, "steps")
    [trace] = drawn.traces
    page = np.array([[np.nan if v is None else v for v in row] for row in trace["z"]], dtype=float)
    assert page.shape == (2 * 5 - 1, 3 * 6 - 1)
    np.testing.assert_allclose(page[5:9, 12:17], IMAGES[1, 2], rtol=1e-2)
    y, x = drawn.layout["yaxis"], drawn.layout["xaxis"]
    assert (y["tickvals"], y["ticktext"]) == ([1.5, 6.5], ["a", "&lt;b&gt;"])
    assert (x["tickvals"], x["ticktext"]) == ([2, 8, 14], ["x", "y", "z"])
    assert x["title"]["text"] == "steps"
    assert (trace["zmin"], trace["zmax"]) == (0.0, IMAGES.max())
    drawn.figure()


def test_names_that_have_no_room_are_three() -> None:
    images = np.zeros((1, 7, 4, 4))
    names = [f"column {i}" for i in range(7)]
    drawn = grid(images, ["row"], names, 80, 300)
    shown = drawn.layout["xaxis"]["ticktext"]
    assert [bool(name.strip()) for name in shown] == [True, False, False, True, False, False, True]
    drawn.figure()


def test_large_images_are_fewer_rows_and_nothing_finite_is_drawn_empty() -> None:
    drawn = grid(np.zeros((8, 4, 100, 100)), list("abcdefgh"), list("wxyz"), 80, 500)
    assert drawn.layout["yaxis"]["ticktext"] == ["a"]
    empty = grid(np.full((1, 1, 2, 2), np.nan), ["a"], ["b"], 80, 500)
    assert empty.traces[0]["zmax"] > empty.traces[0]["zmin"]
