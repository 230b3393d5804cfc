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


def test_the_readmes_variant_is_found_and_trains(tmp_path: Path) -> None:
    code = (ROOT / "README.md").read_text().split('```python\n"""k-sparse')[1].split("```")[0]
    script = tmp_path / "script.py"
    script.write_text(
        "import pathlib, layerwise.models.autoencoders as family\n"
        f"family.__path__.append({str(tmp_path / 'more')!r})\n"
        "import numpy as np\n"
        "from layerwise.models import create, names\n"
        "assert 'k_sparse_autoencoder' in names()\n"
        "x = np.random.default_rng(0).random((50, 12))\n"
        "network = create('k_sparse_autoencoder', hidden=9, k=3, epochs=2).fit(x)\n"
        "assert ((network.encode(x) != 0).sum(1) == 3).all()\n"
    )
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "k_sparse.py").write_text('"""k-sparse' + code)
    subprocess.run([sys.executable, str(script)], check=True, cwd=tmp_path)
