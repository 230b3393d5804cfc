"""What MLflow calls when it loads a served network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerwise.models import create
from layerwise.platform.tracking.serving import _load_pyfunc


def test_rows_are_reconstructed_or_encoded_and_nothing_else(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((20, 5)).astype(np.float32)
    network = create("autoencoder", visible=5, hidden=2, epochs=1).fit(x)
    network.save(tmp_path)
    served = _load_pyfunc(str(tmp_path))
    np.testing.assert_array_equal(served.predict(x.astype(float)), network.reconstruct(x))
    np.testing.assert_array_equal(served.predict(x, {"task": "encode"}), network.encode(x))
    with pytest.raises(ValueError, match="task: must be one of reconstruct, encode, but got 'x'"):
        served.predict(x, {"task": "x"})
