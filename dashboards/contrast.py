"""Two studies, or two executions of one, side by side: the sections of the page that compares them.

``sides`` says what may be compared, ``contrast_sentences`` the verdict, ``asked`` what differs in
the question.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import asked, contrast_sentences
from .chart import Chart, Section
from .figures import contrast_effects, contrast_ranks, contrast_scores
from .sides import Pair
from .wording import axis_label, capital

if TYPE_CHECKING:
    from .frames import Frames


def sections(left: Frames, right: Frames) -> list[Section]:
    """The sections of the comparison of two records, in reading order."""
    return of_pair(Pair.of(left, right))


def verdict(left: Frames, right: Frames) -> str:
    """Whose best setting is better, by how much, and how surely; or why nobody can say."""
    return contrast_sentences.verdict(Pair.of(left, right))


def of_pair(pair: Pair) -> list[Section]:
    """``sections`` of sides that are paired already."""
    return [_scores(pair), _ranks(pair), _effects(pair), _asked(pair)]


def _scores(pair: Pair) -> Section:
    rows = contrast_scores.table(pair)
    name, title = "contrast-scores", "The best settings, side by side"
    if rows.empty:
        note = "There is no measure that a best setting of both has."
        return Section(name, title, "scores", note=note)
    said = [contrast_sentences.how(pair), contrast_sentences.chosen_from(pair)]
    note = " ".join(text for text in said if text)
    # Where data differ, two dots on one axis would invite to what the page says is not possible.
    if not pair.same_data:
        return Section(name, title, "scores", note=note)
    chart = Chart(
        f"{name}-chart",
        "Measure by measure",
        contrast_scores.sentence(pair),
        contrast_scores.draw(pair),
        rows,
        partial(contrast_scores.draw, pair, columns=1),
    )
    return Section(name, title, "scores", [chart], note)


def _ranks(pair: Pair) -> Section:
    rows = contrast_ranks.table(pair)
    name, title = "contrast-ranks", "All settings of both"
    if rows.empty:
        return Section(name, title, "ranks", note="No setting of either has finished.")
    apart = "" if contrast_ranks.shared(pair) else "Each has an axis of its own."
    chart = Chart(
        f"{name}-chart",
        "From best to worst",
        contrast_ranks.sentence(pair),
        contrast_ranks.draw(pair),
        rows,
        partial(contrast_ranks.draw, pair, columns=1),
        apart,
    )
    return Section(name, title, "ranks", [chart])


def _effects(pair: Pair) -> Section:
    name, title = "contrast-effects", "Hyperparameters that both sweep"
    charts = []
    for index, path in enumerate(contrast_effects.paths(pair)):
        rows = contrast_effects.table(pair, path)
        if rows.empty:
            continue
        charts.append(
            Chart(
                f"{name}-{index}",
                capital(axis_label(pair.left.frames, path)),
                contrast_effects.sentence(pair, path),
                contrast_effects.draw(pair, path),
                rows,
                partial(contrast_effects.draw, pair, path, columns=1),
            )
        )
    if not charts:
        return Section(name, title, "effects", note="There is none.")
    note = (
        "Each line is a mean over the other settings of its own study, the same ones at every "
        "value: shapes may be compared, heights only as far as those other settings are alike."
    )
    return Section(name, title, "effects", charts, note)


def _asked(pair: Pair) -> Section:
    return Section(
        "contrast-asked", "What was asked differently", "asked", note=asked.sentence(pair)
    )
