"""The page of a trial holds what MLflow's client says of its run, and its place in the tree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from layerwise.dashboards import run_view
from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval

ERROR = "validation/reconstruction_error"


def test_measures_are_the_run_s_own_beside_its_seeds_and_the_best(
    crossing: Frames, tracking_uri: str
) -> None:
    client = MlflowClient(tracking_uri)
    row = crossing.runs.iloc[20]
    found = run_view.view(crossing, row["key"])
    logged = client.get_run(row["run_id"]).data.metrics
    measures = found.measures.set_index("measure")
    assert next(iter(measures.index)) == "reconstruction_error"
    assert set(measures.index) == {name.split("/")[1] for name in logged}
    best = crossing.runs.groupby("setting")[ERROR].mean().idxmin()
    for name, one in measures.iterrows():
        for split in ("train", "validation", "test"):
            wanted = logged.get(f"{split}/{name}", np.nan)
            assert one[split] == pytest.approx(wanted, nan_ok=True)
        first = [p for p in client.get_metric_history(row["run_id"], f"test/{name}") if not p.step]
        assert one["untrained"] == pytest.approx(first[0].value if first else np.nan, nan_ok=True)
        metric = f"{one['split']}/{name}"
        own = crossing.runs.loc[crossing.runs["setting"] == row["setting"], metric]
        over = interval(own.to_numpy())
        assert (one["mean"], one["low"], one["high"], one["n"]) == pytest.approx(
            (over.mean, over.low, over.high, 3)
        )
        held = crossing.runs.loc[crossing.runs["setting"] == best, metric]
        assert one["best"] == pytest.approx(held.mean())
        assert one["doubt"] == ""


def test_settings_are_the_run_s_parameters_swept_ones_first(
    crossing: Frames, tracking_uri: str
) -> None:
    row = crossing.runs.iloc[20]
    found = run_view.view(crossing, row["key"]).settings
    logged = MlflowClient(tracking_uri).get_run(row["run_id"]).data.params
    assert set(found["parameter"]) == set(logged) - {"seed"}
    assert list(found["swept"]) == sorted(found["swept"], reverse=True)
    assert set(found.loc[found["swept"], "parameter"]) == {
        *("corruption.level", "sparsity.weight", "contraction.weight"),
    }
    for one in found.to_dict("records"):
        text = logged[one["parameter"]]
        assert one["value"] == (text if one["parameter"] == "corruption.kind" else float(text))
    level = found[found["parameter"] == "corruption.level"].iloc[0]
    assert (level["label"], level["unit"]) == ("noise level", "standard deviations")


def test_title_and_facts_are_words(crossing: Frames, two_stages: Frames) -> None:
    row = crossing.runs.iloc[20]
    found = run_view.view(crossing, row["run_id"][:10])
    assert (found.key, found.run_id, found.stage) == (row["key"], row["run_id"], "codes")
    assert found.title == (
        f"Noise level {row['corruption.level']:g}, sparsity weight {row['sparsity.weight']:g}, "
        f"contraction weight {row['contraction.weight']:g}, seed {row['seed']}"
    )
    facts = dict(found.facts)
    assert facts["model"] == "denoising_autoencoder"
    assert (facts["epochs"], facts["status"]) == ("6", "finished")
    assert (facts["trained from"], facts["trained by"]) == ("the data", "this study")
    assert facts["MLflow run"] == row["run_id"]
    second = two_stages.runs[two_stages.runs["stage"] == "second"].iloc[0]
    above = two_stages.runs.set_index("key").loc[second["parent_key"]]
    told = dict(run_view.view(two_stages, second["key"]).facts)["trained from"]
    assert told == f"first: noise level {above['corruption.level']:g}, seed {above['seed']}"
    again = replace(crossing, runs=crossing.runs.assign(reused=True), memory={})
    assert "the store" in dict(run_view.view(again, row["key"]).facts)["trained by"]


def test_what_it_stands_on_and_what_stands_on_it(two_stages: Frames) -> None:
    runs = two_stages.runs
    for row in runs.iloc[[0, 4, 8, 9, 18, 26]].to_dict("records"):
        found = run_view.view(two_stages, row["key"])
        assert [step.key for step in found.ancestors] == [k for k in [row["parent_key"]] if k]
        below = runs[runs["parent_key"] == row["key"]].sort_values(ERROR)
        assert [step.key for step in found.descendants] == list(below["key"])
        assert [step.objective for step in found.descendants] == list(below[ERROR])
        assert found.descendant_count == len(below)
        for step in (*found.ancestors, *found.descendants):
            assert step.run_id == runs.set_index("key").loc[step.key, "run_id"]
            assert step.relation == ("parent" if step in found.ancestors else "child")
            assert step.status == "finished"


def test_of_many_descendants_the_best_are_listed(
    two_stages: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_view, "MOST", 2)
    frames = replace(two_stages, memory={})
    root = frames.runs.loc[frames.runs["key"].isin(frames.runs["parent_key"]), "key"].iloc[0]
    found = run_view.view(frames, root)
    below = frames.runs[frames.runs["parent_key"] == root].sort_values(ERROR)
    assert [step.key for step in found.descendants] == list(below["key"][:2])
    assert found.descendant_count == 3


def test_joint_stages_have_several_parents_in_the_order_of_depth(two_stages: Frames) -> None:
    runs = two_stages.runs.copy()
    roots = list(runs.loc[runs["depth"] == 0, "key"][:2])
    middle, end = runs.index[runs["depth"] == 1][:2]
    runs.loc[middle, "parent_key"] = ",".join(roots)
    runs.loc[end, "parent_key"] = runs.loc[middle, "key"]
    runs.loc[end, "depth"] = 2
    frames = replace(two_stages, runs=runs, memory={})
    found = run_view.view(frames, runs.loc[end, "key"])
    assert [step.key for step in found.ancestors[:2]] == roots
    assert found.ancestors[2].key == runs.loc[middle, "key"]
    assert len(dict(run_view.view(frames, runs.loc[middle, "key"]).facts)["trained from"]) > 30
    assert found.key in {step.key for step in run_view.view(frames, roots[0]).descendants}


def test_a_parent_that_is_not_in_the_record_is_known_by_its_key(two_stages: Frames) -> None:
    runs = two_stages.runs[two_stages.runs["stage"] == "second"].reset_index(drop=True)
    frames = replace(two_stages, runs=runs, memory={})
    found = run_view.view(frames, runs["key"].iloc[0])
    (parent,) = found.ancestors
    assert (parent.key, parent.run_id) == (runs["parent_key"].iloc[0], "")
    assert (parent.setting, parent.status) == ("not in this record", "unknown")
    assert np.isnan(parent.objective)
    assert "not in this record" in dict(found.facts)["trained from"]


def test_a_diverged_trial_has_no_test_value_of_its_untrained_network(diverged: Frames) -> None:
    key = diverged.runs.loc[diverged.runs["status"] == "FAILED", "key"].iloc[0]
    found = run_view.view(diverged, key)
    one = found.measures.iloc[0]
    assert np.isnan([one["validation"], one["test"]]).all()
    assert np.isfinite([one["untrained"], one["mean"], one["best"]]).all()
    facts = dict(found.facts)
    assert (facts["epochs"], facts["status"]) == ("2 of 6", "diverged at epoch 2")
    assert found.sentence.startswith("It diverged at epoch 2 of 6")


def test_sections_have_curves_and_the_map_for_wide_and_narrow_pages(
    crossing: Frames, one_trial: Frames
) -> None:
    found = run_view.view(crossing, crossing.runs["key"].iloc[0])
    assert [section.name for section in found.sections] == ["run-curves", "run-map"]
    for section in found.sections:
        for chart in section.charts:
            assert len(chart.table)
            assert chart.sentence.endswith(".")
            assert chart.narrow is not None
            assert chart.drawing.figure().data
            assert chart.narrow.figure().data
    assert found.sections[1].charts[0].drawing.layout["dragmode"] is False
    (only,) = one_trial.runs["key"]
    assert [section.name for section in run_view.view(one_trial, only).sections] == ["run-curves"]


def test_every_state_of_a_trial_has_a_page(running: Frames, crossing: Frames) -> None:
    bare = replace(crossing, history=crossing.history.iloc[:0], memory={})
    none = replace(crossing, runs=crossing.runs.drop(columns=[ERROR]), memory={})
    for frames in (running, bare, none):
        for status in ("RUNNING", "FAILED", "KILLED", "SCHEDULED", "FINISHED"):
            made = replace(frames, runs=frames.runs.assign(status=status), memory={})
            found = run_view.view(made, made.runs["key"].iloc[0])
            assert found.sentence.endswith(".")
            assert isinstance(found.measures, pd.DataFrame)


def test_an_unreliable_value_has_its_bounds(machines: Frames) -> None:
    poor = machines.runs[machines.runs["validation/log_likelihood_reliable"] == 0]
    one = run_view.view(machines, poor["key"].iloc[0]).measures.iloc[0]
    assert one["measure"] == "log_likelihood"
    assert one["doubt"].startswith("unreliable: ")


def test_names_stay_text_and_an_unknown_key_is_an_error(hostile: Frames) -> None:
    found = run_view.view(hostile, hostile.runs["key"].iloc[0])
    assert "<i>gaussian" in found.title or "=1+%{x}" in found.title
    for section in found.sections:
        for chart in section.charts:
            assert "<i>" not in str(chart.drawing.spec())
    with pytest.raises(RecordError):
        run_view.view(hostile, "0" * 64)
