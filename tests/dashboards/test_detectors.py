"""Areas and their errors, counted another way; entries that are not whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_uses import ANOMALOUS, DETECTORS, HOSTILE, NORMAL, entry, made_arrays, with_uses
from sklearn.metrics import roc_auc_score

from layerwise.dashboards.detectors import Detector, best, detectors, difference
from layerwise.dashboards.frames import Frames


def detector(scores: Any, anomalous: Any, name: str = "d", control: bool = False) -> Detector:
    given, own = np.asarray(scores, float), np.asarray(anomalous, bool)
    return Detector({}, name, control, given, own, np.ones(len(own), bool), 1.0, 0.9)


def kernel(scores: np.ndarray[Any, Any], own: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """ψ of every pair of an anomaly and a normal sample: 1, ½ or 0."""
    apart = scores[own][:, None] - scores[~own][None]
    return (apart > 0) + 0.5 * (apart == 0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=30), st.data())
def test_the_area_is_that_of_all_pairs(scores: list[int], data: st.DataObject) -> None:
    own = np.arange(len(scores)) < data.draw(st.integers(1, len(scores) - 1))
    found = detector(scores, own)
    assert found.area.mean == pytest.approx(roc_auc_score(own, scores), abs=1e-12)
    pairs = kernel(found.scores, own)
    np.testing.assert_allclose(found.placements[0], pairs.mean(1), atol=1e-12)
    np.testing.assert_allclose(found.placements[1], pairs.mean(0), atol=1e-12)
    mirrored = detector([-one for one in scores], own)
    assert mirrored.area.mean == pytest.approx(1 - found.area.mean, abs=1e-12)


def test_the_recorded_detectors_are_read(crossing: Frames) -> None:
    found = detectors(with_uses(crossing))
    assert [one.name for one in found] == [name for name, _, _ in DETECTORS]
    for one in found:
        assert one.area.mean == pytest.approx(roc_auc_score(one.anomalous, one.scores))
        assert one.area.n == NORMAL + ANOMALOUS
        beyond = one.scores > one.threshold
        assert one.flagged(one.threshold) == (beyond[:NORMAL].mean(), beyond[NORMAL:].mean())
    leader, control = best(found, control=False), best(found, control=True)
    assert leader is not None
    assert control is not None
    assert (leader.name, control.name) == ("reconstruction error", "PCA error")


def test_errors_are_delongs(crossing: Frames) -> None:
    first, second = detectors(with_uses(crossing))[:2]
    pairs = [kernel(one.scores, one.anomalous) for one in (first, second)]
    by_anomaly = np.cov([own.mean(1) for own in pairs]) / ANOMALOUS
    by_normal = np.cov([own.mean(0) for own in pairs]) / NORMAL
    covariance = by_anomaly + by_normal
    half = (first.area.high - first.area.low) / 2
    assert half == pytest.approx(1.959964 * covariance[0, 0] ** 0.5, rel=1e-6)
    apart = difference(first, second)
    assert apart.mean == pytest.approx(first.area.mean - second.area.mean)
    of_difference = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert (apart.high - apart.low) / 2 == pytest.approx(1.959964 * of_difference**0.5, rel=1e-6)


def test_no_interval_where_there_is_none_to_know() -> None:
    apart = detector([0, 1, 5, 6], [False, False, True, True])
    assert apart.area.mean == 1.0
    assert not apart.area.known
    one = detector([0, 1, 0.5], [False, False, True])
    assert one.area.mean == 0.5
    assert not one.area.known
    others = detector([0, 1, 5, 6], [True, False, True, False])
    assert not difference(apart, others).known
    assert best([], control=False) is None


def test_samples_that_are_no_numbers_do_not_count(crossing: Frames) -> None:
    scores, labels = (made_arrays()[f"inside/anomaly/0/{part}"] for part in ("scores", "labels"))
    scores[[0, 450]], labels[7] = (np.nan, np.inf), 2
    frames = with_uses(crossing, anomaly__0__scores=scores, anomaly__0__labels=labels)
    own = detectors(frames)[0]
    kept = np.setdiff1d(np.arange(NORMAL + ANOMALOUS), (0, 7, 450))
    np.testing.assert_array_equal(np.flatnonzero(own.kept), kept)
    assert own.area.mean == pytest.approx(
        roc_auc_score(labels[kept], np.float32(scores[kept])), abs=1e-12
    )


@pytest.mark.parametrize(
    "arrays",
    [
        {"scores": np.zeros(3)},
        {"scores": np.zeros((2, 2))},
        {"labels": np.zeros(NORMAL + ANOMALOUS)},
        {"scores": np.full(NORMAL + ANOMALOUS, np.nan)},
        {"scores": np.zeros(0)},
    ],
)
def test_what_does_not_fit_is_not_there(crossing: Frames, arrays: dict[str, Any]) -> None:
    changes = {f"anomaly__0__{part}": array for part, array in arrays.items()}
    assert [one.name for one in detectors(with_uses(crossing, **changes))] == [
        name for name, _, _ in DETECTORS[1:]
    ]


def test_odd_entries(crossing: Frames) -> None:
    parts = ("scores", "labels")
    odd = [
        {"name": "no arrays"},
        entry("anomaly", 0, parts, name=HOSTILE, threshold="high", quantile=None, control="yes"),
        entry("anomaly", 1, parts),
        entry("anomaly", 2, parts, name=None),
    ]
    found = detectors(with_uses(crossing, anomaly=odd))
    assert len(found) == 2
    assert len(found[0].name) <= 40
    assert found[0].threshold != found[0].threshold
    assert not found[0].control
    assert found[1].name == "a detector"
    assert detectors(crossing) == []
