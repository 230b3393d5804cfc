"""Sheets of small images."""

from __future__ import annotations

import numpy as np

from layerwise.dashboards.figures.pictures import canvas, fitting, picture, sheet


def test_a_sheet_keeps_order_and_seams() -> None:
    images = np.arange(3 * 2 * 2, dtype=np.float32).reshape(3, 2, 2)
    page = sheet(images, columns=2)
    assert page.shape == (5, 5)
    np.testing.assert_array_equal(page[:2, :2], images[0])
    np.testing.assert_array_equal(page[:2, 3:], images[1])
    np.testing.assert_array_equal(page[3:, :2], images[2])
    assert np.isnan(page[2]).all()
    assert np.isnan(page[3:, 3:]).all()


def test_seams_are_empty_cells_and_pixels_are_square() -> None:
    page = sheet(np.full((2, 3, 3), 1 / 3, dtype=np.float32), columns=2)
    trace = picture(page, [[0, "#000000"], [1, "#ffffff"]], 0.0, 1.0)
    assert trace["z"][0] == [0.333, 0.333, 0.333, None, 0.333, 0.333, 0.333]
    assert canvas(page, 700).layout["yaxis"]["scaleanchor"] == "x"


def test_large_images_are_fewer() -> None:
    assert fitting(np.zeros((100, 8, 8), dtype=np.float32), 64) == 64
    assert fitting(np.zeros((5, 8, 8), dtype=np.float32), 64) == 5
    assert fitting(np.zeros((100, 28, 28), dtype=np.float32), 64) == 64
    assert fitting(np.zeros((100, 28, 28), dtype=np.float32), 12, rows=5) == 12
    assert fitting(np.zeros((100, 64, 64), dtype=np.float32), 12, rows=5) == 2
    assert fitting(np.zeros((3, 512, 512), dtype=np.float32), 12) == 1
