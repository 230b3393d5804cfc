"""What is packaged is what is in the tree."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("models", "platform", "studies", "dashboards")
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())


def folders_with_code() -> set[str]:
    """Every folder of ours that holds Python files, as a package name."""
    return {
        ".".join(("layerwise", *path.parent.relative_to(ROOT).parts))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
    }


def test_platform_does_not_shadow_the_standard_library() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    seen = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert seen.stdout.strip()


def test_no_file_makes_the_namespace_a_package() -> None:
    assert not (ROOT / "layerwise").exists()
    assert not (ROOT / "__init__.py").exists()


def test_every_sub_package_is_listed_for_the_wheel() -> None:
    listed = CONFIGURATION["tool"]["setuptools"]["packages"]
    assert set(listed) == folders_with_code()
    for name in listed:
        importlib.import_module(name)


def test_every_data_file_is_listed_for_the_wheel() -> None:
    patterns = CONFIGURATION["tool"]["setuptools"]["package-data"]
    listed = {
        path
        for package, globs in patterns.items()
        for glob in globs
        for path in (ROOT / Path(*package.split(".")[1:])).glob(glob)
    }
    data = {
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".yaml", ".css", ".js", ".html", ".gz", ".npz"}
    }
    assert data <= listed


def test_every_range_is_pinned_for_the_set_up() -> None:
    pins = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    project = CONFIGURATION["project"]
    extras = project["optional-dependencies"]
    for wanted in [*project["dependencies"], *extras["test"], *extras["lint"]]:
        name = wanted.partition(">")[0].partition("[")[0].lower()
        assert name in pins, f"{name} is not pinned in constraints.txt"
