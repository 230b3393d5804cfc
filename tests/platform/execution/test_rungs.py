"""What cohorts tell one another through files, and what they make of torn ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from layerwise.platform.errors import StoreError
from layerwise.platform.execution.rungs import Rungs

RULE = "halving"


def rungs(folder: Path | None, cohort: str, *groups: str) -> Rungs:
    """A cohort with these groups, a letter for each trial, which are settings of their own."""
    return Rungs(folder, cohort, [tuple(group) for group in groups], groups)


def test_cohorts_see_what_the_others_recorded_at_the_same_epoch(tmp_path: Path) -> None:
    one, other = rungs(tmp_path, "one", "ab", "cd"), rungs(tmp_path, "other", "ef", "gh")
    one.record(RULE, 3, [0.1, 0.2])
    assert one.others(RULE, 3) == []
    assert other.others(RULE, 3) == [0.1, 0.2]
    other.record(RULE, 3, [0.3, None])
    other.record("median", 3, [7.0, 8.0])
    assert one.others(RULE, 3) == [0.3]
    assert one.others(RULE, 9) == []
    one.record(RULE, 9, [0.05, None])
    assert other.others(RULE, 9) == [0.05]


def test_numbers_come_back_to_the_last_bit(tmp_path: Path) -> None:
    values = [0.1 + 0.2, 1e-300, float("inf"), -1 / 3]
    rungs(tmp_path, "one", "a", "b", "c", "d").record(RULE, 1, values)
    assert rungs(tmp_path, "other", "e").others(RULE, 1) == values


def test_a_cohort_that_is_over_counts_with_its_last_values(tmp_path: Path) -> None:
    one, other = rungs(tmp_path, "one", "a", "b"), rungs(tmp_path, "other", "c")
    for epoch in (1, 2, 3):
        one.record("median", epoch, [epoch / 10, epoch / 20])
    assert other.others("median", 2) == [0.2, 0.1]
    assert other.others("median", 4) == []
    one.close()
    assert other.others("median", 4) == [0.3, 0.15]
    assert other.others("median", 7) == [0.3, 0.15]
    assert other.others(RULE, 7) == []


def test_another_attempt_at_a_cohort_decides_the_same(tmp_path: Path) -> None:
    values = [0.3, 0.1]
    first = rungs(tmp_path, "one", "a", "b")
    assert first.decided(RULE, 3, values) is None
    first.record(RULE, 3, values)
    first.decide(RULE, 3, values, [0])
    again = rungs(tmp_path, "one", "a", "b")
    assert again.decided(RULE, 3, values) == [0]
    assert again.decided(RULE, 3, [0.3, 0.1000001]) is None
    assert again.decided(RULE, 9, values) is None
    assert again.decided("median", 3, values) is None


def test_the_seeds_that_come_first_decide_for_their_setting(tmp_path: Path) -> None:
    def seed(number: int) -> Rungs:
        groups = [(f"{setting}{number}",) for setting in "ABC"]
        return Rungs(tmp_path, f"seed {number}", groups, "ABC")

    first, second = seed(0), seed(1)
    assert second.decided_elsewhere(RULE, 3) == {}
    first.decide(RULE, 3, [0.1, 0.2, 0.3], [2])
    assert second.decided_elsewhere(RULE, 3) == {"A": False, "B": False, "C": True}
    # What left stays away; of those that stayed nothing is known at the next rung.
    assert second.decided_elsewhere(RULE, 9) == {"C": True}
    assert second.decided_elsewhere("median", 3) == {"C": True}
    assert second.decided_elsewhere("median", 2) == {}
    second.decide(RULE, 9, [0.1, 0.2, None], [0])
    assert seed(2).decided_elsewhere(RULE, 9) == {"A": True, "B": False, "C": True}


def test_the_parts_of_a_cohort_that_was_cut_count_once(tmp_path: Path) -> None:
    rungs(tmp_path, "whole", "ab", "cd").record(RULE, 3, [0.1, 0.2])
    stranger = rungs(tmp_path, "stranger", "x")
    assert stranger.others(RULE, 3) == [0.1, 0.2]
    left, right = rungs(tmp_path, "left", "a", "c"), rungs(tmp_path, "right", "b", "d")
    left.record(RULE, 3, [0.3, 0.4])
    right.record(RULE, 3, [0.5, 0.6])
    assert stranger.others(RULE, 3) == [0.3, 0.4, 0.5, 0.6]
    # What they were together is not somebody else's.
    assert left.others(RULE, 3) == [0.5, 0.6]


def test_torn_lines_are_left_out_and_what_follows_is_read(tmp_path: Path) -> None:
    one = rungs(tmp_path, "one", "a")
    one.record(RULE, 1, [0.1])
    path = tmp_path / "one.jsonl"
    with path.open("ab") as stream:
        stream.write(b'{"rule":"halving","epoch":2,"val')
    reader = rungs(tmp_path, "reader", "z")
    assert reader.others(RULE, 1) == [0.1]
    assert reader.others(RULE, 2) == []
    again = rungs(tmp_path, "one", "a")
    again.record(RULE, 3, [0.3])
    assert reader.others(RULE, 3) == [0.3]


def test_without_a_folder_nobody_is_told(tmp_path: Path) -> None:
    alone = rungs(None, "one", "a")
    alone.record(RULE, 1, [0.1])
    alone.decide(RULE, 1, [0.1], [])
    alone.close()
    assert alone.others(RULE, 1) == []
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_refuses_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="must be writable"):
        rungs(tmp_path / "rungs", "one", "a")


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "rungs").write_text("")
    with pytest.raises(StoreError, match="rungs"):
        rungs(tmp_path / "rungs", "one", "a")
