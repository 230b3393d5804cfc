"""The markup of a comparison: text stays text, numbers are those of the tables."""

from __future__ import annotations

import dataclasses

from layerwise.dashboards import asked, comparison_page, contrast
from layerwise.dashboards.figures import contrast_scores
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sides import Pair
from layerwise.dashboards.statistics import Interval
from layerwise.dashboards.wording import plus_minus


def test_the_header_has_the_verdict_and_the_facts_of_both(
    crossing: Frames, one_seed: Frames
) -> None:
    pair = Pair.of(crossing, one_seed)
    made = contrast.of_pair(pair)
    html = comparison_page.header(pair, made)
    assert "<h1>crossing beside one seed</h1>" in html
    assert contrast.verdict(crossing, one_seed).split(". ")[0] in html
    assert html.count('<dl class="facts">') == 2
    assert "<dd>36</dd>" in html
    assert "<dd>12</dd>" in html
    # A warning is of one side, and says of which.
    assert '<p class="notice">one seed: There is one seed' in html
    for section in made:
        assert f'href="#{section.name}"' in html
        assert f'<section id="{section.name}"' in comparison_page.section(pair, section)
    assert "crossing: layerwise 0.1.0" in comparison_page.footer(pair)


def test_the_table_of_scores_has_both_means_and_the_difference(
    crossing: Frames, two_stages: Frames
) -> None:
    pair = Pair.of(crossing, two_stages)
    html = comparison_page.scores(pair)
    shown = contrast_scores.shown(pair)
    assert html.count("<tr") == 2 + len(shown)
    first = html.split("<tr>")[2]
    row = shown.iloc[0]
    for side in ("left", "right"):
        found = Interval(row[side], row[f"{side}_low"], row[f"{side}_high"], 3)
        assert f"<td>{plus_minus(found)}</td>" in first
    assert "right minus left" in html
    assert "noise level 0" in html


def test_other_data_have_no_column_of_differences(crossing: Frames) -> None:
    study = {**crossing.study, "study": "b", "data": {"name": "faces", "digest": "cd" * 32}}
    pair = Pair.of(crossing, dataclasses.replace(crossing, study=study, memory={}))
    html = comparison_page.scores(pair)
    assert "right minus left" not in html
    assert html.count('<th scope="col">') == 3


def test_the_table_of_what_was_asked(crossing: Frames, one_trial: Frames) -> None:
    pair = Pair.of(crossing, one_trial)
    html = comparison_page.questions(pair)
    assert html.count("<tr") == 1 + len(asked.differences(pair))
    assert "corruption.<wbr>level (noise level)" in html
    # A place is named once, on its first row.
    assert html.count("stage codes") == 1
    assert comparison_page.questions(Pair.of(crossing, crossing)) == ""


def test_nothing_finished_has_no_table(crossing: Frames) -> None:
    none = dataclasses.replace(crossing, runs=crossing.runs.assign(status="RUNNING"), memory={})
    assert comparison_page.scores(Pair.of(none, crossing)) == ""


def test_hostile_and_endless_names_are_short_text(crossing: Frames, hostile: Frames) -> None:
    endless = "<b>" * 1700
    study = {**crossing.study, "study": endless, "question": endless}
    pair = Pair.of(hostile, dataclasses.replace(crossing, study=study, memory={}))
    made = contrast.of_pair(pair)
    html = comparison_page.header(pair, made) + comparison_page.footer(pair)
    html += "".join(comparison_page.section(pair, section) for section in made)
    for markup in ("<img src", "<script>", "<b onclick", "<b><b>", "<i>"):
        assert markup not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert len(html) < 60_000
