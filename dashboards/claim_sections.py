"""What a study claimed, and who was better at what its networks are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import claims
from .chart import Chart, Section, charted
from .figures import claim_leads, contestants
from .wording import capital

if TYPE_CHECKING:
    from .frames import Frames


def claimed(frames: Frames) -> Section:
    """Every claim with how it came out; empty where a study made none."""
    name, title = "claims", "What was claimed, and how it came out"
    words = claims.words(frames)
    if words.empty:
        return Section(name, title, "claims")
    note = str(frames.study.get("expected") or "")
    charts = charted(
        "claims-chart", "How far ahead", claim_leads, (frames,), {"beside": False}, least=1
    )
    return Section(name, title, "claims", charts, note, words=words)


def contested(frames: Frames) -> list[Chart]:
    """A chart for each measure of the study's use, in the record's order."""
    found = []
    for place, contest in enumerate(claims.contests(frames)):
        found += charted(
            f"contest-{place}",
            capital(contest.label),
            contestants,
            (frames, place),
            {"beside": False},
            contest.unit,
        )
    return found
