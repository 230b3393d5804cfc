"""A network in a folder, whole or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerwise.models import InputError, create, load, persistence

ARRAYS = {"weight": np.arange(6.0).reshape(2, 3).T, "bias": np.zeros(2, np.float32)}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = persistence.write(tmp_path / "a" / "b", {"model": "x", "σ": 1}, ARRAYS)
    configuration, arrays = persistence.read(folder)
    assert configuration == {"model": "x", "σ": 1}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype


@pytest.mark.parametrize("name", [persistence.CONFIGURATION, persistence.WEIGHTS])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    create("autoencoder", visible=4).save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=f"but got 'no {name}'"):
        load(tmp_path)


@pytest.mark.parametrize("name", [persistence.CONFIGURATION, persistence.WEIGHTS])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    create("autoencoder", visible=4).save(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="undamaged"):
        load(tmp_path)


@pytest.mark.parametrize("key", ["model", "visible", "hyperparameters"])
def test_a_configuration_without_an_entry_is_refused(tmp_path: Path, key: str) -> None:
    create("autoencoder", visible=4).save(tmp_path)
    configuration, arrays = persistence.read(tmp_path)
    del configuration[key]
    persistence.write(tmp_path, configuration, arrays)
    with pytest.raises(InputError, match=key):
        load(tmp_path)
