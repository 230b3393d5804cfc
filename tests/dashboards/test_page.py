"""Markup: text stays text, numbers are MLflow's, what a reader must know is said."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
from made_claims import claim, with_claims
from mlflow import MlflowClient

from layerwise.dashboards import page, sentences
from layerwise.dashboards.document import sections
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import interval
from layerwise.dashboards.wording import plus_minus


def test_json_in_a_script_cannot_end_it() -> None:
    value = {"a": "</script><!--", "b": [math.nan, np.float64(1.5), np.int64(2)], "c": np.eye(1)}
    text = page.embedded(value)
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--", "b": [None, 1.5, 2], "c": [[1.0]]}


def test_tables_become_columns_and_rows() -> None:
    table = pd.DataFrame({"x": [1.0, math.nan], "name": ["a", None]})
    assert page.data(table) == {"columns": ["x", "name"], "rows": [[1.0, "a"], [None, None]]}


def test_the_ranked_table_shows_what_mlflow_holds(crossing: Frames, tracking_uri: str) -> None:
    client = MlflowClient(tracking_uri)
    experiment = client.get_experiment_by_name("crossing")
    assert experiment is not None
    trials = client.search_runs(
        [experiment.experiment_id], "tags.`layerwise.kind` = 'trial'", max_results=1000
    )
    values: dict[str, list[float]] = {}
    tests: dict[str, list[float]] = {}
    for run in trials:
        setting = run.data.tags["layerwise.setting"]
        metrics = run.data.metrics
        values.setdefault(setting, []).append(metrics["validation/reconstruction_error"])
        tests.setdefault(setting, []).append(metrics["test/reconstruction_error"])
    best = min(values, key=lambda setting: float(np.mean(values[setting])))
    html = page.ranked_table(crossing, "codes")
    first = html.split("<tbody>")[1].split("</tr>")[0]
    assert f'<td class="main">{plus_minus(interval(values[best]))}</td>' in first
    assert f"<td>{plus_minus(interval(tests[best]))}</td>" in first
    assert html.count("<tr") == 1 + page.BEST_SHOWN
    assert "The best 10 of 12" in html


def test_stages_side_by_side_are_columns_of_text(readouts: Frames, hostile: Frames) -> None:
    (made,) = (one for one in sections(readouts) if one.kind == "side-by-side")
    html = page.section(readouts, made)
    assert '<th scope="col">first</th><th scope="col">second</th>' in html
    assert '<th scope="row">Trials</th><td>9</td><td>18</td>' in html
    assert html.index("<table") < html.index("<figure")
    name = hostile.stages[0]
    words = pd.DataFrame([["Model", name]], columns=["", name])
    assert "<b" not in page.words(replace(made, words=words)).replace("<body", "")
    assert page.words(replace(made, words=None)) == ""


def test_one_seed_has_no_plus_minus(one_seed: Frames) -> None:
    html = page.ranked_table(one_seed, "codes")
    assert "±" not in html
    assert "<line" not in html


def test_notices(crossing: Frames, one_seed: Frames, diverged: Frames, running: Frames) -> None:
    assert page.notices(crossing) == []
    assert any("There is one seed" in note for note in page.notices(one_seed))
    (note,) = page.notices(diverged)
    assert note == (
        "3 trials diverged (at epoch 2) and are left out of every mean; "
        "a setting that lost a seed is ranked after those that did not."
    )
    ended = [3.0, 9.0, *[np.nan] * (len(crossing.runs) - 2)]
    (note,) = page.notices(replace(crossing, runs=crossing.runs.assign(stopped_at=ended)))
    assert note == (
        "2 trials were stopped early (after epochs 3 to 9), having fallen behind, and are left out "
        "of every mean."
    )
    (note,) = page.notices(running)
    assert note == "This study has not finished: 20 trials are recorded as done."


def test_the_header_has_question_answer_and_contents(crossing: Frames) -> None:
    made = sections(crossing)
    html = page.header(crossing, made)
    assert "<h1>Do noise, sparsity and contraction help one another?</h1>" in html
    assert 'class="answer">Of 12 settings, the best is' in html
    for section in made:
        assert f'href="#{section.name}"' in html
        assert f'<section id="{section.name}"' in page.section(crossing, section)
    assert ("data", "digits, 1 258 / 269 / 270 samples") in page.facts(crossing)
    assert "commit 0123456789ab" in page.footer(crossing)


def test_below_claims_stands_what_was_reached_but_not_where_networks_are_for_a_use(
    crossing: Frames,
) -> None:
    said = str(crossing.study["verdict"])
    assert page.remarks(crossing) == [said]
    judged = with_claims(crossing, claim("holds"), measures=[])
    assert page.remarks(judged) == [sentences.reached(judged), said]
    assert page.remarks(with_claims(crossing, claim("holds"))) == []


def test_hostile_names_are_text_everywhere(hostile: Frames) -> None:
    made = sections(hostile)
    html = page.header(hostile, made) + "".join(page.section(hostile, s) for s in made)
    for markup in ("<img src", "<script>", "<b onclick", "<i>"):
        assert markup not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_branches_are_no_chain(two_stages: Frames) -> None:
    first, second = two_stages.study["stages"]
    second = {**second, "model": "bernoulli_rbm"}
    for after, said in (
        ([first["name"]], "denoising autoencoder → bernoulli rbm"),
        ([], "denoising autoencoder, bernoulli rbm"),
    ):
        study = {**two_stages.study, "stages": [first, {**second, "after": after}]}
        frames = replace(two_stages, study=study, memory={})
        assert dict(page.facts(frames))["stages"] == said
