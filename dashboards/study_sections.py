"""The sections of a study as a whole: its tree, what its networks see, what it cost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import lineage, sentences, stages
from .chart import Chart, Section, charted
from .figures import (
    code_map,
    cost,
    filters,
    gibbs_samples,
    reconstructions,
    spectrum_ranks,
    stage_comparison,
    stage_tree,
    traversal,
    unit_histogram,
    vector_field,
)
from .wording import capital, count

if TYPE_CHECKING:
    from .frames import Frames


def beside_one_another(frames: Frames, shown: tuple[str, ...] | None = None) -> Section:
    """The stages side by side, all that have trials or those ``shown``; empty for a single one."""
    name, title, kind = "stages", "The stages side by side", "side-by-side"
    shown = stages.recorded(frames) if shown is None else shown
    if len(shown) < 2:
        return Section(name, title, kind)
    given = (frames, shown)
    charts = charted(
        f"{name}-chart",
        "What the best of each stage reaches",
        stage_comparison,
        given,
        {"columns": 1},
        stage_comparison.note(*given),
    )
    note = "" if charts else stage_comparison.sentence(*given)
    return Section(name, title, kind, charts, note, words=stages.in_words(*given))


def tree(frames: Frames) -> Section:
    """Which settings started from which, where there is more than one stage."""
    rows = lineage.table(frames)
    if rows.empty:
        return Section("tree", "The tree of stages", "tree")
    chart = Chart(
        "tree-chart",
        "Which settings went on",
        stage_tree.sentence(frames),
        stage_tree.draw(frames),
        rows,
        partial(stage_tree.draw, frames, labels=False),
    )
    return Section("tree", "The tree of stages", "tree", [chart])


def images(frames: Frames) -> Section:
    """Reconstructions, filters and what happens inside, as far as it was recorded."""
    charts = []
    for index, group in enumerate(reconstructions.groups(frames)):
        errors = reconstructions.table(group)
        charts.append(
            Chart(
                f"images-{index}",
                "In and out",
                sentences.reconstruction(errors),
                reconstructions.draw(group),
                errors,
                partial(reconstructions.draw, group, samples=5, label_width=92, width=350),
            )
        )
    for index, panel in enumerate(filters.panels(frames)):
        rows = filters.table(frames, panel)
        charts.append(
            Chart(
                f"filters-{index}",
                f"Filters: {panel.get('title') or panel.get('panel')}",
                f"{capital(count(filters.shown(frames, panel), 'filter'))} of {len(rows)}, "
                "the largest norm first.",
                filters.draw(frames, panel),
                rows,
                partial(filters.draw, frames, panel, columns=8, width=350, most=32),
                note="Blue is positive, brown negative, the paper's colour zero.",
            )
        )
    charts += _inside(frames)
    note = "" if charts else "There are no images: the data are not images, or none were recorded."
    return Section("images", "What the networks see", "images", charts, note)


def _inside(frames: Frames) -> list[Chart]:
    """What the best network dreams or decodes, where its codes lie, and what its units do."""
    given = (frames,)
    return [
        *charted(
            "traversal",
            "Along the code's leading directions",
            traversal,
            given,
            {"label_width": 88, "width": 350},
            "σ: the standard deviation of the codes along a direction.",
        ),
        *charted(
            "gibbs",
            "Samples over Gibbs steps",
            gibbs_samples,
            given,
            {"label_width": 58, "width": 350},
        ),
        *charted(
            "field",
            "Where points of the plane are carried",
            vector_field,
            given,
            {"narrow": True},
            "A dot begins an arrow. Arrows have one scale, and the longest are cut where they "
            "would meet the next one; pointing at a dot tells the whole length.",
        ),
        *charted(
            "code-map",
            "Where the samples lie in the code",
            code_map,
            given,
            {"thumbnails": False},
            "Samples near one another have similar codes, as far as two directions tell. "
            "Labels, where there are any, only choose colours and symbols.",
        ),
        *charted(
            "units",
            "How often each unit speaks",
            unit_histogram,
            given,
            {"columns": 1},
            "The best setting, and the best at other values of what matters most.",
        ),
        *charted(
            "spectrum-ranks",
            "How steeply the code's Jacobian falls off",
            spectrum_ranks,
            given,
            {"legend_rows": 2},
            "Bands hold the middle 80 % of samples.",
        ),
    ]


def spent(frames: Frames) -> Section:
    """Cohorts in time."""
    rows = cost.table(frames)
    text = sentences.spent(frames)
    if rows.empty:
        return Section("cost", "What it cost", "cost", [], text)
    note = "A bar is a cohort, trained as one tensor program; the number in it counts its trials."
    chart = Chart("cost-chart", "Cohorts in time", text, cost.draw(frames), rows, note=note)
    return Section("cost", "What it cost, and what was not trained twice", "cost", [chart])
