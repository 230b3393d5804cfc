"""Tests mirror the tree: a file of code has a test file of the same name in the same place."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Files whose behaviour is asserted through those that use them.
COVERED_ELSEWHERE = {
    "platform/commands/ending.py": "commands/test_run.py and execution/test_execution.py",
    "platform/commands/run_study.py": "commands/test_run.py and execution/test_execution.py",
    "platform/errors.py": "every test of an error",
    "platform/execution/search.py": "execution/test_execution.py, on a real Ray",
    "platform/execution/trial.py": "execution/test_execution.py, on a real Ray",
    "platform/execution/tune_experiment.py": "execution/test_execution.py, on a real Ray",
}


def modules() -> list[str]:
    """Every file of code, relative to the root."""
    return [
        str(path.relative_to(ROOT))
        for folder in ("models", "platform", "dashboards")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != "__init__.py"
    ]


@pytest.mark.parametrize("module", modules())
def test_a_module_has_its_test(module: str) -> None:
    path = Path(module)
    expected = ROOT / "tests" / path.parent / f"test_{path.name}"
    assert expected.exists() or module in COVERED_ELSEWHERE, f"no tests/{expected}"


def test_no_exception_is_kept_for_a_file_that_is_gone() -> None:
    assert COVERED_ELSEWHERE.keys() <= set(modules())
