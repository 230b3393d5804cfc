"""What the networks are for: anomalies found, samples retrieved, sounds and colours restored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .chart import Section, charted
from .claim_sections import contested
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
    """Who was better at it, and a chart for whatever there is to see; empty where nothing is."""
    given = (frames,)
    heard = charted("spectrograms", "Sounds in and out", spectrograms, given, {"columns": 1})
    charts = [
        *contested(frames),
        *charted(
            "anomaly-roc",
            "Anomalies found, for every threshold",
            anomaly_roc,
            given,
            {"beside": False},
            "Numbers are areas under the curves; a mark is a detector at its recorded threshold. "
            "Intervals are DeLong’s, over samples.",
        ),
        *charted(
            "anomaly-scores",
            "Scores of normal and of anomalous samples",
            anomaly_scores,
            given,
            {"columns": 1},
            "The last bar counts all scores beyond it.",
        ),
        *charted(
            "retrieval",
            "Nearest in the code",
            retrieval_grid,
            given,
            {"shown": 4, "label_width": 88, "width": 350},
            "✓ shares the query’s label, – does not.",
        ),
        *(
            replace(one, note=spectrograms.note(frames), players=spectrograms.players(frames)[0])
            for one in heard
        ),
        *charted(
            "colour",
            "Colours given to grey pictures",
            colour_triplets,
            given,
            {"shown": 3, "label_width": 100, "width": 350},
        ),
    ]
    said = frames.study.get("said")
    note = " ".join(map(str, said)) if isinstance(said, list) else ""
    return Section("uses", "What the networks are for", "uses", charts, note if charts else "")
