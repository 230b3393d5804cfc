"""Curves as scikit-learn has them, and what the sentence says of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_uses import HOSTILE, entry, with_uses
from sklearn.metrics import roc_auc_score, roc_curve

from layerwise.dashboards.detectors import detectors
from layerwise.dashboards.figures import anomaly_roc
from layerwise.dashboards.frames import Frames


def test_curves_go_through_every_threshold(crossing: Frames) -> None:
    for own in detectors(with_uses(crossing)):
        x, y = anomaly_roc.curve(own)
        alarms, hits, _ = roc_curve(own.anomalous, own.scores, drop_intermediate=False)
        corners = {(round(a, 9), round(b, 9)) for a, b in zip(x, y, strict=True)}
        assert corners <= {(round(a, 9), round(b, 9)) for a, b in zip(alarms, hits, strict=True)}
        assert len(corners) == len(x)
        assert np.trapezoid(y, x) == pytest.approx(np.trapezoid(hits, alarms))
        assert np.trapezoid(y, x) == pytest.approx(own.area.mean)


def test_the_table_and_the_drawing(crossing: Frames) -> None:
    frames = with_uses(crossing)
    table = anomaly_roc.table(frames)
    for own, (_, row) in zip(detectors(frames), table.iterrows(), strict=True):
        assert row["area"] == pytest.approx(roc_auc_score(own.anomalous, own.scores))
        assert row["low"] < row["area"] < row["high"]
        assert row["normal flagged"] == pytest.approx(0.05, abs=0.01)
    drawn = anomaly_roc.draw(frames)
    lines = [trace for trace in drawn.traces if trace["mode"] == "lines"]
    assert len(lines) == 6
    assert lines[-1]["name"] == "chance: area 0.5"
    assert len({line["line"]["dash"] for line in lines}) == 6
    assert len([trace for trace in drawn.traces if trace["mode"] == "markers"]) == 5
    for beside in (True, False):
        anomaly_roc.figure(frames, beside)


def test_many_samples_make_no_long_curve(crossing: Frames) -> None:
    rng = np.random.default_rng(0)
    labels = rng.uniform(size=20_000) < 0.5
    scores = rng.standard_normal(20_000) + labels
    frames = with_uses(crossing, anomaly__0__scores=scores, anomaly__0__labels=labels)
    [first, *_] = anomaly_roc.draw(frames).traces
    assert len(first["x"]) <= anomaly_roc.MOST_POINTS
    assert (first["x"][0], first["y"][0]) == (0, 0)
    assert (first["x"][-1], first["y"][-1]) == (1, 1)


def test_the_sentence_compares_with_the_best_control(crossing: Frames) -> None:
    frames = with_uses(crossing)
    areas = anomaly_roc.table(frames).set_index("detector")["area"]
    text = anomaly_roc.sentence(frames)
    assert text.startswith("Reconstruction error tells 80 anomalous from 400 normal samples best")
    assert f"with an area of {areas['reconstruction error']:.3f} (95\u00a0% interval" in text
    less = areas["reconstruction error"] - areas["PCA error"]
    assert f"PCA error is best: {areas['PCA error']:.3f}, which is {less:.3f} less" in text
    own = frames.study["inside"]["anomaly"]
    assert anomaly_roc.sentence(with_uses(crossing, anomaly=own[:1])).endswith(
        "There is no control to compare it with."
    )
    assert "no detector but controls" in anomaly_roc.sentence(with_uses(crossing, anomaly=own[3:]))
    same = [own[0], {**own[0], "name": "the same", "control": True}]
    assert "which is 0 less." in anomaly_roc.sentence(with_uses(crossing, anomaly=same))


def test_hostile_names_and_no_record(crossing: Frames) -> None:
    odd = [entry("anomaly", 0, ("scores", "labels"), name=HOSTILE)]
    text = json.dumps(anomaly_roc.draw(with_uses(crossing, anomaly=odd)).spec())
    assert "<img" not in text
    assert "%{x}x" not in text
    assert anomaly_roc.table(crossing).empty
    assert anomaly_roc.draw(crossing).traces == []
    assert anomaly_roc.sentence(crossing) == "No detector's scores were recorded."
