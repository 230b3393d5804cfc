"""Stages whose batches several workers can share, and those that are refused for it."""

from __future__ import annotations

from typing import Any

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.plan import Source
from layerwise.platform.plan.division import require_divisible
from layerwise.platform.plan.tree import sketch
from layerwise.platform.study import Stage, Study

SOURCE = Source(digest="d" * 64, visible=64, samples=1000)


def divide(workers: int, **stage: Any) -> None:
    stages = (Stage(name="first", model="autoencoder", hidden=8), Stage(name="second", **stage))
    resources = {"workers": workers}
    study = Study(study="shared", data="digits", stages=stages, resources=resources)
    require_divisible(study, sketch(study, SOURCE))


@pytest.mark.parametrize(
    "model", ["sparse_autoencoder", "contractive_autoencoder", "bernoulli_rbm", "gaussian_rbm"]
)
def test_what_is_a_mean_over_samples_is_divided(model: str) -> None:
    divide(4, model=model)


def test_chains_that_persist_are_no_hindrance() -> None:
    divide(4, model="bernoulli_rbm", persistent=True)


def test_a_variant_that_needs_whole_batches_is_refused_where_it_stands() -> None:
    divide(1, model="batch_top_k_autoencoder")
    rule = r"stage 'second': model: cannot be trained by 2 workers.*batch_top_k.*workers: 1"
    with pytest.raises(StudyError, match=rule):
        divide(2, model="batch_top_k_autoencoder")


def test_one_setting_of_a_sweep_is_enough_to_be_refused() -> None:
    with pytest.raises(StudyError, match="starts at the minimum"):
        divide(
            2,
            model="linear_autoencoder",
            hidden=4,
            start={"grid": ["random", "principal_components"]},
        )


def test_a_batch_has_a_sample_for_every_worker() -> None:
    divide(8, model="autoencoder", batch_size=8)
    with pytest.raises(StudyError, match="batch_size: must be at least the 8 workers"):
        divide(8, model="autoencoder", batch_size=7)
