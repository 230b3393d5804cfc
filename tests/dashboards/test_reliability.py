"""An unreliable estimate is called so, with its bounds, wherever it is shown."""

from __future__ import annotations

from html import unescape

import numpy as np
import pytest

from layerwise.dashboards import effect_sentences, page, sentences
from layerwise.dashboards.document import sections
from layerwise.dashboards.figures import crossings, learning_curves, ranking, regularisers
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.reliability import Doubt, about, doubt, of_settings, remark
from layerwise.dashboards.report import render

METRIC, TEST, STAGE = "validation/log_likelihood", "test/log_likelihood", "codes"


def trial(value: float, low: float, high: float, reliable: float) -> dict[str, float]:
    names = ("", "_low", "_high", "_reliable")
    return {f"{METRIC}{n}": v for n, v in zip(names, (value, low, high, reliable), strict=True)}


def test_one_unreliable_trial_makes_a_mean_unreliable() -> None:
    sound, poor = trial(-90, -90.1, -89.9, 1), trial(-95, -100, -86, 0)
    assert doubt(METRIC, [sound, sound]) is None
    assert doubt(METRIC, [sound, poor]) == Doubt(-100, -86)
    assert str(doubt(METRIC, [poor])) == "unreliable: −100 to −86.0"
    assert doubt("validation/reconstruction_error", [poor]) is None
    # A flag without bounds bounds nothing.
    assert doubt(METRIC, [{f"{METRIC}_reliable": 0.0}]) == Doubt(-np.inf, np.inf)


def test_settings_with_a_poor_seed_are_doubted(machines: Frames) -> None:
    found = of_settings(machines, STAGE, METRIC)
    trials = machines.trials(STAGE)
    assert set(found) == set(trials.loc[trials["contraction.weight"] == 0.1, "setting"])
    assert len(found) == 6
    for setting, one in found.items():
        own = trials[trials["setting"] == setting]
        assert one == about(own, METRIC)
        assert one.low == pytest.approx(own[f"{METRIC}_low"].min())
        assert one.high == pytest.approx(own[f"{METRIC}_high"].max())


def test_sound_studies_have_no_remark(crossing: Frames, machines: Frames) -> None:
    assert remark(crossing, STAGE, "validation/reconstruction_error") == ""
    assert remark(crossing, STAGE, METRIC) == ""
    said = remark(machines, STAGE, METRIC)
    assert said.startswith("The validation log likelihood of 6 of 36 trials is unreliable: bounds")
    assert "unreliable" not in unescape(render(crossing)).partition("<script>")[0]


def test_the_ranking_calls_them_unreliable(machines: Frames) -> None:
    order = ranking.table(machines, STAGE)
    doubts = of_settings(machines, STAGE, METRIC)
    said = order[f"{METRIC} unreliable"]
    assert {str(setting) for setting in order.index[said != ""]} == set(doubts)
    assert set(said) == {"", *map(str, doubts.values())}
    hovers = [text for trace in ranking.draw(machines, STAGE).traces for text in trace["text"]]
    assert sum("unreliable: " in text for text in hovers) == len(doubts)
    markup = page.ranked_table(machines, STAGE)
    # The objective's cell and the test's.
    shown = int((said.head(page.BEST_SHOWN) != "").sum())
    assert markup.count('<small class="lost">unreliable: ') == 2 * shown > 0


def test_sentences_call_the_best_unreliable_where_it_is(machines: Frames) -> None:
    assert "unreliable" not in sentences.ranks(machines, STAGE)
    poor = machines.runs[machines.runs["contraction.weight"] == 0.1]
    alone = Frames(poor, machines.history, machines.study)
    doubts = of_settings(alone, STAGE, METRIC)
    best = str(doubts[str(ranking.table(alone, STAGE).index[0])])
    assert f"({best})" in sentences.ranks(alone, STAGE)
    # The answer is told of the test set.
    tested = of_settings(alone, STAGE, TEST)[str(ranking.table(alone, STAGE).index[0])]
    assert f"({tested})" in sentences.answer(alone)


def test_crossings_mark_the_cells(machines: Frames) -> None:
    cells = crossings.table(machines, STAGE, METRIC)
    assert set(cells.loc[cells["unreliable"] != "", "contraction.weight"]) == {0.1}
    texts = [
        text
        for trace in crossings.draw(machines, STAGE, METRIC).traces
        if trace["type"] == "scatter"
        for text in trace["text"]
    ]
    assert sum("unreliable" in text for text in texts) == 6
    assert "unreliable (" in sentences.crossed(machines, STAGE, METRIC)


def test_what_a_hyperparameter_does_to_the_objective_is_shown_and_doubted(machines: Frames) -> None:
    assert regularisers.metrics(machines, STAGE)[0] == METRIC
    shown = regularisers.metrics(machines, STAGE)
    assert "log likelihood" in effect_sentences.regulariser(
        machines, STAGE, "corruption.level", shown
    )
    notes = [c.note for s in sections(machines) if s.kind == "effects" for c in s.charts]
    assert notes
    assert all("is unreliable: bounds reach from" in note for note in notes)


def test_the_page_says_it_before_all_else(machines: Frames) -> None:
    said = page.notices(machines)
    assert remark(machines, STAGE, METRIC) in said
    assert remark(machines, STAGE, TEST) in said


def test_what_is_measured_once_has_no_learning_curve(machines: Frames) -> None:
    assert learning_curves.metrics(machines, STAGE) == (
        "train/reconstruction_error",
        "validation/reconstruction_error",
    )
