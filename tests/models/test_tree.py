"""tests/models mirrors models/: every module has its test file, every test file its module."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
MODELS = TESTS.parents[1] / "models"
# Tests of what belongs to no single module.
OF_ALL = {"test_conformance.py", "test_conformance_fused.py", "test_tree.py"}


def test_every_module_has_its_test_and_every_test_its_module() -> None:
    modules = {p.relative_to(MODELS) for p in MODELS.rglob("*.py") if p.name != "__init__.py"}
    tests = {p.relative_to(TESTS) for p in TESTS.rglob("test_*.py") if p.name not in OF_ALL}
    assert len(modules) > 20
    assert tests == {module.with_name(f"test_{module.name}") for module in modules}


def test_no_file_is_long() -> None:
    for path in [*MODELS.rglob("*.py"), *TESTS.rglob("*.py")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path
