"""What is said of a trial is what its record says, however it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_studies import measures

from layerwise.dashboards import run_sentences
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.siblings import trial
from layerwise.dashboards.wording import number

ERROR = "validation/reconstruction_error"


def with_one(frames: Frames, key: str, **values: Any) -> Frames:
    """The frames with other values in a trial's row."""
    runs = frames.runs.copy()
    for name, value in values.items():
        column = name if name in runs else name.replace("__", "/")
        runs[column] = runs[column].astype(object).where(runs["key"] != key, value)
        if column not in ("status", "key"):
            runs[column] = runs[column].astype(float)
    return replace(frames, runs=runs, memory={})


def test_a_finished_trial_stands_among_seeds_and_settings(crossing: Frames) -> None:
    runs = crossing.runs
    means = runs.groupby("setting")[ERROR].mean().sort_values()
    for place, which in (
        (0, ""),
        (6, "rank 7 of 12"),
        (11, "rank 12 of 12"),
    ):
        own = runs[runs["setting"] == means.index[place]].sort_values(ERROR)
        for row, order in zip(own.to_dict("records"), ("best", "second", "last"), strict=True):
            said = run_sentences.standing(crossing, row["key"])
            apart = row[ERROR] - means.iloc[place]
            assert f"error of {row[ERROR]:.2f} it is the {order} of the 3 seeds" in said
            assert f"{number(abs(apart))} {'above' if apart >= 0 else 'below'} their mean" in said
            assert (
                f"{'above' if apart >= 0 else 'below'} their mean of {means.iloc[place]:.2f}"
                in said
            )
            if place:
                assert which in said
                assert f"the best one, {means.iloc[0]:.2f}, is" in said
            else:
                assert said.endswith("its setting is the best of 12.")


def test_where_more_is_better_the_most_is_the_best(crossing: Frames) -> None:
    goal = {"metric": "validation/hoyer_sparsity", "direction": "maximize"}
    frames = replace(crossing, study={**crossing.study, "objective": goal}, memory={})
    own = frames.runs[frames.runs["setting"] == frames.runs["setting"].iloc[0]]
    key = own.sort_values("validation/hoyer_sparsity")["key"].iloc[-1]
    assert "it is the best of the 3 seeds" in run_sentences.standing(frames, key)


def test_one_trial_and_one_seed(one_trial: Frames, one_seed: Frames) -> None:
    said = run_sentences.standing(one_trial, one_trial.runs["key"].iloc[0])
    assert said.endswith(
        "the only seed of its setting; there is no other setting to compare it with."
    )
    assert "rank" in run_sentences.standing(one_seed, one_seed.runs["key"].iloc[3])


def test_a_diverged_trial_tells_when_and_what_became_of_the_others(diverged: Frames) -> None:
    lost = diverged.runs[diverged.runs["status"] == "FAILED"]
    for row in lost.to_dict("records"):
        said = run_sentences.standing(diverged, row["key"])
        point = {path: row[path] for path in ("corruption.level", "sparsity.weight")}
        point["contraction.weight"] = row["contraction.weight"]
        before = measures(point, row["seed"], 1, 6)["reconstruction_error"]
        assert said.startswith("It diverged at epoch 2 of 6, after a validation reconstruction")
        assert f"error of {before:.2f} at epoch 1." in said
        others = diverged.runs[
            (diverged.runs["setting"] == row["setting"]) & (diverged.runs["key"] != row["key"])
        ]
        mean = others.loc[others["status"] == "FINISHED", ERROR].mean()
        assert f"error of {mean:.2f}" in said
        one = (others["status"] == "FAILED").any()
        assert ("seeds of its setting one finished" in said) == one


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"status": "FAILED"}, "failed", "It failed after epoch 6 of 6, with a"),
        ({"status": "KILLED"}, "interrupted", "It was interrupted after epoch 6 of 6"),
        ({"status": "RUNNING"}, "running", "It is at epoch 6 of 6, with a"),
        ({"status": "SCHEDULED"}, "waiting", "It is at epoch 6 of 6"),
        (
            {"stopped_at": 3.0},
            "stopped at epoch 3",
            "A rule of the study stopped it at epoch 3",
        ),
        ({"validation__reconstruction_error": np.nan}, "finished", "It finished without a finite"),
        ({"status": "ODD"}, "odd", "It odd after epoch 6"),
    ],
)
def test_every_other_end_is_told(
    crossing: Frames, values: dict[str, Any], status: str, said: str
) -> None:
    key = crossing.runs["key"].iloc[5]
    frames = with_one(crossing, key, **values)
    assert run_sentences.status(trial(frames, key)) == status
    text = run_sentences.standing(frames, key)
    assert text.startswith(said)
    others = frames.runs[
        (frames.runs["setting"] == frames.runs["setting"].iloc[5]) & (frames.runs["key"] != key)
    ]
    assert "The other 2 seeds of its setting finished with a mean validation" in text
    assert f"of {others[ERROR].mean():.2f}." in text


def test_without_a_history_the_epochs_are_not_known(crossing: Frames) -> None:
    key = crossing.runs["key"].iloc[5]
    bare = replace(crossing, history=crossing.history.iloc[:0], memory={})
    assert run_sentences.epochs_of(bare, key) == (None, 6)
    for status, lead in (
        ("RUNNING", "It is running"),
        ("SCHEDULED", "It is waiting"),
        ("FAILED", "It failed"),
        ("KILLED", "It was interrupted"),
    ):
        said = run_sentences.standing(with_one(bare, key, status=status), key)
        assert said.startswith(f"{lead} and has no epoch recorded.")


def test_others_that_have_not_finished_are_counted_and_not_compared(diverged: Frames) -> None:
    frames = replace(diverged, runs=diverged.runs.assign(status="FAILED"), memory={})
    said = run_sentences.standing(frames, frames.runs["key"].iloc[0])
    assert "Of the other 2 seeds of its setting none has finished; two of them diverged" in said
    none = replace(frames, runs=frames.runs.drop(columns=ERROR), memory={})
    assert "none has finished" in run_sentences.standing(none, frames.runs["key"].iloc[0])


def test_further_seeds_stand_beside_those_that_are_compared(crossing: Frames) -> None:
    rule = {"seeds": {"stage": "another", "start": 2, "max": 3, "until": 0.0}}
    frames = replace(crossing, study={**crossing.study, **rule}, memory={})
    key = frames.runs.loc[frames.runs["seed"] == 2, "key"].iloc[0]
    assert "a further seed of its setting" in run_sentences.standing(frames, key)


def test_an_unreliable_value_is_called_so(machines: Frames) -> None:
    poor = machines.runs[machines.runs["validation/log_likelihood_reliable"] == 0]
    said = run_sentences.standing(machines, poor["key"].iloc[0])
    assert "(unreliable: " in said


def test_a_setting_is_named_with_what_it_has(two_stages: Frames) -> None:
    key = two_stages.runs.loc[two_stages.runs["stage"] == "second", "key"].iloc[0]
    row = trial(two_stages, key)
    own = run_sentences.named(two_stages, row, own=True)
    assert own == f"noise level {row['corruption.level']:g}"
    assert run_sentences.named(two_stages, row).startswith(f"{own}, noise level (first) ")
    less = {name: value for name, value in row.items() if name != "first.corruption.level"}
    assert run_sentences.named(two_stages, less) == own
