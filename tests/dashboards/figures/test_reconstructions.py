"""Rows of images that share their clean ones stand in one figure."""

from __future__ import annotations

import numpy as np
import pytest

from layerwise.dashboards.figures import reconstructions
from layerwise.dashboards.frames import Frames


def test_networks_share_the_clean_row(crossing: Frames) -> None:
    (group,) = reconstructions.groups(crossing)
    assert list(group) == ["clean", "corrupted", "Best network", "PCA", "Untrained network"]
    figure = reconstructions.figure(group, samples=5)
    z = figure.data[0].z
    assert (len(z), len(z[0])) == (5 * 9 - 1, 5 * 9 - 1)
    assert z[0][0] == pytest.approx(float(group["clean"][0, 0, 0]), abs=1e-3)
    assert z[8][0] is None
    assert list(figure.layout.yaxis.ticktext)[-1] == "Untrained<br>network"


def test_other_images_get_a_figure_of_their_own(crossing: Frames) -> None:
    images = {**crossing.images, "pca/clean": crossing.images["pca/clean"] + 1}
    other = Frames(crossing.runs, crossing.history, crossing.study, images)
    assert [len(group) for group in reconstructions.groups(other)] == [4, 3]


def test_the_table_holds_squared_errors(crossing: Frames) -> None:
    (group,) = reconstructions.groups(crossing)
    table = reconstructions.table(group)
    expected = ((group["PCA"] - group["clean"]) ** 2).sum(axis=(1, 2))
    np.testing.assert_allclose(table["PCA"], expected, rtol=1e-5)


def test_no_images(one_seed: Frames) -> None:
    assert reconstructions.groups(one_seed) == []
