"""The ranked answer at the widths that terminals have."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from layerwise.dashboards.reliability import Doubt
from layerwise.dashboards.statistics import Interval, interval
from layerwise.platform.answer.ranking import TEST, Ranked
from layerwise.platform.commands.answer_table import settings
from layerwise.platform.plan import Trial

METRIC = "validation/reconstruction_error"
PATHS = ("corruption.level", "sparsity.weight", "contraction.weight")


def ranking(count: int, seeds: int = 3) -> list[Ranked]:
    """Rows with three swept numbers each."""
    trial = Trial("0" * 64, "codes", 0, "autoencoder", 0, 64, "float32", {}, {}, {}, {})
    rows = []
    for rank in range(1, count + 1):
        errors = interval([rank + 0.01 * seed for seed in range(seeds)])
        values = dict.fromkeys(PATHS, rank / 1000)
        metrics = {METRIC: errors, TEST: errors, "validation/hoyer_sparsity": errors}
        rows.append(Ranked(rank, values, (trial,) * seeds, errors, metrics))
    return rows


def shown(rows: list[Ranked], width: int, metric: str = METRIC, way: str = "minimize") -> str:
    """The table as it is printed."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    settings(console, rows, metric, way)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_nothing_is_cut_off(width: int) -> None:
    text = shown(ranking(3), width)
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines)
    assert "…" not in text
    # Each setting on one line; above them one line of heading, or two where it is narrow.
    assert len(lines) == 1 + (2 if width == 80 else 1) + 3
    words = set(text.split())
    for path in PATHS:
        assert {path} <= words or set(path.replace(".", ". ").split()) <= words
    assert {"validation", "test"} <= words


def test_a_value_that_is_left_out_of_a_setting_leaves_its_cell_empty() -> None:
    rows = ranking(3)
    rows[1] = replace(rows[1], values={PATHS[0]: 0.5, "momentum": 0.75, PATHS[2]: 0.25})
    _, heading, *lines = shown(rows, 160).splitlines()
    assert heading.split()[:4] == [*PATHS, "momentum"]
    assert lines[0].split()[:4] == ["1", "0.001", "0.001", "0.001"]
    assert lines[1].split()[:4] == ["2", "0.5", "0.25", "0.75"]


def test_the_line_above_says_what_is_shown() -> None:
    assert shown(ranking(1), 100).splitlines()[0] == (
        f"{METRIC}, lowest first; mean over 3 seeds ± 95 % interval"
    )
    assert "±" not in shown(ranking(2, seeds=1), 100)
    other = shown(ranking(1), 100, "validation/hoyer_sparsity", "maximize")
    assert other.startswith("validation/hoyer_sparsity, highest first")
    assert "validation hoyer_sparsity" in other


def test_settings_that_may_be_the_best_are_marked() -> None:
    rows = ranking(3)
    near, far = Interval(0.5, -0.5, 1.5, 3), Interval(2.0, 1.5, 2.5, 3)
    rows[1] = replace(rows[1], difference=near, contends=True)
    rows[2] = replace(rows[2], difference=far, contends=False)
    said, heading, *lines = shown(rows, 160).splitlines()
    assert said.endswith("; ≈ may be the best as well")
    assert "from the best" in heading
    assert "≈ +0.5 ± 1" in lines[1]
    assert "  +2 ± 0.5" in lines[2]
    assert "≈" not in lines[0] + lines[2]
    clear = [rows[0], replace(rows[2], rank=2)]
    assert "may be" not in shown(clear, 160)
    assert "from the best" not in shown(rows[:1], 160)


def test_a_setting_with_more_seeds_says_up_to() -> None:
    rows = ranking(2)
    rows[1] = replace(rows[1], trials=rows[1].trials[:2])
    assert "mean over up to 3 seeds" in shown(rows, 100)


def test_a_long_ranking_is_shortened() -> None:
    lines = shown(ranking(20), 100).splitlines()
    assert lines[-1] == "and 12 more, all of them in the report"
    assert len(lines) == 2 + 8 + 1


def test_the_test_error_is_shown_once() -> None:
    assert shown(ranking(1), 100, TEST).splitlines()[1].split().count("test") == 1


def test_an_unreliable_value_is_called_so_with_its_bounds() -> None:
    metric = "validation/log_likelihood"
    (row,) = ranking(1)
    found = interval([-91.0, -92.0, -93.0])
    metrics = {**row.metrics, metric: found, "test/log_likelihood": found}
    sound = replace(row, objective=found, metrics=metrics)
    poor = replace(sound, doubts={metric: Doubt(-105.25, -88.0)})
    assert "unreliable" not in shown([sound], 160, metric, "maximize")
    text = shown([poor], 160, metric, "maximize")
    assert text.count("-92 ± 2.5 unreliable: -105.2 to -88") == 1
    assert "test log_likelihood" in text.splitlines()[1]


def test_widths_are_shown_as_a_study_writes_them() -> None:
    (row,) = ranking(1)
    text = shown([replace(row, values={"layers": (500, 250)})], 100)
    assert "[500, 250]" in text
