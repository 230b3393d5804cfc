"""The tree of settings is what the parent keys say: counted again here, trial by trial."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards import lineage
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.statistics import rows as records

METRIC = "validation/reconstruction_error"


def test_the_table_has_every_setting_its_parents_and_its_mean(two_stages: Frames) -> None:
    table = lineage.table(two_stages)
    runs = two_stages.runs
    home = dict(zip(runs["key"], runs["setting"], strict=True))
    assert sorted(table["setting"]) == sorted(set(runs["setting"]))
    for row in records(table):
        own = runs[runs["setting"] == row["setting"]]
        assert row["mean"] == pytest.approx(own[METRIC].mean())
        assert set(row["parents"]) == {home[key] for key in own["parent_key"] if key}
        below = runs[runs["parent_key"].isin(own["key"])]
        assert row["children"] == below["setting"].nunique()
        assert (row["trials"], row["finished"]) == (len(own), len(own))
    states = table.groupby("stage")["state"].value_counts().to_dict()
    kept, other = ("first", "kept"), ("first", "not kept")
    assert states == {kept: 2, other: 1, ("second", "last stage"): 6}


def test_what_sharing_saved_is_counted_from_the_keys(two_stages: Frames) -> None:
    runs = two_stages.runs
    ends = ~runs["key"].isin(runs["parent_key"])
    alone = int((1 + (runs.loc[ends, "parent_key"] != "")).sum())
    assert lineage.saving(two_stages) == (len(runs), alone) == (27, 39)


def test_the_best_path_leads_from_the_root_to_the_best_end(two_stages: Frames) -> None:
    runs = two_stages.runs
    means = runs[runs["stage"] == "second"].groupby("setting")[METRIC].mean()
    (way,) = lineage.best_paths(two_stages)
    assert [row["stage"] for row in way] == ["first", "second"]
    assert way[-1]["setting"] == means.idxmin()
    assert way[-1]["mean"] == pytest.approx(means.min())
    assert way[-1]["parents"] == (way[0]["setting"],)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(0, 200))
def test_no_two_nodes_of_a_column_stand_closer_than_a_slot(sizes: list[int], most: int) -> None:
    rows: list[tuple[int, str, tuple[str, ...], int]]
    rows = [(0, f"r{i}", (), size) for i, size in enumerate(sizes)]
    rows += [(1, f"r{i}.{c}", (f"r{i}",), 0) for i, n in enumerate(sizes) for c in range(n)]
    names = ("stage", "setting", "parents", "children")
    made = [dict(zip(names, row, strict=True), rank=n) for n, row in enumerate(rows)]
    at = lineage.places(made)
    leaves = [row for row in made if not row["children"]]
    assert sum(row["setting"] in at for row in leaves) == min(len(leaves), lineage.MOST_LEAVES)
    assert max(at.values()) < lineage.MOST_LEAVES
    for stage in (0, 1):
        places = sorted(
            at[r["setting"]] for r in made if r["stage"] == stage and r["setting"] in at
        )
        assert all(b - a >= 1 - 1e-9 for a, b in pairwise(places))


def test_without_a_tree_nothing_is_saved_and_no_path_is_best(crossing: Frames) -> None:
    assert lineage.table(crossing).empty
    assert lineage.best_paths(crossing) == []
    assert lineage.places([]) == {}


def test_trials_know_their_parents_and_their_children(two_stages: Frames) -> None:
    above, below = lineage.parent_keys(two_stages), lineage.child_keys(two_stages)
    for row in records(two_stages.runs):
        assert above[row["key"]] == ((row["parent_key"],) if row["parent_key"] else ())
        own = two_stages.runs[two_stages.runs["parent_key"] == row["key"]]
        assert list(below.get(row["key"], ())) == list(own["key"])


@given(st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefg"))))
def test_whoever_is_reached_is_so_by_the_shortest_way(edges: dict[str, list[str]]) -> None:
    found = lineage.reached("a", edges)
    assert "a" not in found
    layer, seen, steps = {"a"}, {"a"}, 0
    while layer:
        steps += 1
        layer = {name for one in layer for name in edges.get(one, ())} - seen
        seen |= layer
        assert {name for name, n in found.items() if n == steps} == layer
    assert set(found) == seen - {"a"}
