"""Every study that ships, run at a small size: it ends, and every chart that it fills has data.

Whether its claims hold is asked at its own size, by ``make studies``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from in_one_session import Heard
from threadpoolctl import threadpool_limits

from layerwise.dashboards.executions import executions
from layerwise.dashboards.frames import Frames, read
from layerwise.dashboards.report import of_gallery, of_study
from layerwise.platform.commands.ending import Ending
from layerwise.platform.commands.plan import prepare
from layerwise.platform.execution.ray_session import RaySession
from layerwise.platform.home import Home
from layerwise.platform.study.changes import Changes
from layerwise.platform.study.reading import read_study
from layerwise.platform.tracking.recording_process import Opening, RecordingProcess
from layerwise.studies import shipped_studies

STUDIES = {name: file for name, file in shipped_studies().items() if file.parent.name != "papers"}
SCALE = 0.03
SAMPLES = 400
SMALLER: dict[str, list[str]] = {
    "anomaly": ["data.samples=569"],
    "colourise": ["stages.codes.channels=[2, 4]", "stages.codes.hidden=4"],
    "early_losers": ["stages.codes.stop.halving.from=1"],
    "manifold": ["use.manifold.steps=20", "use.manifold.chains=100"],
    "sound": ["data.samples=4000"],
    "topics": ["use.topics.particles=4", "data.samples=200"],
}
"""What else has to be smaller than in the file, or may not be as small as the others."""
PLOTTED = {"scatter", "heatmap", "bar", "histogram"}
"""Traces whose points are asked for; others bring theirs in other ways."""


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Another file is tested beside this one, and small matrices wait for second threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One home for all of them, as a person has it."""
    place = Home(tmp_path_factory.mktemp("studies") / "home")
    place.ensure()
    return place


@pytest.fixture(scope="module")
def session() -> Iterator[RaySession]:
    """One Ray for all of them."""
    with RaySession("local") as started:
        started.start()
        started.wait()
        yield started


def small(name: str) -> Changes:
    """What makes a study small: few epochs, seeds, samples, and temperatures."""
    stages = read_study(STUDIES[name]).stages
    annealed = [stage.name for stage in stages if "annealing.temperatures" in stage.settings]
    fewer = [f"stages.{stage}.annealing.temperatures=20" for stage in annealed]
    common = ["seeds=[0, 1]", f"data.samples={SAMPLES}", *fewer]
    return Changes.of([*common, *SMALLER.get(name, [])], SCALE)


def run(name: str, home: Home, session: RaySession) -> Ending:
    """Run a study and record it, as ``layerwise run`` does."""
    begun = time.monotonic()
    prepared = prepare(name, str(home.path), small(name))
    with RecordingProcess() as recording:
        plan, study = prepared.execution.plan, prepared.study
        log = home.logs / f"{name}.log"
        where = home.tracking_uri, home.artifacts
        recording.start(Opening(*where, study.name, log, plan.key, {}, study.question))
        prepared.execution.prepare(session)
        outcome = prepared.execution.run(session, Heard(), recording.submit)  # type: ignore[arg-type]
        ending = Ending(prepared, outcome, recording, begun)
        ending.record(0)
    return ending


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_ends_and_its_charts_have_data(name: str, home: Home, session: RaySession) -> None:
    ending = run(name, home, session)
    outcome = ending.outcome
    assert not {*outcome.failed, *outcome.skipped, *outcome.diverged}
    assert ending.tracking_error is None
    assert ending.ranking
    for claim in ending.claims:
        # Two seeds tell little, but both sides must have been found.
        assert claim.difference.n == 2, claim.said
    if ending.prepared.study.use is not None:
        assert ending.findings is not None
        for measure in ending.findings.measures:
            assert {one.control for one in measure.contestants} == {True, False}
            for one in measure.contestants:
                assert len(one.values) == 2, (measure.name, one.name)
    made = of_study(recorded(ending.prepared.study.name, home))
    assert made.charts
    for chart in made.charts:
        assert len(chart.table), chart.name
        assert any(has_points(trace) for trace in chart.drawing.traces), chart.name


def test_the_gallery_shows_all_of_them(home: Home) -> None:
    names = sorted({str(row["study"]) for row in executions(home.tracking_uri)})
    if not names:
        pytest.skip("no study was run before")
    made = of_gallery([recorded(name, home) for name in names], {})
    assert len(made.made) == len(names)
    assert all(section.charts for section in made.made)
    assert Path(made.write(home.reports / "gallery.html")).stat().st_size < 60e6


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_says_what_it_asks_and_what_it_expects(name: str) -> None:
    study = read_study(STUDIES[name])
    assert study.name == name
    assert study.question.endswith("?")
    text = STUDIES[name].read_text()
    assert text.startswith("# ")
    if study.claims:
        assert study.expected
        assert len(study.seeds) >= 5


def recorded(name: str, home: Home) -> Frames:
    return read(home.tracking_uri, name)


def has_points(trace: dict[str, Any]) -> bool:
    """Whether a trace holds a number."""
    if trace["type"] not in PLOTTED:
        return True
    return any(len(trace.get(part, ())) for part in ("x", "y", "z"))
