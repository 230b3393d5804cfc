"""The language reference is this Python's own, and no passage is in it twice."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from layerwise.platform.data import python_reference
from layerwise.platform.errors import DataError


def test_passages_are_counted_and_labelled() -> None:
    samples = python_reference.read()
    passages, known = samples.x.shape
    assert 300 <= passages <= 2000
    assert known == len(samples.features) <= 1000
    assert samples.labels is not None
    topics, counts = np.unique(samples.labels, return_counts=True)
    assert counts[topics != python_reference.OTHER].min() >= 10
    assert {"string-methods", "types", python_reference.OTHER} <= set(topics.tolist())
    # Every word is in three passages, and every passage has words.
    assert ((samples.x > 0).sum(0) >= 3).all()
    assert samples.x.any(1).all()
    assert list(samples.features) == sorted(samples.features)
    # What the topics are about is what their labels say.
    format_words = samples.x[samples.labels == "formatstrings"].sum(0)
    most = [samples.features[place] for place in np.argsort(format_words)[-5:]]
    assert "format" in most
    if sys.version_info[:2] == (3, 11):
        assert passages == python_reference.SAMPLES


def test_no_passage_is_there_twice() -> None:
    samples = python_reference.read()
    assert len(np.unique(samples.x, axis=0)) == len(samples.x)


def test_it_is_found_without_reading_it() -> None:
    path = python_reference.where()
    assert path is not None
    assert path.is_file()


def test_without_the_texts_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(DataError, match=r"needs pydoc_data .*Install Python"):
        python_reference.read()
