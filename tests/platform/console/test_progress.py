"""What a person sees while a study trains, on a terminal and off one."""

from __future__ import annotations

import io

from rich.console import Console
from without_ray import TWO_LAYERS, schedule

from layerwise.platform.console.progress import LineProgress, LiveProgress, display
from layerwise.platform.data import load
from layerwise.platform.plan.cohorts import Cohort
from layerwise.platform.study import Study


def cohort() -> Cohort:
    """The first cohort of two layers: four trials, two epochs."""
    study = Study(**TWO_LAYERS)
    found = schedule(study, load(study.data)).next()
    assert found is not None
    return found


def on(*, terminal: bool) -> Console:
    """A console of 80 columns that writes into memory."""
    return Console(file=io.StringIO(), width=80, force_terminal=terminal, _environ={})


def written(console: Console) -> str:
    """All that was written to it."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_display_suits_the_output() -> None:
    assert isinstance(display(4, on(terminal=True)), LiveProgress)
    assert isinstance(display(4, on(terminal=False)), LineProgress)


def test_lines_count_finished_trials() -> None:
    console, first = on(terminal=False), cohort()
    with display(12, console) as shown:
        shown.started(first)
        shown.progressed(first, 0, 2, 4)
        shown.progressed(first, 1, 2, 4)
        shown.progressed(first, 2, 2, 4)
        shown.finished(first, {})
        shown.failed(first, "[/red] out of memory")
    lines = written(console).splitlines()
    assert lines == [
        f"first: cohort {first.name}, epoch 1 of 2",
        f"first: cohort {first.name} done, 4 of 12 trials",
        f"first: cohort {first.name} failed: [/red] out of memory",
    ]


def test_lines_say_how_many_trials_go_on_and_how_many_were_stopped() -> None:
    console, first = on(terminal=False), cohort()
    with display(12, console) as shown:
        shown.progressed(first, 1, 2, 3)
        keys = [trial.key for trial in first.trials]
        shown.finished(first, {keys[0]: {"stopped_at": 1.0}, keys[1]: {"train/loss": 0.1}})
    assert written(console).splitlines() == [
        f"first: cohort {first.name}, epoch 1 of 2, 3 of 4 trials go on",
        f"first: cohort {first.name} done, 4 of 12 trials, 1 of these 4 stopped early",
    ]


def test_what_another_run_trains_is_said() -> None:
    first = cohort()
    for terminal in (False, True):
        console = on(terminal=terminal)
        with display(12, console) as shown:
            shown.awaited(first)
        said = " ".join(written(console).split())
        assert "first: 4 trials are being trained by another run, and awaited" in said


def test_trials_are_counted_against_what_is_expected_by_now() -> None:
    first = cohort()
    for terminal, said in ((False, "4 of 28 trials"), (True, "4/28")):
        console = on(terminal=terminal)
        with display(12, console) as shown:
            shown.expected(28)
            shown.finished(first, {})
            if isinstance(shown, LiveProgress):
                shown._live.refresh()
        assert said in written(console)


def test_bars_come_and_go_with_their_cohorts() -> None:
    console, first = on(terminal=True), cohort()
    with LiveProgress(12, console) as shown:
        shown._live.refresh()
        assert "starting" in written(console)
        shown.started(first)
        shown.progressed(first, 1, 2, 4)
        shown._live.refresh()
        assert "first, 4 fused, epoch" in written(console)
        assert "1/2" in written(console)
        shown.progressed(first, 1, 2, 3)
        shown._live.refresh()
        assert "first, 3 of 4 still fused, epoch" in written(console)
        shown.finished(first, {})
        shown._live.refresh()
        assert "4/12" in written(console)
        shown.progressed(first, 2, 2, 3)  # a report that comes late


def test_a_cause_is_text_whatever_it_holds() -> None:
    console = on(terminal=True)
    with LiveProgress(12, console) as shown:
        shown.failed(cohort(), "[/red] out of memory")
    assert "failed: [/red] out of memory" in " ".join(written(console).split())


def test_standard_output_is_left_alone(capsys: object) -> None:
    import sys

    before = sys.stdout, sys.stderr
    with LiveProgress(1, on(terminal=True)):
        assert (sys.stdout, sys.stderr) == before
