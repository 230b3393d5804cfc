from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.study import validation
from layerwise.platform.study.validation import InvalidStudyError, Problem, Problems, wrong


def test_key_paths_read_like_python() -> None:
    assert validation.key_path(("stages", 0, "corruption", "level")) == "stages[0].corruption.level"
    assert validation.key_path(()) == "study"
    assert validation.key_path(("a\nb",)) == r"'a\nb'"


def test_a_holder_puts_its_key_in_front() -> None:
    problems = Problems()
    with problems.under("stages", 1):
        raise wrong("must be text", 3)
    with pytest.raises(StudyError, match=r"^stages\[1\]: must be text, but got 3$"):
        problems.raise_any()


def test_all_mistakes_are_said_one_per_line_and_ten_at_most() -> None:
    error = InvalidStudyError([Problem((f"k{index}",), "is wrong") for index in range(13)])
    lines = str(error).splitlines()
    assert lines[0] == "k0: is wrong"
    assert len(lines) == 11
    assert lines[-1] == "… and 3 more"
    assert (error.where, error.rule) == ("k0", "is wrong")


def test_mistakes_survive_pickling() -> None:
    error = InvalidStudyError([Problem(("a",), "r", 1, "m."), Problem(("b",), "s")], ["f:1", "f:2"])
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "f:1: r, but got 1. m.\nf:2: s"
    assert again.problems == error.problems


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("1e-3", "write 1.0e-3"),
        ("1.5e3", "write 1.5e+3"),
        ("-2E5", "write -2.0e+5"),
        ("0.1", "write 0.1"),
        ("0,1", "Write 0.1, with a point"),
        (True, "write 1"),
        ([1, 2], "{grid: [...]}"),
    ],
)
def test_what_was_meant_by_a_misread_number(value: object, meant: str) -> None:
    assert meant in (validation.misread(value) or "")


@pytest.mark.parametrize("value", ["many", "", "1e", "0x10", None])
def test_no_guess_where_no_number_was_meant(value: object) -> None:
    assert validation.misread(value) is None


def test_numpy_values_become_plain() -> None:
    plain = validation.plain({"a": (np.float64(0.5), np.int64(3)), "b": np.arange(2)})
    assert plain == {"a": [0.5, 3], "b": [0, 1]}


@pytest.mark.parametrize("name", ["a", "Layer 1", "x.y-z_0", "a" * 100])
def test_good_names(name: str) -> None:
    assert validation.name(name) == name


@pytest.mark.parametrize(
    "name", ["", " a", "../x", "a..b", "a/b", "<script>", "ä", "a\n", "a" * 101, 3, None, "-a"]
)
def test_names_that_could_escape_a_folder_or_a_page_are_refused(name: Any) -> None:
    with pytest.raises(StudyError):
        validation.name(name)


@pytest.mark.parametrize("value", [10**400, float("nan"), float("inf"), "nan", True, None])
def test_only_finite_numbers_are_numbers(value: Any) -> None:
    with pytest.raises(StudyError, match="must be a share"):
        validation.number(value, "must be a share")


def test_a_whole_float_is_told_how_to_be_an_integer() -> None:
    with pytest.raises(StudyError, match=r"Write 3\."):
        validation.integer(3.0, 0, 9)


@pytest.mark.parametrize("text", ["\ud800", "\x07", "a\x00b", "x" * 5001, False])
def test_text_is_printable_and_short(text: Any) -> None:
    with pytest.raises(StudyError):
        validation.text(text)


def test_a_metric_without_its_split_is_completed() -> None:
    with pytest.raises(StudyError, match=r"Did you mean validation/loss\?"):
        validation.metric("loss")


def test_a_missing_key_that_was_misspelt_is_said_once() -> None:
    with pytest.raises(InvalidStudyError) as caught:
        validation.check_keys({"stags": 1}, ["stages"], ["seeds"])
    assert str(caught.value) == "stags: 'stags' is not a key here. Did you mean 'stages'?"


@pytest.mark.parametrize(
    ("value", "said"), [("on", "Write true."), ("no", "Write false."), (3, "must be true or false")]
)
def test_what_is_neither_true_nor_false(value: object, said: str) -> None:
    assert validation.boolean(True) is True
    with pytest.raises(InvalidStudyError, match=said):
        validation.boolean(value)
