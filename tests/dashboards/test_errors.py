"""A record error says where, which rule, what was found, and what to do."""

from __future__ import annotations

from layerwise.dashboards.errors import RecordError


def test_message() -> None:
    error = RecordError("study", "must be there", "x", "Run it.")
    assert str(error) == "study: must be there, but got 'x'. Run it."
    assert str(RecordError("study", "must be there")) == "study: must be there"
    assert (error.where, error.rule, error.got, error.remedy) == error.args
