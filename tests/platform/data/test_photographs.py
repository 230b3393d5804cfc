"""Patches are scikit-learn's photographs, and no pixel is in two groups."""

from __future__ import annotations

import sys

import numpy as np
import PIL.Image
import pytest

from layerwise.platform.data import photographs
from layerwise.platform.errors import DataError


def test_patches_are_cut_from_the_photographs() -> None:
    samples = photographs.read()
    assert samples.x.shape == (photographs.SAMPLES, 3 * 32 * 32)
    assert (samples.image_shape, samples.channels, samples.scale) == ((32, 32), 3, 255.0)
    assert samples.labels is not None
    assert samples.groups is not None
    # The fourth block of the first photograph is sky.
    assert set(samples.groups.tolist()) == set(range(24)) - {3}
    assert samples.labels[samples.groups < 12].tolist() == ["china"] * (samples.groups < 12).sum()
    assert samples.x.reshape(-1, 3, 1024).std(2).max(1).min() >= 8
    path = photographs.where()
    assert path is not None
    flower = np.asarray(PIL.Image.open(path.with_name("flower.jpg")))
    # A block of the flower that has no flat patch; the last one is at half its size.
    block = flower[142:284, 160:320]
    half = block.reshape(71, 2, 80, 2, 3).mean((1, 3))
    own = samples.x[samples.groups == 17].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    assert len(own) == 7 * 9 + 3 * 4
    np.testing.assert_array_equal(own[0], block[:32, :32])
    np.testing.assert_allclose(own[-1], half[32:64, 48:80], atol=0.5)


def test_groups_share_no_pixels() -> None:
    # Shown by what can be seen of it: no patch of a group is a patch of another one.
    samples = photographs.read()
    assert samples.groups is not None
    _, first, alike = np.unique(samples.x, axis=0, return_index=True, return_inverse=True)
    np.testing.assert_array_equal(samples.groups[first][alike.reshape(-1)], samples.groups)


def test_without_scikit_learn_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for name in [m for m in sys.modules if m.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    assert photographs.where() is None
    with pytest.raises(DataError, match=r"must be readable .* pip install"):
        photographs.read()
