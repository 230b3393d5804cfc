"""What a hyperparameter does, in words."""

from __future__ import annotations

import numpy as np

from layerwise.dashboards import effect_sentences
from layerwise.dashboards.effects import effect
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.wording import number, shared_places, spread

METRIC = "validation/reconstruction_error"


def test_raising_a_value_says_by_how_much_with_a_paired_interval(crossing: Frames) -> None:
    text = effect_sentences.regulariser(crossing, "codes", "corruption.level", [METRIC])
    change = effect(crossing, "codes", "corruption.level", METRIC).difference(0.4, 0.0)
    by = number(change.mean, decimals=shared_places(change))
    assert text == (
        f"Raising the noise level from 0 to 0.4 raises the reconstruction error by {by} "
        f"(95\u00a0% interval {spread(change)}, paired over 3 seeds)."
    )


def test_every_metric_has_its_part(crossing: Frames) -> None:
    metrics = [METRIC, "validation/jacobian_norm", "validation/dead_units"]
    text = effect_sentences.regulariser(crossing, "codes", "contraction.weight", metrics)
    assert "It also lowers the Jacobian norm by" in text
    assert text.endswith("and does not change the dead units.")


def test_one_seed_and_no_effect_and_an_optimum_inside(crossing: Frames, one_seed: Frames) -> None:
    text = effect_sentences.regulariser(one_seed, "codes", "corruption.level", [METRIC])
    assert text.endswith("(one seed, so without an interval).")
    noise = np.random.default_rng(0).normal(size=36)
    blurred = Frames(crossing.runs.assign(**{METRIC: noise}), crossing.history, crossing.study)
    text = effect_sentences.regulariser(blurred, "codes", "corruption.level", [METRIC])
    assert "leaves the reconstruction error where it was as far as 3 seeds can tell" in text
    bent = crossing.runs["sparsity.weight"].map({0.0: 2.0, 0.001: 1.0, 0.01: 3.0})
    bowl = Frames(crossing.runs.assign(**{METRIC: bent}), crossing.history, crossing.study)
    text = effect_sentences.regulariser(bowl, "codes", "sparsity.weight", [METRIC])
    assert text.endswith("with its lowest value at 0.001.")


def test_words_are_compared_by_name(hostile: Frames) -> None:
    stage = hostile.stages[0]
    text = effect_sentences.regulariser(hostile, stage, "corruption.kind", [METRIC])
    assert text.startswith("The reconstruction error is lowest with corruption.kind ")


def test_company_says_what_was_left_out(crossing: Frames, diverged: Frames) -> None:
    text = effect_sentences.company(crossing, "codes", "corruption.level")
    assert text.startswith("Average over 6 settings of sparsity weight and contraction weight")
    text = effect_sentences.company(diverged, "codes", "corruption.level")
    assert "Average over 4 settings" in text
    assert "(2 more were left out: a trial is missing or diverged)" in text


def test_draws_have_a_trend(crossing: Frames) -> None:
    order = {name: float(i + 1) for i, name in enumerate(crossing.runs["setting"].unique())}
    value = crossing.runs["setting"].map(order)
    runs = crossing.runs.assign(
        **{"corruption.level": value, "sparsity.weight": value, METRIC: value * 2}
    )
    drawn = Frames(runs, crossing.history, crossing.study)
    text = effect_sentences.regulariser(drawn, "codes", "corruption.level", [METRIC])
    assert text == (
        "Over 12 settings the reconstruction error clearly rises with the noise level "
        "(rank correlation 1.0)."
    )
    assert "each point is one setting" in effect_sentences.company(
        drawn, "codes", "corruption.level"
    )
