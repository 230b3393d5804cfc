"""The sections of one stage: its ranking, and what its hyperparameters do to what it learns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import effect_sentences, sentences
from .chart import Chart, Section
from .figures import controls, crossings, learning_curves, ranking, regularisers
from .measured_sections import importances, inside, likelihoods, trade_offs
from .outline import objective, own_swept
from .reliability import remark
from .wording import axis_entry, axis_label, capital, measure_label

if TYPE_CHECKING:
    from .frames import Frames


def of_stage(frames: Frames, stage: str, place: int, suffix: str) -> Iterator[Section]:
    """The sections of the stage at ``place``; ``suffix`` names it in titles, where it must."""
    metric = objective(frames, stage)[0]
    order = ranking.table(frames, stage)
    if order.empty:
        note = "No trial of this stage has finished with a finite objective."
        yield Section(f"ranking-{place}", f"Ranked settings{suffix}", "ranking", [], note, stage)
        return
    sentence = sentences.ranks(frames, stage)
    chart = Chart(
        f"ranking-{place}-chart",
        "All settings in order",
        sentence,
        ranking.draw(frames, stage),
        order.reset_index(),
        note=remark(frames, stage, metric),
    )
    alone = len(order) == 1
    yield Section(
        f"ranking-{place}",
        f"Ranked settings{suffix}",
        "ranking",
        [] if alone else [chart],
        sentence if alone else "",
        stage,
    )
    yield _controls(frames, stage, place, suffix)
    charts = [
        _regulariser(frames, stage, path, place, i)
        for i, path in enumerate(own_swept(frames, stage))
    ]
    note = "" if charts else "This stage sweeps no hyperparameter of its own."
    yield Section(
        f"effects-{place}", f"What each hyperparameter does{suffix}", "effects", charts, note
    )
    yield importances(frames, stage, place, suffix)
    if crossings.crossing(frames, stage) is not None:
        shown = list(dict.fromkeys([metric, *regularisers.metrics(frames, stage)]))
        yield Section(
            f"crossings-{place}",
            f"Where they cross{suffix}",
            "crossings",
            [
                _crossing(frames, stage, name, f"crossings-{place}-{i}")
                for i, name in enumerate(shown)
            ],
        )
    yield trade_offs(frames, stage, place, suffix)
    yield likelihoods(frames, stage, place, suffix)
    yield inside(frames, stage, place, suffix)
    if learning_curves.metrics(frames, stage) and len(learning_curves.table(frames, stage)):
        chart = Chart(
            f"curves-{place}-chart",
            "The best settings, epoch by epoch",
            sentences.curves(frames, stage),
            learning_curves.draw(frames, stage),
            learning_curves.table(frames, stage),
            learning_curves.draw(frames, stage, columns=1, wrap=40),
        )
        yield Section(f"curves-{place}", f"Learning curves{suffix}", "curves", [chart])


def _controls(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    rows = controls.table(frames, stage)
    charts = []
    note = ""
    if (rows["kind"] == "control").any() and (rows["kind"] == "network").any():
        charts = [
            Chart(
                f"controls-{place}-chart",
                "Test error beside what needs no network",
                sentences.beside_controls(frames, stage),
                controls.draw(frames, stage),
                rows,
                controls.draw(frames, stage, beside=False),
            )
        ]
    else:
        note = "No control was recorded for this stage, so nothing says whether its error is small."
    return Section(f"controls-{place}", f"Against controls{suffix}", "controls", charts, note)


def _regulariser(frames: Frames, stage: str, path: str, place: int, index: int) -> Chart:
    label = axis_label(frames, path)
    shown = regularisers.metrics(frames, stage)
    text = effect_sentences.regulariser(frames, stage, path, shown)
    entry = axis_entry(frames, path)
    unit, meaning = (str(entry.get(name) or "") for name in ("unit", "meaning"))
    longer = meaning if meaning != entry.get("label") else ""
    note = effect_sentences.company(frames, stage, path)
    return Chart(
        f"effects-{place}-{index}",
        capital(label),
        text,
        regularisers.draw(frames, stage, path),
        regularisers.table(frames, stage, path),
        regularisers.draw(frames, stage, path, columns=1),
        note=" ".join(
            [
                note,
                *([f"The {label} is in {unit}."] if unit and not longer else []),
                *(
                    [f"{capital(label)}: {longer}{f', in {unit}' if unit else ''}."]
                    if longer
                    else []
                ),
                *(found for metric in shown if (found := remark(frames, stage, metric))),
            ]
        ),
    )


def _crossing(frames: Frames, stage: str, metric: str, name: str) -> Chart:
    return Chart(
        name,
        capital(measure_label(frames, metric)),
        sentences.crossed(frames, stage, metric),
        crossings.draw(frames, stage, metric),
        crossings.table(frames, stage, metric),
        crossings.draw(frames, stage, metric, columns=1),
        note="Mean over seeds; the framed cell is the best."
        if metric == objective(frames, stage)[0]
        else "Mean over seeds.",
    )
