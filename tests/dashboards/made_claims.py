"""Made-up claims and contests, as a study's record may have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from layerwise.dashboards.frames import Frames

LEAD = {"holds": (2.0, 1.0, 3.0), "fails": (-2.0, -3.0, -1.0), "untold": (0.5, -1.0, 2.0)}


def claim(verdict: str, better: str = "higher", **more: Any) -> dict[str, Any]:
    """A claim that came out so, in the record's words."""
    sign = -1 if better == "lower" else 1
    mean, *ends = (sign * value for value in LEAD[verdict])
    low, high = sorted(ends)
    return {
        "said": f"codes against pca: {verdict}.",
        "by": "anomaly/roc_auc",
        "label": "area under the ROC curve",
        "unit": "",
        "better": better,
        "first": "codes",
        "second": "PCA",
        "means": [10.0 + mean, 10.0],
        "difference": {"mean": mean, "low": low, "high": high, "seeds": 5},
        "factor": 1.0,
        "margin": 0.0,
        "within": None,
        "verdict": verdict,
        **more,
    }


def contestant(name: str, control: bool, *values: float | None) -> dict[str, Any]:
    """A contestant with a number for each seed from 0."""
    numbers = {str(seed): value for seed, value in enumerate(values)}
    return {"name": name, "label": f"the {name}", "control": control, "values": numbers}


def measure(*contestants: dict[str, Any], better: str = "higher") -> dict[str, Any]:
    """A measure of them."""
    return {
        "name": "codes/nmi",
        "label": "cluster information",
        "unit": "NMI with the labels",
        "better": better,
        "contestants": list(contestants),
    }


MEASURES = [
    measure(
        contestant("raw", True, 0.5, 0.5, 0.5),
        contestant("codes", False, 0.7, 0.8, 0.9),
        contestant("untrained", True, 0.2, 0.3, None),
    )
]


def with_claims(frames: Frames, *claims: object, measures: object = MEASURES) -> Frames:
    """The frames of a study with these claims and measures."""
    study = {**frames.study, "claims": list(claims), "measures": measures}
    return replace(frames, study=study, memory={})
