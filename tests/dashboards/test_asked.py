"""What was asked differently: all of it, and nothing that is the same."""

from __future__ import annotations

import dataclasses
from typing import Any

from layerwise.dashboards import asked
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sides import Pair
from layerwise.dashboards.wording import count


def as_dict(left: Frames, right: Frames) -> dict[tuple[str, str], tuple[str, str]]:
    table = asked.differences(Pair.of(left, right))
    assert (table["left"] != table["right"]).all()
    columns = (table[name] for name in ("where", "what", "left", "right"))
    return {(where, what): texts for where, what, *texts in zip(*columns, strict=True)}


def changed(frames: Frames, stage: dict[str, Any] | None = None, **study: Any) -> Frames:
    entry = {**frames.study["stages"][0], **(stage or {})}
    return dataclasses.replace(
        frames, study={**frames.study, "stages": [entry], **study}, memory={}
    )


def test_nothing_differs_from_itself(crossing: Frames) -> None:
    assert as_dict(crossing, crossing) == {}
    assert asked.sentence(Pair.of(crossing, crossing)).startswith("Both were asked the same")


def test_every_change_is_found_and_no_other(crossing: Frames) -> None:
    fixed = {"corruption.kind": "masking", "tied": True}
    stage = {"model": "autoencoder", "hidden": 64, "epochs": 7, "fixed": fixed}
    data = {**crossing.study["data"], "digest": "cd" * 32, "train": 2000}
    found = as_dict(crossing, changed(crossing, stage, data=data, question="Why?"))
    assert found == {
        ("study", "question"): [crossing.study["question"], "Why?"],
        ("data", "train"): [count(1258, "sample"), count(2000, "sample")],
        ("data", "digest"): ["ab" * 32, "cd" * 32],
        ("stage codes", "model"): ["denoising autoencoder", "autoencoder"],
        ("stage codes", "hidden"): ["32", "64"],
        ("stage codes", "epochs"): ["6", "7"],
        ("stage codes", "corruption.kind"): ["gaussian", "masking"],
        ("stage codes", "tied"): ["–", "yes"],
    }


def test_swept_stands_against_fixed(crossing: Frames, one_trial: Frames) -> None:
    found = as_dict(crossing, one_trial)
    name = ("stage codes", "sparsity.weight (sparsity weight)")
    assert found[name] == ["swept: 0, 0.001, 0.01", "–"]
    level = ("stage codes", "corruption.level (noise level)")
    assert found[level] == ["swept: 0, 0.4", "swept: 0.1"]
    assert found[("study", "seeds")] == ["0, 1, 2", "0"]
    fixed = {"corruption.level": 0.4, "corruption.kind": "gaussian"}
    found = as_dict(crossing, changed(crossing, {"swept": [], "fixed": fixed}, axes={}))
    assert found[level] == ["swept: 0, 0.4", "0.4"]


def test_what_every_trial_had_counts_as_asked(crossing: Frames) -> None:
    runs = crossing.runs.assign(momentum=0.5)
    silent = dataclasses.replace(crossing, runs=runs, memory={})
    loud = changed(silent, {"fixed": {"corruption.kind": "gaussian", "momentum": 0.5}})
    assert as_dict(silent, loud) == {}
    other = changed(silent, {"fixed": {"corruption.kind": "gaussian", "momentum": 0.9}})
    assert as_dict(silent, other) == {("stage codes", "momentum"): ["0.5", "0.9"]}


def test_stages_meet_by_name_then_by_order(crossing: Frames, two_stages: Frames) -> None:
    table = asked.differences(Pair.of(crossing, two_stages))
    assert {"stage codes | first", "stage second"} <= set(table["where"])
    rule = {"start": 3, "max": 9, "until": 0.02, "stage": "codes"}
    found = as_dict(crossing, changed(crossing, seeds=rule))
    assert found[("study", "seeds")][1] == "3 to 9, until the best is known within 2\u00a0%"


def test_many_values_are_summed_up(crossing: Frames) -> None:
    levels = [index / 100 for index in range(len(crossing.runs))]
    runs = crossing.runs.assign(**{"corruption.level": levels})
    found = as_dict(crossing, dataclasses.replace(crossing, runs=runs, memory={}))
    level = ("stage codes", "corruption.level (noise level)")
    assert found[level][1] == "swept: 36 values from 0 to 0.35"


def test_records_of_every_kind_have_an_answer(
    crossing: Frames, hostile: Frames, running: Frames, widths: Frames
) -> None:
    for other in (hostile, running, widths):
        assert asked.sentence(Pair.of(crossing, other))
        assert len(asked.differences(Pair.of(other, crossing)))
