"""What a classification has to beat, against scikit-learn's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from without_ray import train

from layerwise.platform.answer import readouts
from layerwise.platform.answer.ranking import ranked, verdict
from layerwise.platform.answer.readouts import ERROR
from layerwise.platform.data import load
from layerwise.platform.execution.frozen_codes import stage_inputs
from layerwise.platform.store import Store
from layerwise.platform.study import Study

TAUGHT: dict[str, Any] = {
    "study": "taught",
    "data": "digits",
    "seeds": [0, 1],
    "stages": [
        {"name": "first", "model": "autoencoder", "hidden": 16, "epochs": 5},
        {"name": "taught", "model": "fine_tune", "objective": "classification", "epochs": 3},
    ],
    "objective": {"minimize": "validation/classification_error"},
}


def missed(codes: np.ndarray, labels: np.ndarray, test: np.ndarray, wanted: np.ndarray) -> float:
    """scikit-learn's read-out, of standardised codes."""
    scaler = StandardScaler().fit(codes)
    found = LogisticRegression(max_iter=2000).fit(scaler.transform(codes), labels)
    return float(1 - found.score(scaler.transform(test), wanted))


def test_a_classification_is_compared_with_linear_read_outs(tmp_path: Path) -> None:
    study, store = Study(**TAUGHT), Store(tmp_path)
    data = load(study.data)
    outcome = train(study, store, data)
    [row] = ranked(study, outcome)
    labels = data.class_numbers
    assert labels is not None
    inputs = stage_inputs(row.trials[0].inputs, data, store)
    found = readouts.measure(row.trials, inputs, labels, outcome.manifests)
    shares = {control.name: control.metrics[ERROR] for control in found}
    assert list(shares) == ["stack", "inputs", "pca", "frequent"]

    x, y, test, wanted = data.train, labels["train"], data.test, labels["test"]
    assert shares["inputs"] == pytest.approx(missed(x, y, test, wanted), abs=0.01)
    pca = PCA(16, svd_solver="full").fit(x)
    expected = missed(pca.transform(x), y, pca.transform(test), wanted)
    assert shares["pca"] == pytest.approx(expected, abs=0.01)
    assert shares["frequent"] == np.mean(wanted != np.bincount(y).argmax())
    probes = [
        outcome.manifests[key]["history"]["test/probe_accuracy"][-1][1]
        for trial in row.trials
        for key in trial.parents
    ]
    assert shares["stack"] == pytest.approx(1 - np.mean(probes))

    strongest = min(found, key=lambda control: control.metrics[ERROR])
    said = verdict(row, found)
    assert said.startswith("The best setting misclassifies ")
    assert said.endswith(f"against {100 * strongest.metrics[ERROR]:.3g} % for {strongest.label}.")
