"""Trained studies as a use sees them: without Ray, in the one store of a test session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from without_ray import train

from layerwise.platform.answer.ranking import ranked
from layerwise.platform.data import DataSet, load
from layerwise.platform.store import Store
from layerwise.platform.study import Study
from layerwise.platform.uses.trained import Leaf, Trained

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def use_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store that all of them share."""
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="session")
def trained(use_store: Store) -> Callable[..., Trained]:
    """Trains a study, on its own data or on those given; the best of every branch."""

    def make(written: dict[str, Any], data: DataSet | None = None) -> Trained:
        study = Study(**written)
        given = load(study.data) if data is None else data
        outcome = train(study, use_store, given)
        below = {name for stage in study.stages for name in stage.after}
        leaves = tuple(
            Leaf(stage.name, stage.name, ranked(study, outcome, stage.name)[0].trials, use_store)
            for stage in study.stages
            if stage.name not in below
        )
        return Trained(given, leaves)

    return make
