"""The tabs of a study, and the sections that each of them draws when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .. import stage_sections
from ..chart import Chart, Section
from ..claim_sections import claimed
from ..figures import settings_map
from ..measured_sections import importances, inside, likelihoods, trade_offs
from ..outline import final_stages
from ..study_sections import beside_one_another, images, spent, tree
from ..use_sections import uses
from .components import MAP

if TYPE_CHECKING:
    from ..frames import Frames

OfStage = Callable[["Frames", str, int, str], Section]
OfStudy = Callable[["Frames"], Section]


@dataclass(frozen=True)
class Tab:
    """A tab: its name in addresses, its title, and what it draws of a stage and of the study."""

    name: str
    title: str
    of_stage: tuple[OfStage, ...] = ()
    of_study: tuple[OfStudy, ...] = ()
    empty: str = ""

    def sections(self, frames: Frames, stage: str) -> list[Section]:
        """Its sections that have something to show."""
        place = frames.stages.index(stage)
        made = [draw(frames, stage, place, "") for draw in self.of_stage]
        made += [draw(frames) for draw in self.of_study]
        return [one for one in made if one.charts or one.note]


def _claimed(frames: Frames, stage: str, place: int, suffix: str) -> Section:
    """The study's claims, whichever stage is looked at: the answer, before what explains it."""
    return claimed(frames)


OVERVIEW = Tab(
    "overview",
    "Overview",
    (stage_sections.ranks, _claimed, stage_sections.effects, stage_sections.curves),
)
STAGES = Tab("stages", "Stages", (), (beside_one_another,))
"""For a study of several stages; its page says which of them it shows."""
USES = Tab(
    "uses",
    "What it is for",
    (),
    (uses,),
    empty="The study does not say what its networks are for.",
)
"""For a study that says what its networks are for."""
TRIALS = Tab("trials", "Trials")
COMPARE = Tab("compare", "Compare")
TABS = (
    OVERVIEW,
    Tab(
        "matters",
        "What matters",
        (importances, stage_sections.crossed),
        empty="Nothing is swept in this stage, or too few settings have finished to tell.",
    ),
    Tab(
        "trades",
        "Trade-offs",
        (trade_offs, stage_sections.beside_controls, likelihoods),
        empty="No trade-off can be drawn: one setting alone, or one measure alone, is recorded.",
    ),
    USES,
    Tab(
        "inside",
        "Inside the code",
        (inside,),
        (images,),
        empty="No measure of the code itself is recorded for this stage.",
    ),
    Tab(
        "tree",
        "Tree and cost",
        (),
        (tree, spent),
        empty="The record tells of the tree and of the cost when the study has ended.",
    ),
    STAGES,
    TRIALS,
    COMPARE,
)


def tab(name: str) -> Tab:
    """The tab of a name, the overview where there is none of that name."""
    return next((one for one in TABS if one.name == name), OVERVIEW)


def stage_of(frames: Frames, name: str) -> str:
    """The stage of a name if it has trials, else the last one that has."""
    held = [stage for stage in frames.stages if len(frames.trials(stage))]
    if name in held:
        return name
    ends = [stage for stage in final_stages(frames) if stage in held]
    return ends[-1] if ends else (held[-1] if held else "")


def map_axes(frames: Frames, stage: str, x: str, y: str) -> tuple[str, str]:
    """The columns of the map: those asked for where the stage has them, else the usual ones."""
    possible = {column for column, _ in settings_map.choices(frames, stage)}
    usual = settings_map.default_axes(frames, stage)
    return (x if x in possible else usual[0], y if y in possible else usual[1])


def map_chart(
    frames: Frames, stage: str, x: str, y: str, selected: Collection[str] | None
) -> Chart:
    """The map of all settings, those that are not selected faded."""
    return Chart(
        MAP,
        "A mark is a setting, mean over its seeds",
        settings_map.sentence(frames, stage, x, y, selected),
        settings_map.draw(frames, stage, x, y, selected),
        settings_map.table(frames, stage, x, y),
        partial(settings_map.draw, frames, stage, x, y, selected, narrow=True),
        note="Drag a box to keep the settings in it; click a mark to open its trial.",
    )
