"""The table of trials: sorted, cut into pages, and each row a way to its run."""

from __future__ import annotations

import numpy as np
from component_trees import cells, links, text
from dash import html

from layerwise.dashboards.app.address import View, view
from layerwise.dashboards.app.trials_page import ROWS_A_PAGE, columns_of, ordered, trials_page
from layerwise.dashboards.frames import Frames

ERROR = "validation/reconstruction_error"


def test_the_best_trial_comes_first(crossing: Frames) -> None:
    found = ordered(crossing, "codes", "")
    assert list(found[ERROR]) == sorted(crossing.runs[ERROR])


def test_a_column_sorts_both_ways_and_what_is_missing_comes_last(diverged: Frames) -> None:
    for sort in (ERROR, f"-{ERROR}", "status", "-seed"):
        found = ordered(diverged, "codes", sort)[sort.removeprefix("-")]
        values = [v for v in found if v == v and (isinstance(v, str) or np.isfinite(v))]
        assert values == sorted(values, reverse=sort.startswith("-"))
        assert len(found) == len(diverged.runs)
    lost = ordered(diverged, "codes", f"-{ERROR}")[ERROR].tail(3)
    assert lost.isna().all()


def test_an_unknown_column_sorts_as_usual(crossing: Frames) -> None:
    usual, asked = (ordered(crossing, "codes", sort)["key"] for sort in ("", "no such column"))
    assert list(usual) == list(asked)


def test_the_table_holds_the_records_numbers(crossing: Frames) -> None:
    page = trials_page(crossing, "codes", View("crossing"))
    head, *rows = cells(page)
    assert head[:6] == [
        "trial",
        "noise level",
        "sparsity weight",
        "contraction weight",
        "seed",
        "status",
    ]
    assert head[6] == "validation reconstruction error ↑"
    assert len(rows) == 36
    best = crossing.runs.sort_values(ERROR).iloc[0]
    assert rows[0][0] == best["key"][:8]
    assert float(rows[0][6]) == float(f"{best[ERROR]:.4g}")
    assert columns_of(crossing, "codes")[5] == ERROR


def test_headings_and_rows_are_links(crossing: Frames) -> None:
    page = trials_page(crossing, "codes", View("crossing", tab="trials"))
    found = links(page)
    assert view(found["validation reconstruction error ↑"]).sort == f"-{ERROR}"
    assert view(found["seed"]).sort == "seed"
    key = ordered(crossing, "codes", "")["key"].iloc[0]
    assert view(found[key[:8]]).run == key


def test_a_long_table_is_cut_into_pages(crossing: Frames) -> None:
    runs = crossing.runs.loc[crossing.runs.index.repeat(4)].reset_index(drop=True)
    many = Frames(runs, crossing.history, crossing.study)
    first, last, beyond = (
        trials_page(many, "codes", View("crossing", page=page)) for page in (1, 3, 99)
    )
    assert len(cells(first)) == ROWS_A_PAGE + 1
    assert len(cells(last)) == len(runs) - 2 * ROWS_A_PAGE + 1
    assert "page 1 of 3" in text(first)
    assert set(links(first)) & {"← earlier", "later →"} == {"later →"}
    assert set(links(last)) & {"← earlier", "later →"} == {"← earlier"}
    assert cells(beyond) == cells(last)


def test_all_trials_can_be_taken(crossing: Frames) -> None:
    page = trials_page(crossing, "codes", View("crossing", sort="seed"))
    files = [one for one in page if isinstance(one, html.A)]
    assert files[0].href == "numbers/trials.csv?study=crossing&sort=seed"
