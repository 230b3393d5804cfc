"""The wheel is what pyproject.toml packages, installs without a network, and names its content."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from layerwise.platform.cluster import wheel

ROOT = Path(__file__).parents[3]
PACKAGING = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def test_its_files_are_those_of_a_built_wheel() -> None:
    expected = set()
    for package in PACKAGING["packages"]:
        folder = ROOT / Path(*package.split(".")[1:])
        for pattern in ["*.py", *PACKAGING["package-data"].get(package, [])]:
            expected |= {f"layerwise/{path.relative_to(ROOT)}" for path in folder.glob(pattern)}
    assert set(wheel.files()) == expected


def test_the_same_files_are_the_same_bytes_under_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first, second = wheel.build(tmp_path), wheel.build(tmp_path / "again")
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()
    assert wheel.digest() in first.name


def test_one_changed_byte_is_another_digest() -> None:
    content = {"layerwise/models/a.py": b"1", "layerwise/models/b.py": b"2"}
    known = wheel.digest(content)
    assert known == wheel.digest(dict(content))
    assert known != wheel.digest({**content, "layerwise/models/b.py": b"3"})
    assert known != wheel.digest({"layerwise/models/a.py": b"12", "layerwise/models/b.py": b""})


def test_it_ships_no_dependencies(tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel.build(tmp_path)) as archive:
        [metadata] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        assert b"Requires-Dist" not in archive.read(metadata)


@pytest.mark.slow
def test_pip_installs_it_and_it_runs_from_there(tmp_path: Path) -> None:
    made, place = wheel.build(tmp_path), tmp_path / "place"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index"]
    subprocess.run([*pip, str(made), f"--target={place}"], check=True, capture_output=True)
    script = (
        "from importlib.metadata import version; import layerwise.models as m;"
        "from layerwise.platform.cluster import wheel;"
        "print(version('layerwise'), wheel.digest(), m.__file__)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path, env={"PYTHONPATH": str(place)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    version, digest, file = ran.stdout.split()
    assert version == made.name.split("-")[1]
    assert version.endswith(f"+{digest}")
    assert file.startswith(str(place))
