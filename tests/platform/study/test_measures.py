"""Every measure that a variant takes has a label and a unit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from layerwise.models import names, registry
from layerwise.models.measures.examination import examine
from layerwise.platform.study.measures import MEASURES, described

DIGITS = torch.tensor(np.random.default_rng(0).integers(0, 2, (1, 40, 64)), dtype=torch.float32)
LABELS = torch.arange(40) % 3


@pytest.mark.parametrize("name", names())
def test_what_a_variant_measures_is_described(name: str) -> None:
    variant = registry.lookup(name)
    given = {"hidden": 6, "persistent": True, "objective": "classification"}
    known = {path: value for path, value in given.items() if path in variant.hyperparameters}
    network = variant(64, [registry.resolve(variant, known)], [0])
    network.meet(DIGITS)
    draws = network.draws(network.epochs, 0)
    if network.supervised:
        _, reported = network.supervised_gradients(DIGITS, LABELS[None], draws)
        measured = network.supervised_measures(DIGITS, LABELS)
    else:
        _, reported = network.gradients(DIGITS, draws)
        measured = {}
    final = examine(network, DIGITS, DIGITS, LABELS, LABELS)
    found = {*reported, *network.evaluate(DIGITS, DIGITS), *measured, *final}
    assert found == set(described(found))


def test_bounds_and_levels_are_described_by_what_they_belong_to() -> None:
    told = described(
        [
            "log_likelihood_bound_low",
            "log_likelihood_reliable",
            "log_likelihood_annealed_high",
            "displacement_0",
            "displacement_0.5",
        ]
    )
    assert [measure.label for measure in told.values()] == [
        "bound of the log-likelihood, lower end",
        "log-likelihood, reliable",
        "log-likelihood by annealing, upper end",
        "displacement of clean inputs",
        "displacement at noise 0.5",
    ]
    assert described(["of_nobody", "of_nobody_low"]) == {}


def test_labels_are_distinct() -> None:
    labels = [measure.label for measure in MEASURES.values()]
    assert len(set(labels)) == len(labels)
