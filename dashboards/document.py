"""The report's outline: which sections a study's record fills, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chart import Section
from .claim_sections import claimed
from .stage_sections import of_stage
from .study_sections import beside_one_another, images, spent, tree
from .use_sections import uses

if TYPE_CHECKING:
    from .frames import Frames


def sections(frames: Frames) -> list[Section]:
    """All sections in reading order: claims, uses, then stages, the last first."""
    found = [claimed(frames), uses(frames)]
    made = [section for section in found if section.charts or section.words is not None]
    stages = [stage for stage in frames.stages if len(frames.trials(stage))]
    for stage in reversed(stages):
        place = frames.stages.index(stage)
        suffix = f" · {stage}" if len(stages) > 1 else ""
        made += [
            section
            for section in of_stage(frames, stage, place, suffix)
            if section.charts or section.note
        ]
    made += [section for section in [beside_one_another(frames), tree(frames)] if section.charts]
    made.append(images(frames))
    made.append(spent(frames))
    return made
