"""What was recorded of the networks' insides: entries of study.json and their arrays, if sound.

A record may be older than these entries, cut short, or written by something else: whatever does
not fit is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .effects import ranked
from .memory import remembered
from .outline import swept
from .wording import setting_text

if TYPE_CHECKING:
    from .frames import Frames

Entry = Mapping[str, Any]
Array = NDArray[np.float64]

LONGEST = 160
"""Characters of a setting's or a class's name that a chart has room for."""


def entries(frames: Frames, kind: str) -> list[Entry]:
    """The entries of a kind: "code_map", "units", "spectrum", "gibbs", "traversal" or "field"."""
    inside = frames.study.get("inside")
    found = inside.get(kind) if isinstance(inside, Mapping) else None
    return [entry for entry in found or [] if isinstance(entry, Mapping)]


def array(frames: Frames, entry: Entry, part: str, dimensions: int) -> Array | None:
    """An array of an entry, with so many dimensions and not empty; None where there is none."""
    names = entry.get("arrays")
    name = names.get(part) if isinstance(names, Mapping) else None
    found = frames.images.get(name) if isinstance(name, str) else None
    if found is None or found.ndim != dimensions or not found.size:
        return None
    return np.asarray(found, dtype=np.float64)


def numbers(entry: Entry, name: str) -> list[float]:
    """A list of finite numbers of an entry; empty where it is none."""
    found = entry.get(name)
    values = [_finite(value) for value in found] if isinstance(found, list) else []
    return [value for value in values if value is not None] if None not in values else []


def count_of(entry: Entry, name: str) -> int:
    """A whole number of an entry, 0 where it is none."""
    return int(_finite(entry.get(name)) or 0.0)


def _finite(value: object) -> float | None:
    """A number of the record, None where it is none or has no end."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None


def samples_of(entry: Entry) -> str:
    """Such as "270 validation samples", "1 000 of 9 000 validation samples"."""
    seen, whole = count_of(entry, "samples"), count_of(entry, "of")
    of = f" of {whole:,}" if whole > seen else ""
    noun = "sample" if seen == 1 and not of else "samples"
    return f"{seen:,}{of} {shortened(entry.get('split') or '')} {noun}".replace(",", " ")


@remembered
def setting_of(frames: Frames, key: str) -> tuple[int, str]:
    """The rank of a trial's setting and its swept values in words; 0 and its key if unknown."""
    rows = frames.runs[frames.runs["key"] == key] if "key" in frames.runs else frames.runs[:0]
    if len(rows):
        stage, setting = str(rows["stage"].iloc[0]), rows["setting"].iloc[0]
        order = ranked(frames, stage)
        if setting in order.index:
            row = order.loc[setting]
            text = setting_text(frames, row.to_dict(), swept(frames, stage))
            return int(row["rank"]), shortened(text)
    return 0, f"trial {shortened(key, 12)}" if key else "an unknown setting"


def label(frames: Frames, entry: Entry) -> str:
    """Such as "1. noise level 0, sparsity weight 0"."""
    rank, text = setting_of(frames, str(entry.get("key") or ""))
    return f"{rank}. {text}" if rank else text


def place(frames: Frames, entry: Entry) -> str:
    """Such as "the best setting", "the setting of rank 3"."""
    rank, text = setting_of(frames, str(entry.get("key") or ""))
    if rank == 1:
        return "the best setting"
    return f"the setting of rank {rank}" if rank else text


def shortened(text: object, longest: int = LONGEST) -> str:
    """Text of unknown origin on one line, cut where it would fill the page."""
    words = " ".join(str(text).split())
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"
