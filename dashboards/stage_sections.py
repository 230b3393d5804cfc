"""The sections of one stage: its ranking, and what its hyperparameters do to what it learns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from . import effect_sentences, sentences
from .chart import Chart, Section
from .figures import controls, crossings, learning_curves, ranking, regularisers
from .measured_sections import importances, inside, likelihoods, trade_offs
from .outline import objective, own_swept
from .reliability import remark
from .trial_histories import READING
from .wording import axis_entry, axis_label, capital, measure_label

if TYPE_CHECKING:
    from .frames import Frames


def of_stage(frames: Frames, stage: str, place: int, suffix: str) -> Iterator[Section]:
    """The sections of the stage at ``place``; ``suffix`` names it in titles, where it must."""
    yield ranks(frames, stage, place, suffix)
    if ranking.table(frames, stage).empty:
        return
    for section in (
        beside_controls,
        effects,
        importances,
        crossed,
        trade_offs,
        likelihoods,
        inside,
        curves,
    ):
        yield section(frames, stage, place, suffix)


def ranks(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """All settings in order."""
    name, title = f"ranking-{place}", f"Ranked settings{suffix}"
    order = ranking.table(frames, stage)
    if order.empty:
        note = "No trial of this stage has finished with a finite objective."
        return Section(name, title, "ranking", [], note, stage)
    sentence = sentences.ranks(frames, stage)
    if len(order) == 1:
        return Section(name, title, "ranking", [], sentence, stage)
    chart = Chart(
        f"{name}-chart",
        "All settings in order",
        sentence,
        ranking.draw(frames, stage),
        order.reset_index(),
        note=remark(frames, stage, objective(frames, stage)[0]),
    )
    return Section(name, title, "ranking", [chart], "", stage)


def effects(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """What each hyperparameter of the stage does to what it learns."""
    charts = [
        _regulariser(frames, stage, path, place, i)
        for i, path in enumerate(own_swept(frames, stage))
    ]
    note = "" if charts else "This stage sweeps no hyperparameter of its own."
    title = f"What each hyperparameter does{suffix}"
    return Section(f"effects-{place}", title, "effects", charts, note)


def crossed(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """Where two hyperparameters cross."""
    name, shown = f"crossings-{place}", []
    if crossings.crossing(frames, stage) is not None:
        metrics = [objective(frames, stage)[0], *regularisers.metrics(frames, stage)]
        shown = list(dict.fromkeys(metrics))
    charts = [_crossing(frames, stage, metric, f"{name}-{i}") for i, metric in enumerate(shown)]
    return Section(name, f"Where they cross{suffix}", "crossings", charts)


def curves(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """The best settings, epoch by epoch."""
    name, charts = f"curves-{place}", []
    if not frames.histories:
        return Section(name, f"Learning curves{suffix}", "curves", [], READING)
    if learning_curves.metrics(frames, stage) and len(learning_curves.table(frames, stage)):
        chart = Chart(
            f"{name}-chart",
            "The best settings, epoch by epoch",
            sentences.curves(frames, stage),
            learning_curves.draw(frames, stage),
            learning_curves.table(frames, stage),
            partial(learning_curves.draw, frames, stage, columns=1, wrap=40),
        )
        charts = [chart]
    return Section(name, f"Learning curves{suffix}", "curves", charts)


def beside_controls(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """Test error beside what needs no network."""
    rows = controls.table(frames, stage)
    charts = []
    note = ""
    if not frames.histories and "untrained" in rows["name"].to_numpy():
        # The untrained networks' own errors are better than what study.json says of one.
        note = READING
    elif (rows["kind"] == "control").any() and (rows["kind"] == "network").any():
        charts = [
            Chart(
                f"controls-{place}-chart",
                "Test error beside what needs no network",
                sentences.beside_controls(frames, stage),
                controls.draw(frames, stage),
                rows,
                partial(controls.draw, frames, stage, beside=False),
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
        partial(regularisers.draw, frames, stage, path, columns=1),
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
        partial(crossings.draw, frames, stage, metric, columns=1),
        note="Mean over seeds; the framed cell is the best."
        if metric == objective(frames, stage)[0]
        else "Mean over seeds.",
    )
