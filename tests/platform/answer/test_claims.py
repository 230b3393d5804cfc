"""Claims told from a trained study, against the numbers of its trials."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from answers import DENOISING
from scipy import stats

from layerwise.platform.answer.claims import Answered, Judged, judge
from layerwise.platform.answer.controls import Control
from layerwise.platform.answer.ranking import ranked
from layerwise.platform.study import Study
from layerwise.platform.uses.findings import Contestant, Findings, Measured

ERROR = "test/reconstruction_error"
QUIET, LOUD = ({"corruption.level": level, "contraction.weight": 0.0} for level in (0.0, 0.5))


def told(trained: Any, *claims: dict[str, Any], findings: Findings | None = None) -> list[Judged]:
    study = Study(**DENOISING, claims=claims, use="codes")
    rankings = {"codes": ranked(trained.study, trained.outcome)}
    controls = [Control("codes", "pca", "PCA, 10 components", {ERROR: 4.0})]
    return judge(study.claims, Answered(rankings, controls, findings, trained.outcome))


def errors(trained: Any, level: float) -> np.ndarray:
    found = {
        trial.seed: trained.outcome.manifests[trial.key]["history"][ERROR][-1][1]
        for trial in trained.outcome.plan.trials()
        if trial.settings["corruption.level"] == level
        and trial.settings["contraction.weight"] == 0.0
    }
    return np.array([found[seed] for seed in sorted(found)])


def test_a_difference_is_paired_by_seed(denoising: Any) -> None:
    [found] = told(denoising, {"at": QUIET, "beats": {"at": LOUD}, "by": ERROR})
    apart = errors(denoising, 0.0) - errors(denoising, 0.5)
    theirs = stats.ttest_1samp(apart, 0).confidence_interval()
    assert found.difference.mean == pytest.approx(apart.mean())
    assert found.difference.low == pytest.approx(theirs.low)
    assert found.difference.high == pytest.approx(theirs.high)
    assert found.means == pytest.approx(
        (errors(denoising, 0.0).mean(), errors(denoising, 0.5).mean())
    )
    assert found.verdict == ("holds" if theirs.high < 0 else "untold")
    assert "over 3 seeds" in found.said


def test_the_opposite_claim_fails(denoising: Any) -> None:
    one, other = told(
        denoising,
        {"at": QUIET, "beats": {"at": LOUD}, "by": ERROR},
        {"at": LOUD, "beats": {"at": QUIET}, "by": ERROR},
    )
    assert {one.verdict, other.verdict} == {"holds", "fails"}
    assert one.difference.mean == pytest.approx(-other.difference.mean)
    assert "does not beat" in other.said


def test_a_control_is_the_same_for_every_seed(denoising: Any) -> None:
    [found] = told(denoising, {"at": QUIET, "beats": "pca", "by": ERROR, "factor": 2, "margin": 1})
    # Less is better: 1 below twice the control.
    expected = errors(denoising, 0.0) - (2 * 4.0 - 1)
    assert found.difference.mean == pytest.approx(expected.mean())
    assert found.second == "PCA, 10 components"
    assert "2 times PCA, 10 components by 1" in found.said


@pytest.mark.parametrize(("within", "verdict"), [(0.5, "holds"), (0.001, "fails")])
def test_two_are_equal_where_the_interval_stays_inside(
    denoising: Any, within: float, verdict: str
) -> None:
    values = {0: 1.20, 1: 1.21, 2: 1.22}
    findings = measured(values, dict.fromkeys(values, 1.0))
    [found] = told(
        denoising,
        {"matches": "raw", "by": "codes/nmi", "within": within},
        findings=findings,
    )
    assert found.verdict == verdict


def measured(first: dict[int, float], second: dict[int, float]) -> Findings:
    """A measure of the stage and of one control."""
    own = Contestant("codes", "the codes", False, first)
    other = Contestant("raw", "raw pixels", True, second)
    return Findings([Measured("codes/nmi", "cluster information", "NMI", "higher", (own, other))])


@pytest.mark.parametrize(
    ("first", "verdict"),
    [
        ({0: 0.9, 1: 0.91, 2: 0.92}, "holds"),
        ({0: 0.1, 1: 0.11, 2: 0.12}, "fails"),
        ({0: 0.1, 1: 0.5, 2: 0.9}, "untold"),
        ({0: 0.9}, "untold"),
        ({}, "untold"),
    ],
)
def test_contestants_of_a_use(denoising: Any, first: dict[int, float], verdict: str) -> None:
    findings = measured(first, {0: 0.5, 1: 0.5, 2: 0.5})
    [found] = told(denoising, {"beats": "raw", "by": "codes/nmi"}, findings=findings)
    assert found.verdict == verdict
    assert found.mapping()["verdict"] == verdict
    assert (found.better, found.label) == ("higher", "cluster information")


def test_whoever_was_not_measured_leaves_a_claim_untold(denoising: Any) -> None:
    found = told(
        denoising,
        {"beats": "nobody", "by": "codes/nmi"},
        {"beats": "stack", "by": ERROR},
        {"beats": "raw", "by": "codes/purity"},
        findings=measured({0: 1.0}, {0: 0.5}),
    )
    assert [one.verdict for one in found] == ["untold"] * 3
    assert all("no number of both" in one.said for one in found)
