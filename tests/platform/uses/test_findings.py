"""Findings in plain values."""

from __future__ import annotations

import json

import numpy as np

from layerwise.platform.uses.findings import Contestant, Findings, Measured


def test_a_measure_is_recorded_with_every_seed() -> None:
    own = Contestant("codes", "the codes", False, {0: np.float64(0.5), 7: 0.75})
    fixed = Contestant.fixed("pca", "PCA", 0.4, [0, 7])
    measure = Measured("codes/nmi", "cluster information", "NMI", "higher", (own, fixed))
    found = json.loads(json.dumps(measure.mapping()))
    assert [one["values"] for one in found["contestants"]] == [
        {"0": 0.5, "7": 0.75},
        {"0": 0.4, "7": 0.4},
    ]
    assert [one["control"] for one in found["contestants"]] == [False, True]


def test_findings_share_nothing() -> None:
    Findings().said.append("something")
    assert Findings().said == []
