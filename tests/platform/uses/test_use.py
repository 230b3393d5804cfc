"""Uses are found by their file, and read their settings strictly."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module

import pytest

from layerwise.platform import uses
from layerwise.platform.errors import StudyError
from layerwise.platform.uses.codes import Codes
from layerwise.platform.uses.use import Use


@pytest.mark.parametrize("name", uses.names())
def test_a_use_is_named_as_its_file_and_has_defaults(name: str) -> None:
    made = uses.of(name)
    assert isinstance(made, Use)
    assert made.name == name
    assert made.mapping() == {name: {}}
    assert import_module(f"layerwise.platform.uses.{name}").__doc__
    assert all(field.default is not field.default_factory for field in fields(made))


def test_settings_are_read_and_written() -> None:
    made = uses.of({"codes": {"neighbours": 3, "normalise": True}})
    assert made == Codes(neighbours=3, normalise=True)
    assert uses.of(made.mapping()) == made
    assert uses.of(made) is made


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("cods", "Did you mean codes?"),
        ({"codes": {}, "anomaly": {}}, "exactly one use"),
        ({"codes": {"neighbour": 3}}, "Did you mean 'neighbours'?"),
        ({"codes": {"neighbours": 0}}, "codes.neighbours: must be a whole number from 1 to 100"),
        (3, "must be a use"),
    ],
)
def test_what_is_no_use_is_refused(value: object, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        uses.of(value)
    assert said in str(caught.value)
