"""The collector is paused inside and as before afterwards."""

from __future__ import annotations

import gc

import pytest

from layerwise.dashboards.collector import collector_paused


def test_paused_and_resumed() -> None:
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_resumed_after_an_error() -> None:
    with pytest.raises(KeyError), collector_paused():
        raise KeyError
    assert gc.isenabled()


def test_what_is_kept_is_not_looked_at_again() -> None:
    before = gc.get_freeze_count()
    with collector_paused(kept=True), collector_paused(kept=True):
        made = [[] for _ in range(1000)]
        assert gc.get_freeze_count() < before + len(made)
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    assert frozen > before + len(made)
