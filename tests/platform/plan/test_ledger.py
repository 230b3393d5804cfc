from __future__ import annotations

import json
from pathlib import Path

from pretended import SOURCE, stage, study

from layerwise.platform.plan import plan
from layerwise.platform.plan.cohorts import Cohort, form
from layerwise.platform.plan.ledger import Ledger, LedgerForReading


def cohorts() -> list[Cohort]:
    return form(plan(study(stage("codes", 4)), SOURCE).trials(), lambda members: 3)


def keys(made: list[Cohort]) -> list[list[str]]:
    return [[trial.key for trial in cohort.trials] for cohort in made]


def test_cohorts_read_back_in_the_order_made(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "plans" / "one")
    assert ledger.read() == []
    ledger.add(cohorts()[:2])
    ledger.add([])
    ledger.add(cohorts()[2:])
    assert Ledger(ledger.path).read() == keys(cohorts())


def test_what_a_crash_cut_off_is_one_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "one")
    ledger.add(cohorts()[:1])
    whole = ledger.path.read_text()
    ledger.add(cohorts()[1:2])
    ledger.path.write_text(ledger.path.read_text()[: len(whole) + 20])
    ledger.add(cohorts()[2:])
    assert ledger.read() == [keys(cohorts())[0], keys(cohorts())[2]]


def test_damage_counts_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "one"
    for damage in ('{"not": "a list"', '{"a": 1}', "[1, 2]", "[[]]"):
        path.write_text(damage)
        assert Ledger(path).read() == []
    path.write_bytes(b"\xff\xfe")
    assert Ledger(path).read() == []
    path.write_text(json.dumps(["a", "b"]))
    assert Ledger(path).read() == [["a", "b"]]


def test_a_preview_writes_nothing(tmp_path: Path) -> None:
    ledger = LedgerForReading(tmp_path / "one")
    ledger.add(cohorts())
    assert not ledger.path.exists()
