"""The verdict: its numbers are the data's, and what cannot be said is not said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import by_client
import numpy as np
import pytest
from made_studies import Made
from scipy import stats

from layerwise.dashboards import contrast_sentences
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sides import Pair
from layerwise.dashboards.statistics import Interval, interval
from layerwise.dashboards.wording import estimate, number, shared_places, spread

METRIC = "validation/reconstruction_error"


def better(frames: Frames, by: float, noise: float = 0.0) -> Frames:
    """The record with another name and an error that is lower by ``by``, up to some noise."""
    rng = np.random.default_rng(0)
    moved = {
        f"{split}/reconstruction_error": frames.runs[f"{split}/reconstruction_error"]
        - by
        + noise * rng.standard_normal(len(frames.runs))
        for split in ("validation", "test")
    }
    study = {**frames.study, "study": "other"}
    return dataclasses.replace(frames, runs=frames.runs.assign(**moved), study=study, memory={})


def test_the_verdict_has_mlflows_numbers(
    tracking_uri: str, crossing: Frames, record: Callable[[Made], Frames]
) -> None:
    other = record(by_client.NOISIER)
    held = []
    for study in ("crossing", "noisier"):
        name = by_client.best(tracking_uri, study, "codes", METRIC)
        found = by_client.values(tracking_uri, study, "codes", METRIC)[name]
        held.append(np.array([found[seed] for seed in (0, 1, 2)]))
    text = contrast_sentences.verdict(Pair.of(crossing, other))
    gap = stats.ttest_rel(held[1], held[0]).confidence_interval(0.95)
    assert gap.low > 0
    means = [estimate(interval(values)) for values in held]
    size = Interval(float(np.mean(held[1] - held[0])), gap.low, gap.high, 3)
    amount = number(size.mean, decimals=shared_places(size))
    assert text.startswith(
        f"crossing is better. Its best setting has a validation reconstruction error of {means[0]},"
        f" that of noisier {means[1]}; the difference, paired by seed, is {amount} ("
    )
    assert f"95\u00a0% interval {spread(size)})" in text
    assert "On test data, by which nothing was chosen, the test reconstruction error of" in text


@pytest.mark.parametrize(("by", "winner"), [(0.3, "other"), (-0.3, "crossing")])
def test_the_better_side_is_named(crossing: Frames, by: float, winner: str) -> None:
    text = contrast_sentences.verdict(Pair.of(crossing, better(crossing, by, noise=0.002)))
    assert text.startswith(f"{winner} is better. ")
    assert f"the test reconstruction error of {winner} is lower than that of" in text


def test_higher_may_be_better(crossing: Frames) -> None:
    goal = {"metric": METRIC, "direction": "maximize"}
    sides = [
        dataclasses.replace(one, study={**one.study, "objective": goal}, memory={})
        for one in (crossing, better(crossing, 0.3, noise=0.002))
    ]
    assert contrast_sentences.verdict(Pair.of(*sides)).startswith("crossing is better. ")


def test_chance_is_not_called_better(crossing: Frames, one_seed: Frames) -> None:
    noisy = contrast_sentences.verdict(Pair.of(crossing, better(crossing, 0.01, noise=0.5)))
    assert noisy.startswith("Neither is clearly better: ")
    same = contrast_sentences.verdict(Pair.of(crossing, crossing))
    assert same.startswith("Neither is better: ")
    alone = contrast_sentences.verdict(Pair.of(one_seed, better(one_seed, 0.3)))
    assert "one seed says nothing of chance" in alone
    assert "interval" not in alone


def test_what_cannot_be_compared_is_said(crossing: Frames, running: Frames) -> None:
    data = dataclasses.replace(
        crossing, study={**crossing.study, "study": "b", "data": {"name": "faces", "digest": "c"}}
    )
    pair = Pair.of(crossing, data)
    text = contrast_sentences.verdict(pair)
    assert text.startswith("These two cannot be compared with one another: crossing was run on")
    assert "better" not in text
    assert contrast_sentences.how(pair) == (
        "No difference is given, because the data are not the same."
    )
    goal = {"metric": "validation/hoyer_sparsity", "direction": "maximize"}
    other = dataclasses.replace(
        crossing, study={**crossing.study, "study": "b", "objective": goal}, memory={}
    )
    text = contrast_sentences.verdict(Pair.of(crossing, other))
    assert text.startswith("These two were not ranked by the same measure: ")
    assert "Neither can be called better; the validation reconstruction error of crossing" in text
    assert "the data of running are not recorded" in contrast_sentences.verdict(
        Pair.of(crossing, running)
    )
    none = dataclasses.replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    assert contrast_sentences.verdict(Pair.of(none, crossing)).startswith(
        "There is nothing to compare yet: no setting of crossing (first) has finished"
    )


def test_how_differences_were_taken(crossing: Frames, one_seed: Frames) -> None:
    assert "the same 3 seeds on the same data" in contrast_sentences.how(
        Pair.of(crossing, crossing)
    )
    assert "same one seed" in contrast_sentences.how(Pair.of(one_seed, one_seed))
    assert "not paired" in contrast_sentences.how(Pair.of(one_seed, crossing))
    kept = crossing.runs[crossing.runs["seed"] < 2].reset_index(drop=True)
    two = dataclasses.replace(crossing, runs=kept, memory={})
    text = contrast_sentences.how(Pair.of(two, crossing))
    assert "over the 2 seeds that both best settings have" in text


def test_more_to_choose_from_is_said(crossing: Frames, one_trial: Frames) -> None:
    text = contrast_sentences.chosen_from(Pair.of(one_trial, crossing))
    assert text.startswith("The best of 12 settings (crossing) stands against the best of 1 (one")
    assert contrast_sentences.chosen_from(Pair.of(crossing, crossing)) == ""
