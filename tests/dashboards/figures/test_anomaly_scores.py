"""Every sample is in one bar of its kind, the threshold stands where it was recorded."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_uses import ANOMALOUS, HOSTILE, NORMAL, entry, with_uses

from layerwise.dashboards.detectors import detectors
from layerwise.dashboards.figures import anomaly_scores
from layerwise.dashboards.frames import Frames


def test_every_sample_is_counted_once(crossing: Frames) -> None:
    frames = with_uses(crossing)
    table = anomaly_scores.table(frames)
    for own in detectors(frames):
        part = table[table["detector"] == own.name]
        sums = part.groupby("kind")[["samples", "share"]].sum()
        assert list(sums["samples"]) == [ANOMALOUS, NORMAL]
        np.testing.assert_allclose(sums["share"], 1)
        for kind, scores in (
            ("normal", own.scores[~own.anomalous]),
            ("anomalous", own.scores[own.anomalous]),
        ):
            bars = part[part["kind"] == kind]
            inner = bars.iloc[3:9]
            low, high = inner["from"].iloc[0], inner["to"].iloc[-1]
            assert inner["samples"].sum() == ((scores >= low) & (scores < high)).sum()
            assert bars["to"].iloc[-1] == own.scores.max()


def test_the_threshold_is_marked(crossing: Frames) -> None:
    frames = with_uses(crossing)
    drawn = anomaly_scores.draw(frames)
    own = detectors(frames)
    assert [shape["x0"] for shape in drawn.shapes] == [one.threshold for one in own]
    assert sum(note["text"] == "95\u00a0% of normal" for note in drawn.annotations) == 5
    assert len(drawn.traces) == 10
    assert drawn.traces[1]["marker"]["pattern"]["shape"]
    assert [trace["showlegend"] for trace in drawn.traces] == [True] * 2 + [False] * 8
    for columns in (1, 2):
        anomaly_scores.figure(frames, columns)


def test_the_sentence(crossing: Frames) -> None:
    frames = with_uses(crossing)
    own = detectors(frames)[0]
    hits = 100 * (own.scores[NORMAL:] > own.threshold).mean()
    text = anomaly_scores.sentence(frames)
    assert f"recorded at 95\u00a0% of normal scores, flags {hits:.1f}\u00a0% of" in text
    without = [{**frames.study["inside"]["anomaly"][0], "threshold": None}]
    frames = with_uses(crossing, anomaly=without)
    assert anomaly_scores.sentence(frames).endswith("No threshold was recorded.")
    assert anomaly_scores.draw(frames).shapes == []


@pytest.mark.parametrize("scores", [np.ones(480), np.append(np.ones(479), 1e9)])
def test_scores_that_are_all_alike_or_far_apart(
    crossing: Frames, scores: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    frames = with_uses(crossing, anomaly__0__scores=scores)
    table = anomaly_scores.table(frames)
    assert table["samples"].sum() == 5 * 480
    anomaly_scores.figure(frames)


def test_hostile_names_and_no_record(crossing: Frames) -> None:
    odd = [entry("anomaly", 0, ("scores", "labels"), name=HOSTILE)]
    text = json.dumps(anomaly_scores.draw(with_uses(crossing, anomaly=odd)).spec())
    assert "<img" not in text
    assert anomaly_scores.table(crossing).empty
    assert anomaly_scores.draw(crossing).traces == []
    assert anomaly_scores.sentence(crossing) == "No detector's scores were recorded."
