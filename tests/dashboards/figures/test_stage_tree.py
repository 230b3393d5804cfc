"""The tree is what the parent keys say: counted again here, trial by trial."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from layerwise.dashboards import lineage
from layerwise.dashboards.figures import stage_tree
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import rows as records

METRIC = "validation/reconstruction_error"


def changed(frames: Frames, chosen: pd.Series, **values: object) -> Frames:
    """The frames with other values in the columns of the chosen trials."""
    runs = frames.runs.copy()
    for name, value in values.items():
        runs[name] = runs[name].astype(object).where(~chosen, value)
    return replace(frames, runs=runs, memory={})


def test_what_was_kept_and_what_sharing_saved_is_said(two_stages: Frames) -> None:
    text = stage_tree.sentence(two_stages)
    assert "First has 3 settings, of which 2 were kept; second has 6 settings." in text
    assert "The tree has 27 trials" in text
    assert "there would be 39: sharing saved 12." in text


def test_the_best_path_is_thick_and_named(two_stages: Frames) -> None:
    thick = stage_tree.figure(two_stages).data[1]
    assert (thick.name, list(thick.x)) == ("the best path", [0, 1, None])
    assert "The best path is noise level 0 (first), noise level" in stage_tree.sentence(two_stages)


def test_shapes_tell_what_became_of_a_setting(two_stages: Frames) -> None:
    runs = two_stages.runs
    table = lineage.table(two_stages)
    ends = list(table.loc[table["state"] == "last stage", "setting"])
    frames = changed(two_stages, runs["setting"] == ends[-1], status="FAILED", diverged_at=1.0)
    frames = changed(frames, runs["setting"] == ends[-2], stopped_at=2.0)
    frames = changed(frames, runs["setting"] == ends[-3], status="RUNNING")
    frames = changed(frames, runs["setting"] == ends[-4], reused=True)
    frames.runs["stopped_at"] = frames.runs["stopped_at"].astype(float)
    states = lineage.table(frames).set_index("setting")["state"]
    assert list(states[ends[-3:]]) == ["not finished", "stopped early", "diverged or failed"]
    traces = stage_tree.figure(frames).data[2:-1]
    names = [trace.name for trace in traces]
    assert names == [
        *("kept", "last stage", "last stage, from the store", "not kept"),
        *("stopped early", "diverged or failed", "not finished"),
    ]
    assert len({trace.marker.symbol for trace in traces}) == len(traces)
    assert sum(len(trace.x) for trace in traces) == len(states)


def test_the_best_is_darkest_and_outlined_whatever_is_better(two_stages: Frames) -> None:
    goal = {"metric": METRIC, "direction": "maximize"}
    most = replace(two_stages, study={**two_stages.study, "objective": goal}, memory={})
    for frames in (two_stages, most):
        table = lineage.table(frames)
        figure = stage_tree.figure(frames)
        ends = next(trace for trace in figure.data if trace.name == "last stage")
        assert (max(ends.marker.color), min(ends.marker.color)) == (1, 0)
        best = table[(table["stage"] == "second") & (table["rank"] == 1)]["setting"].item()
        own = list(table.loc[table["state"] == "last stage", "setting"])
        assert ends.marker.color[own.index(best)] == 1
        assert len(figure.data[-1].x) == 2


def test_several_parents_stand_in_one_tag(two_stages: Frames) -> None:
    runs = two_stages.runs
    others = {seed: own["key"].iloc[-1] for seed, own in runs[runs["depth"] == 0].groupby("seed")}
    both = [
        f"{key},{others[seed]}" if key else ""
        for key, seed in zip(runs["parent_key"], runs["seed"], strict=True)
    ]
    frames = replace(two_stages, runs=runs.assign(parent_key=both), memory={})
    table = lineage.table(frames)
    joint = table[table["stage"] == "second"]
    added = runs[runs["key"] == others[0]]["setting"].item()
    assert all(added in row for row in joint["parents"])
    assert {len(row) for row in joint["parents"]} <= {1, 2}
    ends = [r for r in records(joint) if len(r["parents"]) == 2]
    edges = sum(len(row["parents"]) for row in records(table))
    lines = stage_tree.figure(frames).data[:2]
    assert sum(list(line.x).count(None) for line in lines) == edges
    assert ends


def test_of_many_leaves_the_best_are_drawn_and_the_rest_counted(two_stages: Frames) -> None:
    runs = two_stages.runs
    second = runs[runs["stage"] == "second"]
    copies = [
        second.assign(
            **{
                METRIC: second[METRIC] + copy,
                "key": second["key"] + f"-{copy}",
                "setting": second["setting"] + f"-{copy}",
            }
        )
        for copy in range(1, 15)
    ]
    frames = replace(two_stages, runs=pd.concat([runs, *copies], ignore_index=True), memory={})
    figure = stage_tree.figure(frames)
    drawn = sum(len(trace.x) for trace in figure.data[2:-1])
    assert drawn == lineage.MOST_LEAVES + 2
    left = len(lineage.table(frames)) - drawn
    assert f"{left} settings, none of them on the best path, are not drawn" in stage_tree.sentence(
        frames
    )
    assert figure.layout.height < 1300


def test_without_edges_or_results_it_says_so(crossing: Frames, two_stages: Frames) -> None:
    for frames in (crossing, changed(two_stages, two_stages.runs["depth"] == 1, parent_key="")):
        assert lineage.table(frames).empty
        assert stage_tree.sentence(frames) == "No setting started from another one."
        assert not stage_tree.figure(frames).layout.annotations
    second = two_stages.runs["depth"] == 1
    lost = changed(two_stages, second, status="FAILED")
    assert lineage.best_paths(lost) == []
    assert "No setting of the last stage has finished" in stage_tree.sentence(lost)
    assert stage_tree.figure(lost).data
    unknown = replace(two_stages, runs=two_stages.runs.assign(**{METRIC: np.nan}), memory={})
    assert lineage.table(unknown)["mean"].isna().all()
    assert stage_tree.figure(unknown).data


def test_labels_do_not_overlap_and_are_text(two_stages: Frames) -> None:
    stages = {"first": "<b>1", "second": "2%{x}"}
    study = {
        **two_stages.study,
        "stages": [
            {**s, "name": stages[s["name"]], "after": [stages[a] for a in s["after"]]}
            for s in two_stages.study["stages"]
        ],
    }
    runs = two_stages.runs.assign(stage=two_stages.runs["stage"].map(stages))
    named = replace(two_stages, runs=runs, study=study, memory={})
    for labels in (True, False):
        figure = stage_tree.figure(named, labels=labels)
        texts = [note.text for note in figure.layout.annotations]
        assert "<b>&lt;b&gt;1</b><br>3 settings" in texts
        assert not any("%{" in text for text in texts)
    marks = [(note.x, note.y, note.yref) for note in figure.layout.annotations]
    assert all(a != b for a, b in combinations(marks, 2))
