"""Sentences say what the numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
from made_claims import claim, with_claims
from made_studies import measures

from layerwise.dashboards import sentences
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval
from layerwise.dashboards.wording import number, spread

METRIC = "validation/reconstruction_error"


def test_the_answer_names_the_best_its_error_and_the_strongest_control(crossing: Frames) -> None:
    errors = [1.02 * measures({}, seed, 6, 6)["reconstruction_error"] for seed in range(3)]
    found = interval(errors)
    assert sentences.answer(crossing) == (
        "Of 12 settings, the best is noise level 0, sparsity weight 0, contraction weight 0: "
        f"a test reconstruction error of {number(found.mean)} (95\u00a0% interval {spread(found)}, "
        "3 seeds), against 1.31 for PCA, 32 components."
    )


def test_claims_are_the_answer_where_there_are_some(crossing: Frames) -> None:
    reached = sentences.answer(crossing)
    alone = with_claims(crossing, claim("fails"))
    assert sentences.answer(alone) == "Codes against pca: fails."
    assert sentences.reached(alone) == reached
    several = with_claims(crossing, claim("holds"), claim("untold"))
    assert sentences.answer(several) == (
        "Codes against pca: holds. 1 of 2 claims holds and 1 cannot be told."
    )


def test_the_answer_with_one_seed_has_no_interval(one_seed: Frames, one_trial: Frames) -> None:
    assert sentences.answer(one_seed).endswith("one seed, so without an interval.")
    assert sentences.answer(one_trial).startswith("The one setting reaches a test recon")
    assert "chance" in sentences.ranks(one_seed, "codes")
    assert sentences.ranks(one_trial, "codes").startswith("There is one setting: a validation")


def test_ranks_counts_what_cannot_be_told_apart(crossing: Frames) -> None:
    text = sentences.ranks(crossing, "codes")
    assert text.startswith("The best setting has the lowest validation reconstruction error, ")
    assert "Not distinguishable from the best with 3 seeds: one of the other 11 set" in text
    order = crossing.runs.groupby("setting").ngroup()
    ladder = crossing.runs.assign(**{METRIC: 10.0 * order + 0.01 * crossing.runs["seed"] * order})
    clear = Frames(ladder, crossing.history, crossing.study)
    text = sentences.ranks(clear, "codes")
    assert "; the next is 10" in text
    assert text.endswith(
        "The winner is clear: with 95\u00a0% confidence none of the other 11 is the best."
    )
    noisy = crossing.runs.assign(**{METRIC: np.random.default_rng(1).normal(size=36) + 5})
    tied = Frames(noisy, crossing.history, crossing.study)
    assert "Not distinguishable from the best with 3 seeds: all of the" in sentences.ranks(
        tied, "codes"
    )


def test_controls_are_compared_by_share(crossing: Frames) -> None:
    text = sentences.beside_controls(crossing, "codes")
    errors = [1.02 * measures({}, seed, 6, 6)["reconstruction_error"] for seed in range(3)]
    share = float(100 * (1 - np.mean(errors) / 1.31))
    assert f"{number(share, 2)}\u00a0% below PCA, 32 components" in text
    assert "below mean image" in text


def test_crossed_and_curves_and_cost(crossing: Frames) -> None:
    assert "goes from" in sentences.crossed(crossing, "codes", METRIC)
    assert "In 6 epochs the best setting's validation rec" in sentences.curves(crossing, "codes")
    assert sentences.spent(crossing) == (
        "32 trials were trained in 2 cohorts; the whole study took 12 s. "
        "Four were in the store already and were not trained again, which saved 1.2 s."
    )


def test_images(crossing: Frames) -> None:
    errors = pd.DataFrame({"sample": [1, 2], "corrupted": [2.0, 4.0], "PCA": [1.0, 2.0]})
    assert sentences.reconstruction(errors) == (
        "Squared distance from the clean images, mean of 2 samples: "
        "3.00 for the corrupted images and 1.50 for PCA."
    )


def test_nothing_finished(crossing: Frames) -> None:
    none = Frames(crossing.runs.assign(status="RUNNING"), crossing.history, crossing.study)
    assert sentences.answer(none) == (
        "No trial has finished with a finite validation reconstruction error."
    )
