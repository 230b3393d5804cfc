"""The files and the data set of an execution."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from layerwise.platform.tracking.tracked_execution import TrackedData, finite, write_files


def test_files_can_be_read_back_and_hold_no_surprises(tmp_path: Path) -> None:
    images = {
        "pca/filters": np.ones((2, 3, 3)),
        "best/clean": np.zeros((1, 2, 2), dtype=np.float64),
    }
    write_files(tmp_path, {"question": "é?", "worst": float("inf")}, images, "study: é\n")
    assert json.loads((tmp_path / "study.json").read_text(encoding="utf-8")) == {
        "question": "é?",
        "worst": None,
    }
    assert (tmp_path / "study.yaml").read_text(encoding="utf-8") == "study: é\n"
    with np.load(tmp_path / "images.npz", allow_pickle=False) as stored:
        assert set(stored) == set(images)
        assert {stored[name].dtype for name in stored} == {np.dtype(np.float32)}


def test_json_has_no_number_for_what_is_not_finite() -> None:
    value = {"a": (np.float32("nan"), 1), "b": {3: np.array([1.0, np.inf])}, "c": True}
    assert finite(value) == {"a": [None, 1], "b": {"3": [1.0, None]}, "c": True}


def test_the_data_set_in_mlflows_form() -> None:
    data = TrackedData("digits", "ab" * 32, "scikit-learn", {"train": 3, "test": 1}, 64).as_input()
    assert len(data.dataset.digest) == 36
    assert data.dataset.profile is not None
    assert data.dataset.schema is not None
    assert json.loads(data.dataset.profile)["sha256"] == "ab" * 32
    assert json.loads(data.dataset.profile)["features_shape"] == {"train": [3, 64], "test": [1, 64]}
    assert "float32" in data.dataset.schema
