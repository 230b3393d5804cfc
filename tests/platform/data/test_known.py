"""What a data set says of itself."""

from __future__ import annotations

from pathlib import Path

from layerwise.platform.data import digits, mnist
from layerwise.platform.data.known import Known


class Measured:
    """A data set in the folder ``LAYERWISE_DATA``, without a remedy of its own."""

    NAME = "measured"
    SHAPE = "2 numbers"
    SAMPLES = 3
    LICENCE = "CC0"
    SOURCE = "somebody"

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def where(self) -> Path | None:
        return self.path

    def read(self) -> None:
        raise AssertionError("describing reads nothing")


def test_a_module_is_a_data_set() -> None:
    known = Known.of(digits)
    assert (known.name, known.samples, known.remedy) == ("digits", 1797, digits.REMEDY)
    assert known.here == digits.where()
    assert known.read is digits.read
    assert "layerwise data fetch mnist" in Known.of(mnist).remedy


def test_without_a_remedy_it_is_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "measured.npz"
    known = Known.of(Measured(path))  # type: ignore[arg-type]  # reading it is not asked for
    assert known.here is None
    assert known.remedy == "Set LAYERWISE_DATA to the folder that holds measured.npz"
    path.touch()
    assert known.here == path
    nowhere = Known.of(Measured(None))  # type: ignore[arg-type]  # reading it is not asked for
    assert "its file" in nowhere.remedy
