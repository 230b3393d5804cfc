"""Images on the way along directions of the code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.dashboards.figures import traversal
from layerwise.dashboards.frames import Frames

NAME = "inside/traversal/0/images"


def changed(frames: Frames, images: Any, **entry: Any) -> Frames:
    """The frames with another traversal."""
    [own] = frames.study["inside"]["traversal"]
    inside = {**frames.study["inside"], "traversal": [{**own, **entry}]}
    named = {**frames.images, NAME: np.asarray(images, np.float32)}
    return replace(frames, study={**frames.study, "inside": inside}, images=named, memory={})


def test_rows_tell_the_share_of_their_direction(crossing: Frames) -> None:
    drawn = traversal.draw(crossing)
    rows = drawn.layout["yaxis"]["ticktext"]
    assert [row.replace("<br>", " ") for row in rows] == [
        "direction 1, 40\u00a0%",
        "direction 2, 25\u00a0%",
        "direction 3, 10\u00a0%",
    ]
    columns = drawn.layout["xaxis"]["ticktext"]
    assert (columns[0], columns[3], columns[-1]) == ("−2σ", "mean", "2σ")
    traversal.figure(crossing)


def test_changes_are_measured_from_the_mean_code(crossing: Frames) -> None:
    images = crossing.images[NAME].astype(float)
    table = traversal.table(crossing)
    change = ((images - images[:, 3:4]) ** 2).sum((2, 3))
    np.testing.assert_allclose(table["change"], change.ravel(), rtol=1e-6)
    assert (table.loc[table["place"] == 0, "change"] == 0).all()
    text = traversal.sentence(crossing)
    assert "3 leading directions of the code of the best setting hold 75\u00a0%" in text
    assert f"the image is {change[0, [0, -1]].mean():.3g} from" in text
    most = int(change.max(1).argmax()) + 1
    assert (f"direction {most} changes it most" in text) == (most > 1)


def test_a_single_direction(crossing: Frames) -> None:
    one = changed(crossing, crossing.images[NAME][:1], shares=[0.4])
    assert traversal.sentence(one).startswith("The leading direction of the code")
    traversal.figure(one)


def test_records_that_are_not_whole(crossing: Frames, one_seed: Frames) -> None:
    images = crossing.images[NAME]
    for odd in (
        one_seed,
        changed(crossing, images[:2]),
        changed(crossing, images[:, :3]),
        changed(crossing, images * np.nan),
        changed(crossing, images[0]),
        changed(crossing, images, shares=None),
    ):
        assert traversal.table(odd).empty
        assert traversal.draw(odd).traces == []
        assert traversal.sentence(odd) == "No traversal was recorded."


def test_the_narrow_drawing_is_narrow(crossing: Frames) -> None:
    narrow = traversal.draw(crossing, label_width=88, width=350)
    assert narrow.height < traversal.draw(crossing).height
    assert narrow.layout["margin"]["l"] == pytest.approx(88)
