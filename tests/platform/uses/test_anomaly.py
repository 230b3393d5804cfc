"""Anomalies among digits: measures in closed form, real networks, data that cannot serve."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from layerwise.platform.data import DataSet, load
from layerwise.platform.errors import DataError, StudyError
from layerwise.platform.study import Data
from layerwise.platform.uses import of
from layerwise.platform.uses.anomaly import Anomaly, flag
from layerwise.platform.uses.findings import Findings

DATA = {"name": "digits", "anomalous": [8], "validation": 0.15, "test": 0.3}
STUDY: dict[str, Any] = {
    "study": "anomaly",
    "data": DATA,
    "seeds": [0, 1],
    "stages": [
        {
            "name": "denoising",
            "model": "denoising_autoencoder",
            "hidden": 32,
            "activation": "relu",
            "corruption": {"kind": "gaussian", "level": 0.3},
            "epochs": 15,
        },
        {"name": "narrow", "after": [], "model": "autoencoder", "hidden": 8, "epochs": 5},
        {"name": "machine", "after": [], "model": "bernoulli_rbm", "hidden": 8, "epochs": 2},
    ],
}
MEASURES = ["roc_auc", "pr_auc", "precision", "recall", "false_alarms"]


@pytest.fixture(scope="module")
def data() -> DataSet:
    return load(Data.of(DATA))


@pytest.fixture(scope="module")
def found(trained: Any) -> Findings:
    return Anomaly().look(trained(STUDY))


def test_every_contestant_has_every_measure(found: Findings) -> None:
    names = [
        "denoising", "narrow", "machine", "pca", "nearest", "isolation_forest", "mean",
        "untrained", "narrow/untrained", "machine/untrained", "narrow/pca",
        "denoising/reconstruction_error", "machine/reconstruction_error",
    ]  # fmt: skip
    assert [one.name for one in found.measures] == [f"anomaly/{name}" for name in MEASURES]
    for measure in found.measures:
        assert [one.name for one in measure.contestants] == names
        assert [one.name for one in measure.contestants if one.control] == names[3:11]
        for one in measure.contestants:
            assert one.values.keys() == {0, 1}
            assert all(0 <= value <= 1 for value in one.values.values())
    labels = [one.label for one in found.measures[0].contestants]
    assert labels[0] == "denoising, denoising error"
    assert labels[2] == "machine, free energy"
    assert len(set(labels)) == len(labels)


def test_a_trained_network_tells_eights_better_than_chance_and_than_before(found: Findings) -> None:
    areas = {one.name: one.values for one in found.measures[0].contestants}
    for seed in (0, 1):
        assert areas["denoising"][seed] > max(0.65, areas["untrained"][seed])
    assert areas["pca"][0] == areas["pca"][1]


def test_what_is_recorded_is_what_was_measured(found: Findings, data: DataSet) -> None:
    entries = found.inside.entries["anomaly"]
    assert data.labels is not None
    for entry, one in zip(entries, found.measures[0].contestants, strict=True):
        scores, labels = (found.inside.arrays[entry["arrays"][p]] for p in ("scores", "labels"))
        assert (entry["name"], entry["control"]) == (one.label, one.control)
        assert ("key" in entry) is not one.control
        np.testing.assert_array_equal(labels, data.labels["test"])
        # The record is in float32.
        assert roc_auc_score(labels, scores) == pytest.approx(one.values[0], abs=1e-4)
        assert len(np.unique(scores)) > (0.5 if one.name == "nearest" else 0.9) * len(data.test)
        assert entry["quantile"] == 0.95
    assert found.said[0].startswith("174 anomalies among ")
    assert len(found.said) == 3


def test_measures_of_a_ranking_worked_out_by_hand() -> None:
    scores = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    anomalous = np.array([True, False, True, False, False])
    normal = np.arange(101) / 25
    found = flag(scores, normal, anomalous, 0.9)
    assert found.threshold == pytest.approx(3.6)
    # Five of six pairs are in the right order; precision is 1 at the first anomaly, 2/3 at the
    # second. Beyond 3.6 are one anomaly and one normal sample.
    assert found.measures == pytest.approx(
        {"roc_auc": 5 / 6, "pr_auc": 5 / 6, "precision": 0.5, "recall": 0.5, "false_alarms": 1 / 3}
    )


def test_measures_do_not_ask_for_units_or_order() -> None:
    generator = np.random.default_rng(0)
    scores, normal = generator.normal(size=200), generator.normal(size=51)
    anomalous = generator.random(200) < 0.3
    found = flag(scores, normal, anomalous, 0.8).measures
    # 0.8 of 50 steps between 51 scores is one of them, which every monotone change respects.
    assert flag(np.exp(scores), np.exp(normal), anomalous, 0.8).measures == pytest.approx(found)
    order = generator.permutation(200)
    assert flag(scores[order], normal, anomalous[order], 0.8).measures == pytest.approx(found)
    mirrored = flag(-scores, -normal, anomalous, 0.8).measures
    assert mirrored["roc_auc"] == pytest.approx(1 - found["roc_auc"])


def test_nothing_flagged_is_no_precision() -> None:
    found = flag(np.array([1.0, 2.0]), np.array([3.0]), np.array([True, False]), 0.5).measures
    assert (found["precision"], found["recall"], found["false_alarms"]) == (0.0, 0.0, 0.0)


def test_ties_are_told(found: Findings, data: DataSet) -> None:
    # Distances between digits of 17 grey levels are roots of whole numbers, and often the same.
    *_, told = found.said
    assert told.startswith(f"distance to neighbour 5 gives {len(data.test)} different samples")
    assert sum("different samples" in said for said in found.said) == 1


def test_settings() -> None:
    made = of({"anomaly": {"quantile": 0.99, "neighbours": 1}})
    assert made == Anomaly(0.99, 1)
    assert of("anomaly").mapping() == {"anomaly": {}}
    for wrong, said in (({"quantile": 1.0}, "quantile"), ({"neighbours": 0}, "neighbours")):
        with pytest.raises(StudyError, match=said):
            of({"anomaly": wrong})


def test_data_without_normal_and_anomalous_labels_are_refused(data: DataSet) -> None:
    Anomaly().check(data)
    with pytest.raises(DataError, match="needs labels, 1 for anomalies"):
        Anomaly().check(replace(data, labels=None))
    with pytest.raises(DataError, match=r"0 for normal samples.*0, 1, 2, 3, 4, 5, …"):
        Anomaly().check(load(Data(name="digits")))
    assert data.labels is not None
    for split, label, said in (
        ("test", 0, "needs anomalies in test"),
        ("test", 1, "needs normal samples in test"),
        ("validation", 1, "needs normal samples in validation"),
    ):
        labels = data.labels | {split: np.full(len(data.labels[split]), label)}
        with pytest.raises(DataError, match=said):
            Anomaly().check(replace(data, labels=labels))
