"""What a study that runs again keeps of its last end."""

from __future__ import annotations

from layerwise.dashboards.continued_study import continued
from layerwise.dashboards.frames import Frames


def test_without_an_earlier_end_it_is_what_the_trials_tell(running: Frames) -> None:
    assert continued(running.study, {}) == running.study


def test_labels_objective_and_order_come_from_the_earlier_end(
    two_stages: Frames, running: Frames
) -> None:
    before = two_stages.study
    now = {
        **running.study,
        "stages": [
            {"name": "new", "swept": ["a"], "fixed": {}, "trials": 1},
            {"name": "second", "swept": [], "fixed": {"corruption.level": 0.4}, "trials": 2},
            {"name": "first", "swept": ["hidden"], "fixed": {}, "trials": 3},
        ],
    }
    found = continued(now, before)
    assert [stage["name"] for stage in found["stages"]] == ["first", "second", "new"]
    for name in ("objective", "axes", "metrics", "data"):
        assert found[name] == before[name]
    first, second, new = found["stages"]
    assert first["swept"] == ["corruption.level", "hidden"]
    assert second["after"] == ["first"]
    # Of its three levels one has come so far.
    assert second["swept"] == ["corruption.level"]
    assert second["fixed"] == {}
    assert [stage["trials"] for stage in found["stages"]] == [3, 2, 1]
    assert new == {"name": "new", "swept": ["a"], "fixed": {}, "trials": 1}


def test_what_only_the_end_tells_is_not_taken_over(crossing: Frames, running: Frames) -> None:
    found = continued(running.study, crossing.study)
    assert found["images"] == found["controls"] == []
    assert found["cost"] == {}
    assert "verdict" not in found
    assert found["trials"] == running.study["trials"]
    assert found["study"] == "running"
