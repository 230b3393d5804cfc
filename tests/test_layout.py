"""Tests mirror the tree: a file of code has a test file of the same name in the same place."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Files whose behaviour is asserted through those that use them.
COVERED_ELSEWHERE = {
    "dashboards/app/snapshot.py": "app/test_watch.py and app/test_histories_follow.py",
    "platform/cluster/following.py": "cluster/test_on_loopback.py, on a real cluster",
    "platform/cluster/loopback.py": "cluster/test_on_loopback.py, which runs on it",
    "platform/cluster/preflight.py": "cluster/test_on_loopback.py, on a real cluster",
    "platform/commands/ending.py": "commands/test_run.py and execution/test_execution.py",
    "platform/commands/spooling.py": "faults/test_record_away.py",
    "platform/commands/run_study.py": "commands/test_run.py and execution/test_execution.py",
    "platform/errors.py": "every test of an error",
    "platform/execution/search.py": "execution/test_execution.py, on a real Ray",
    "platform/execution/trial.py": "execution/test_execution.py, on a real Ray",
    "platform/execution/tune_experiment.py": "execution/test_execution.py, on a real Ray",
}


# Tests of what belongs to no single file.
OF_SEVERAL = {
    "dashboards/app/test_histories_follow.py",
    "dashboards/app/test_in_browser.py",
    "dashboards/test_authenticated_server.py",
    "dashboards/test_comparison_in_browser.py",
    "dashboards/test_report_in_browser.py",
    "models/test_conformance.py",
    "models/test_conformance_fused.py",
    "platform/answer/test_likelihood.py",
    "platform/cluster/test_manifests.py",
    "platform/cluster/test_on_loopback.py",
    "platform/commands/test_mistakes.py",
    "platform/execution/test_forked_studies.py",
    "platform/execution/test_adaptive_studies.py",
    "platform/execution/test_joint_execution.py",
    "platform/execution/test_joint_stages.py",
    "platform/execution/test_shared_execution.py",
    "platform/execution/test_shrinking_cohorts.py",
    "platform/execution/test_stopping_execution.py",
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


def test_a_test_has_its_module() -> None:
    found = {
        str(path.relative_to(ROOT / "tests"))
        for folder in ("models", "platform", "dashboards")
        for path in (ROOT / "tests" / folder).rglob("test_*.py")
    }
    expected = {str(Path(m).with_name(f"test_{Path(m).name}")) for m in modules()}
    assert found - expected == OF_SEVERAL


def test_no_file_of_the_models_is_long() -> None:
    for folder in (ROOT / "models", ROOT / "tests" / "models"):
        for path in folder.rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path
