"""Views become pages; what is wrong with a view is said on it; a page is drawn once for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from component_trees import links, of_type, text
from dash import dcc
from made_studies import Made

from layerwise.dashboards import stages
from layerwise.dashboards.app import render
from layerwise.dashboards.app.address import Among, Between, View
from layerwise.dashboards.app.render import Pages
from layerwise.dashboards.app.screen import Screen
from layerwise.dashboards.app.tabs import TABS
from layerwise.dashboards.app.watch import Watch
from layerwise.dashboards.effects import effect
from layerwise.dashboards.frames import Frames

ALL = frozenset(range(100))
ERROR = "validation/reconstruction_error"


def shown(page: render.Page) -> list[object]:
    """What stands below the tabs."""
    names = ("lead", *render.SLOTS)
    return [one for name in names for one in page.regions[name].children]


def filters(page: render.Page) -> list[object]:
    return list(page.regions["filters"].children)


@pytest.fixture(scope="module")
def pages(watch: Watch) -> Pages:
    """Pages of the store's studies."""
    return Pages(watch)


def test_the_first_page_lists_the_studies(pages: Pages) -> None:
    made = pages.page(View(), Screen())
    assert "crossing" in links(shown(made))
    assert filters(made) == []


def test_a_study_that_is_not_there_is_said_with_a_near_miss(pages: Pages) -> None:
    made = pages.page(View("crosing"), Screen())
    assert "Did you mean 'crossing'?" in text(shown(made))
    assert "crossing" in links(shown(made))


def test_a_record_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("This is no database, however long one looks at it.")
    watch = Watch(f"sqlite:///{tmp_path / 'mlflow.db'}")
    try:
        for view in (View(), View("crossing")):
            made = Pages(watch).page(view, Screen())
            assert "mlflow.db" in text(shown(made))
    finally:
        watch.close()


def test_the_overview_has_question_answer_and_charts(pages: Pages) -> None:
    made = pages.page(View("crossing"), Screen())
    assert made.title == "crossing · layerwise"
    assert "Do noise, sparsity and contraction help one another?" in text(shown(made))
    ids = [one.id for one in of_type(shown(made), dcc.Graph)]
    assert ids[0] == "map"
    assert len(ids) == 1 + 1 + 3 + 1


def test_conditions_reach_every_chart(pages: Pages, crossing: Frames) -> None:
    view = View("crossing").narrowed(Among("sparsity.weight", ("0.0",)))
    made = pages.page(view, Screen())
    assert "4 of 12 settings" in text(shown(made))
    graphs = of_type(shown(made), dcc.Graph)
    ranking = next(g for g in graphs if g.id == {"type": "chart", "name": "ranking-0-chart"})
    drawn = [y for trace in ranking.figure["data"] for y in trace["y"]]
    runs = crossing.runs[crossing.runs["sparsity.weight"] == 0.0]
    assert sorted(drawn) == pytest.approx(sorted(runs.groupby("setting")[ERROR].mean()))


def test_numbers_are_those_of_the_selection(pages: Pages, crossing: Frames) -> None:
    view = View("crossing").narrowed(Between("corruption.level", 0.3, 1.0))
    found = pages.numbers(view, "ranking-0-chart")
    assert found is not None
    runs = crossing.runs[crossing.runs["corruption.level"] > 0.3]
    expected = runs.groupby("setting")[ERROR].mean().sort_values()
    assert list(found["setting"]) == list(expected.index)
    np.testing.assert_allclose(found["mean"], expected)
    assert pages.numbers(view, "no such chart") is None
    trials = pages.numbers(view, "trials")
    assert trials is not None
    assert set(trials["key"]) == set(runs["key"])


def test_nothing_met_is_said(pages: Pages) -> None:
    made = pages.page(View("crossing").narrowed(Between("corruption.level", 5, 6)), Screen())
    assert "No setting meets these conditions." in text(shown(made))
    assert "0 of 12 settings" in text(shown(made))


@pytest.mark.parametrize("tab", [one.name for one in TABS])
@pytest.mark.parametrize("scene", ["one_trial", "running", "two_stages", "hostile"])
def test_every_tab_of_any_record_is_a_page(
    pages: Pages, tab: str, scene: str, request: pytest.FixtureRequest
) -> None:
    frames: Frames = request.getfixturevalue(scene)
    name = str(frames.study["study"])
    made = pages.page(View(name, tab=tab), Screen(narrow=True))
    assert text(shown(made))
    assert made.version >= 1


@pytest.mark.parametrize("tab", [one.name for one in TABS])
def test_a_study_of_which_nothing_finished_says_so(pages: Pages, tab: str, record: Any) -> None:
    lost = record(Made("all is lost", swept={"corruption.level": (0.1, 0.2)}, diverged=ALL))
    made = pages.page(View("all is lost", tab=tab), Screen())
    assert shown(made)
    if tab == "overview":
        assert "No trial of this stage has finished with a finite objective." in text(shown(made))
    if tab == "trials":
        assert text(shown(made)).count("failed") == len(lost.runs)


def test_a_run_and_a_run_that_is_not_there(pages: Pages, two_stages: Frames) -> None:
    trial = two_stages.runs[two_stages.runs["stage"] == "first"].iloc[0]
    made = pages.page(View("two stages", run=trial["key"]), Screen())
    assert "What stands on it" in text(shown(made))
    # The page is its stage's, whatever stage the address names.
    here = [
        one
        for one in of_type(made.regions["navigation"].children, dcc.Link)
        if "here" in one.className
    ]
    assert "first" in [text(one.children) for one in here]
    gone = pages.page(View("two stages", run="0" * 64), Screen())
    assert "run" in text(shown(gone))
    charts = pages.sections(View("two stages", run=trial["key"]))
    assert any(one.charts for one in charts)


def test_two_studies_beside_one_another(pages: Pages, diverged: Frames) -> None:
    view = View("crossing", tab="compare", beside="diverged")
    made = pages.page(view, Screen())
    assert filters(made) == []
    assert of_type(shown(made), dcc.Graph)
    assert pages.numbers(view, "contrast-ranks-chart") is not None
    alone = pages.page(view.with_(beside="no such study"), Screen())
    assert "Choose another study." in text(shown(alone))


def test_the_stages_that_an_address_names_stand_side_by_side(
    pages: Pages, readouts: Frames, crossing: Frames
) -> None:
    view = View("readouts", tab="stages")
    made = pages.page(view, Screen())
    assert filters(made) == []
    (graph,) = of_type(shown(made), dcc.Graph)
    assert graph.id == {"type": "chart", "name": "stages-chart"}
    found = pages.numbers(view, "stages-chart")
    assert found is not None
    assert found.equals(stages.table(readouts, ("first", "second")))
    alone = pages.page(view.with_(stages=("first",)), Screen())
    assert "Tick another stage" in text(shown(alone))
    assert pages.numbers(view.with_(stages=("first",)), "stages-chart") is None
    single = pages.page(View("crossing", tab="stages"), Screen())
    assert "nothing to set beside it" in text(shown(single))
    assert crossing.stages == ("codes",)


def test_a_page_is_drawn_once_for_all_its_readers(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, crossing: Frames
) -> None:
    drawn = []
    whole = Pages._of_study

    def counted(self: Pages, *given: object) -> render.Page:
        drawn.append(given)
        return whole(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Pages, "_of_study", counted)
    pages = Pages(watch)
    view = View("crossing").narrowed(Between("corruption.level", 0.0, 0.1))
    with ThreadPoolExecutor(8) as readers:
        made = list(readers.map(lambda _: pages.page(view, Screen()), range(16)))
    assert len(drawn) == 1
    assert len({id(one) for one in made}) == 1
    pages.page(view, Screen(dark=True))
    assert len(drawn) == 2


def test_the_numbers_of_an_effect_are_the_reports(pages: Pages, crossing: Frames) -> None:
    found = pages.numbers(View("crossing"), "effects-0-0")
    assert found is not None
    table = effect(crossing, "codes", "corruption.level", ERROR).table
    own = found[found["metric"] == ERROR] if "metric" in found else found
    assert set(table["mean"]) <= set(own["mean"])
