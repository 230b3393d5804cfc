"""The network of a cohort before training, and samples for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from layerwise.models.network import Network
from layerwise.platform.data import DataSet
from layerwise.platform.plan import Source, Trial, plan
from layerwise.platform.plan.network import labels_like, network_of, samples_like
from layerwise.platform.study import Study

X = np.random.default_rng(0).random((9, 6), dtype=np.float32)
DATA = DataSet("mine", X, X[:3], X[:3])
STAGES: list[dict[str, Any]] = [
    {"name": "first", "model": "autoencoder", "hidden": 5, "learning_rate": {"grid": [0.1, 0.2]}},
    {"name": "second", "model": "autoencoder", "hidden": 4},
    {"name": "tuned", "model": "fine_tune"},
]


def trials(name: str) -> list[Trial]:
    study = Study(study="made", data="digits", seeds=[0, 1], stages=STAGES)
    return [trial for trial in plan(study, Source.of(DATA)).trials() if trial.stage == name]


def test_a_cohort_is_one_network() -> None:
    members = trials("second")
    network = network_of(members)
    assert (network.trials, network.visible, network.hidden) == (4, 5, 4)
    assert network.seeds == tuple(trial.seed for trial in members)


def test_a_joint_one_begins_from_the_loaded_stack() -> None:
    members = trials("tuned")
    loaded: list[str] = []

    def load(network: Network, column: Sequence[Trial]) -> None:
        loaded.append(column[0].stage)
        assert network.trials == len(column) == len(members)
        for row, (trial, own) in enumerate(zip(column, members, strict=True)):
            assert trial in own.stack
            shape = network.parameters["hidden_bias"][row].shape
            arrays = network.weights(row) | {"hidden_bias": np.full(shape, 1.0 + row)}
            network.set_weights(arrays, row)

    network = network_of(members, load=load)
    assert loaded == ["first", "second"]
    for layer in ("1", "2"):
        bias = network.parameters[f"{layer}.hidden_bias"]
        assert torch.equal(bias, torch.arange(1.0, 5.0)[:, None].expand_as(bias))


def test_samples_are_the_data_or_stand_for_codes() -> None:
    first, second, tuned = (trials(name)[0] for name in ("first", "second", "tuned"))
    for reader in (first, tuned):
        assert torch.equal(samples_like(reader, DATA)[0], torch.tensor(X))
    assert samples_like(first, DATA, 4).shape == (1, 4, 6)
    assert samples_like(second, DATA, 4).shape == (1, 4, 5)


def test_labels_go_with_the_samples() -> None:
    assert labels_like(DATA) is None
    words = np.array(list("bbabababc"))
    labels = {"train": words, "validation": words[:3], "test": words[:3]}
    found = labels_like(replace(DATA, labels=labels), 3)
    assert found is not None
    assert found.tolist() == [1, 1, 0]
