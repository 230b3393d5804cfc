"""The markup of the gallery; text enters it through ``page.text``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .page import block, facts_list, notices, text, words

if TYPE_CHECKING:
    from .gallery import Entry


def header(entries: Sequence[Entry]) -> str:
    """What the page is, and a line for each study: its question, its answer."""
    lines = "".join(
        f'<li><a href="#{text(entry.anchor)}">{text(entry.question)}</a>'
        f"<small>{text(entry.name)} · {text(entry.answer)}</small></li>"
        for entry in entries
    )
    noun = "study" if len(entries) == 1 else "studies"
    return f"""<header>
<p class="kicker">layerwise</p><h1>What the networks are for</h1>
<p class="answer">{len(entries)} {noun}: what was asked, what came out, what had to be beaten.</p>
<nav aria-label="Studies"><ol class="gallery-list">{lines}</ol></nav>
</header>"""


def section(entry: Entry, reports: Mapping[str, str]) -> str:
    """One study: its question, answer and facts, its claims and charts, and its own report.

    Args:
        entry: the study.
        reports: by the study's name, the address of its report as seen from this page.
    """
    notes = "".join(f'<p class="notice">{text(note)}</p>' for note in notices(entry.frames))
    link = reports.get(entry.name)
    more = f'<p class="more"><a href="{text(link)}">The whole report</a></p>' if link else ""
    made = entry.section()
    above = (
        f'<p class="kicker">{text(entry.name)}</p><p class="said">{text(entry.answer)}</p>{notes}'
        f"{facts_list(entry.frames)}{words(made)}"
    )
    return block(replace(made, words=None), above) + more


def footer() -> str:
    """How the numbers were made."""
    return (
        "<footer><p>Intervals are Student’s t, 95 %, over seeds. A claim compares both sides seed "
        "by seed: it holds where the whole interval of their difference is on its side of zero."
        "</p></footer>"
    )
