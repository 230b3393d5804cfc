"""Passages of Jane Austen are counted, novel by novel."""

from __future__ import annotations

import os

import numpy as np
import pytest

from layerwise.platform.data import austen_counts
from layerwise.platform.errors import DataError

needs_file = pytest.mark.skipif(
    not os.environ.get("LAYERWISE_DATA"), reason="LAYERWISE_DATA names no folder with the file"
)


def test_without_the_variable_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    assert austen_counts.where() is None
    with pytest.raises(DataError, match=r"austen_counts: needs austen_counts\.npz"):
        austen_counts.read()


@needs_file
def test_words_and_novels_have_their_names() -> None:
    samples = austen_counts.read()
    assert samples.x.shape == (austen_counts.SAMPLES, 2000) == (1492, len(samples.features))
    assert samples.labels is not None
    assert len(set(samples.labels.tolist())) == 6
    elliot = samples.x[:, samples.features.index("elliot")]
    novels = {
        str(label): elliot[samples.labels == label].sum() for label in np.unique(samples.labels)
    }
    assert max(novels, key=lambda novel: novels[novel]) == "persuasion"
