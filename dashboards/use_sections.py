"""What the networks are for: anomalies found, samples retrieved, sounds and colours restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chart import Chart, Section
from .figures import (
    anomaly_roc,
    anomaly_scores,
    colour_triplets,
    retrieval_grid,
    spectrograms,
)

if TYPE_CHECKING:
    from .frames import Frames


def uses(frames: Frames) -> Section:
    """A chart for whatever of these was recorded; none, and no note, where nothing was."""
    charts = [
        *_anomalies(frames),
        *_retrieved(frames),
        *_heard(frames),
        *_colours(frames),
    ]
    return Section("uses", "What the networks are for", "uses", charts)


def _anomalies(frames: Frames) -> list[Chart]:
    if anomaly_roc.table(frames).empty:
        return []
    return [
        Chart(
            "anomaly-roc",
            "Anomalies found, for every threshold",
            anomaly_roc.sentence(frames),
            anomaly_roc.draw(frames),
            anomaly_roc.table(frames),
            anomaly_roc.draw(frames, beside=False),
            note="Numbers are areas under the curves; a mark is a detector at its recorded "
            "threshold. Intervals are DeLong’s, over samples.",
        ),
        Chart(
            "anomaly-scores",
            "Scores of normal and of anomalous samples",
            anomaly_scores.sentence(frames),
            anomaly_scores.draw(frames),
            anomaly_scores.table(frames),
            anomaly_scores.draw(frames, columns=1),
            note="The last bar counts all scores beyond it.",
        ),
    ]


def _retrieved(frames: Frames) -> list[Chart]:
    if retrieval_grid.table(frames).empty:
        return []
    return [
        Chart(
            "retrieval",
            "Nearest in the code",
            retrieval_grid.sentence(frames),
            retrieval_grid.draw(frames),
            retrieval_grid.table(frames),
            retrieval_grid.draw(frames, shown=4, label_width=88, width=350),
            note="✓ shares the query’s label, – does not.",
        )
    ]


def _heard(frames: Frames) -> list[Chart]:
    if spectrograms.table(frames).empty:
        return []
    return [
        Chart(
            "spectrograms",
            "Sounds in and out",
            spectrograms.sentence(frames),
            spectrograms.draw(frames),
            spectrograms.table(frames),
            spectrograms.draw(frames, columns=1),
            note=spectrograms.note(frames),
            players=spectrograms.players(frames)[0],
        )
    ]


def _colours(frames: Frames) -> list[Chart]:
    if colour_triplets.table(frames).empty:
        return []
    return [
        Chart(
            "colour",
            "Colours given to grey pictures",
            colour_triplets.sentence(frames),
            colour_triplets.draw(frames),
            colour_triplets.table(frames),
            colour_triplets.draw(frames, shown=3, label_width=100, width=350),
        )
    ]
