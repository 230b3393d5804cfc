"""Directions of codes: closed forms on codes that are the inputs, and a small study."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.platform.contests.strokes import slant
from layerwise.platform.data import DataSet, load
from layerwise.platform.errors import DataError, StudyError
from layerwise.platform.study import Data
from layerwise.platform.uses.traversals import Traversals, _random

STUDY: dict[str, Any] = {
    "study": "traversals",
    "data": {"name": "digits", "test": 0.1, "validation": 0.5},
    "seeds": [0, 1],
    "stages": [{"name": "codes", "model": "autoencoder", "hidden": 5, "epochs": 3}],
}


@pytest.fixture(scope="module")
def data() -> DataSet:
    return load(Data(name="digits"))


def test_along_inputs_themselves_it_is_what_is_added(data: DataSet) -> None:
    more = np.full((1, 64), 0.1)
    use = Traversals(reach=0.5)
    [[_, gained, changed]] = use._along(
        lambda x: x, lambda code: code + 1, more, data, lambda x: x.sum(1) > 64
    )
    ends = [data.test.mean() + 1 + side for side in (-0.05, 0.05)]
    assert gained == pytest.approx(ends[1] / ends[0] - 1, rel=0.01)
    assert changed == 0.0
    still = use._along(lambda x: x, lambda code: code, 0 * more, data, lambda x: x.argmax(1))
    np.testing.assert_array_equal(still, [[0.0, 0.0, 0.0]])


def test_random_directions_are_as_long_as_codes_vary() -> None:
    codes = np.random.default_rng(0).normal(size=(500, 3)) * [1.0, 5.0, 0.1]
    drawn = _random(codes, 4, 0)
    lengths = np.linalg.norm(drawn, axis=1)
    np.testing.assert_allclose((codes @ (drawn / lengths[:, None]).T).std(0), lengths)
    assert (_random(codes, 4, 0) == drawn).all()
    assert (_random(codes, 4, 1) != drawn).any()


def test_contestants_and_their_numbers(trained: Any) -> None:
    found = trained(STUDY)
    findings = Traversals(directions=3).look(found)
    leaning, thickening, morphing = findings.measures
    names = [one.name for one in leaning.contestants]
    assert names == ["codes", "codes/random", "pca"]
    assert [one.control for one in leaning.contestants] == [False, True, True]
    for one in (*leaning.contestants, *thickening.contestants):
        assert one.values.keys() == {0, 1}
        assert min(one.values.values()) >= 0
    assert all(0 <= value <= 1 for one in morphing.contestants for value in one.values.values())
    pca = leaning.contestants[2].values
    assert pca[0] == pca[1] <= 180
    assert len(findings.said) == 3
    assert "Direction 3 of codes slants by" in findings.said[2]
    assert np.isfinite(slant(found.data.test.reshape(-1, 8, 8))).all()


def test_what_cannot_serve_is_refused(data: DataSet) -> None:
    Traversals().check(data)
    with pytest.raises(DataError, match="needs images"):
        Traversals().check(load(Data(name="wine")))
    with pytest.raises(DataError, match="at least two classes"):
        Traversals().check(replace(data, labels=None))
    with pytest.raises(StudyError, match="above 0"):
        Traversals(reach=0.0)
