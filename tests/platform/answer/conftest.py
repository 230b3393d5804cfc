"""Trained studies that several files ask about."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from answers import DENOISING
from without_ray import TWO_LAYERS, train

from layerwise.platform.data import DataSet, load
from layerwise.platform.execution.execution import Outcome
from layerwise.platform.store import Store
from layerwise.platform.study import Study

torch.set_num_threads(1)


@dataclass(frozen=True)
class Answered:
    """A trained study with all that an answer is made of."""

    study: Study
    data: DataSet
    store: Store
    outcome: Outcome


@pytest.fixture(scope="session")
def denoising(tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """Two noise levels and two contraction weights, three seeds, on images."""
    return _answered(Study(**DENOISING), Store(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="session")
def two_layers(tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """Two layers, two seeds."""
    return _answered(Study(**TWO_LAYERS), Store(tmp_path_factory.mktemp("store")))


def _answered(study: Study, store: Store) -> Answered:
    data = load(study.data)
    return Answered(study, data, store, train(study, store, data))
