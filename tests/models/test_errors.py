"""Errors say where, rule, got and remedy, and survive the way to another process."""

from __future__ import annotations

import pickle

import pytest

from layerwise.models import errors
from layerwise.models.errors import LayerwiseError, near_miss

KINDS = [
    kind for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, LayerwiseError)
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_they_say_everything_and_can_be_sent(kind: type[LayerwiseError]) -> None:
    error = kind("hidden", "must be from 1", 0, "Write 1.")
    assert str(error) == "hidden: must be from 1, but got 0. Write 1."
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert kind.__name__ in (errors.__doc__ or "")


def test_what_is_not_known_is_left_out() -> None:
    assert str(LayerwiseError("here", "must be")) == "here: must be"


def test_long_values_are_shortened() -> None:
    text = str(LayerwiseError("here", "must be short", "x" * 1000))
    assert len(text) < 200
    assert text.endswith("…")


def test_near_misses() -> None:
    assert near_miss("corruption.levle", ["corruption.level", "hidden"]) == "corruption.level"
    assert near_miss("zzz", ["corruption.level", "hidden"]) is None
