"""What can be fetched is what is looked for afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.platform.data import names
from layerwise.platform.data.mnist_files import IDX_FILES
from layerwise.platform.data.published import PUBLISHED


def test_every_file_has_a_checksum_and_a_secure_address() -> None:
    for remote in (remote for remotes in PUBLISHED.values() for remote in remotes):
        assert remote.url.startswith("https://")
        assert remote.url.endswith(Path(remote.file).name)
        assert len(bytes.fromhex(remote.sha256)) == 32
        assert remote.size > 0


def test_they_belong_to_known_data_sets() -> None:
    assert PUBLISHED.keys() <= set(names())


def test_the_files_are_those_that_are_looked_for() -> None:
    assert [remote.file for remote in PUBLISHED["mnist"]] == ["mnist.npz"]
    expected = {f"fashion_mnist/{file}.gz" for file in IDX_FILES.values()}
    assert {remote.file for remote in PUBLISHED["fashion_mnist"]} == expected


@pytest.mark.parametrize("name", PUBLISHED)
def test_nothing_is_fetched_into_one_place_twice(name: str) -> None:
    files = [remote.file for remote in PUBLISHED[name]]
    assert len(set(files)) == len(files)
