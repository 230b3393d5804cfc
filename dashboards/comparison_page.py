"""The markup of the page that sets two records side by side; text enters it through ``page.text``.

Charts, sections and the table of contents are those of ``page``; the header, the table of the best
settings and the table of what was asked differently are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import asked, contrast_sentences
from .figures import contrast_scores
from .page import block, breakable, contents, facts_list, notices, sources, text
from .statistics import Interval, rows
from .wording import capital, plus_minus

if TYPE_CHECKING:
    from .chart import Section
    from .sides import Pair

LONGEST = 400
"""Letters of what was asked that a cell shows; the record has the rest."""


def header(pair: Pair, made: Sequence[Section]) -> str:
    """The two names, the verdict, what a reader must know, and the facts of both."""
    first, second = (text(side.label) for side in pair.sides)
    notes = "".join(
        f'<p class="notice">{text(side.label)}: {text(note)}</p>'
        for side in pair.sides
        for note in notices(side.frames)
    )
    facts = "".join(
        f'<div class="side"><p class="name {_class(side.place)}">{text(side.label)}</p>'
        f"{facts_list(side.frames)}</div>"
        for side in pair.sides
    )
    return f"""<header>
<p class="kicker">Two records side by side</p><h1>{first} beside {second}</h1>
<p class="answer">{text(contrast_sentences.verdict(pair))}</p>{notes}
<div class="sides">{facts}</div>
{contents(list(made))}
</header>"""


def section(pair: Pair, made: Section) -> str:
    """A section with the table that belongs to its kind."""
    tables = {"scores": scores, "asked": questions}
    return block(made, tables[made.kind](pair) if made.kind in tables else "")


def footer(pair: Pair) -> str:
    """How the numbers were made, and where those of each side come from."""
    lines = "".join(f"<p>{text(side.label)}: {sources(side.frames)}</p>" for side in pair.sides)
    return (
        "<footer><p>Intervals are Student’s t, 95 %, over seeds, each for its measure alone. "
        f"{text(contrast_sentences.how(pair))} The best setting of each study was chosen on its "
        f"validation data, by its own objective.</p>{lines}</footer>"
    )


def scores(pair: Pair) -> str:
    """The measures of both best settings, and their differences where they can be taken."""
    shown = contrast_scores.shown(pair)
    if shown.empty:
        return ""
    differ = pair.same_data
    heads = ["", *(side.label for side in pair.sides), *(["right minus left"] if differ else [])]
    body = []
    for row in rows(shown):
        values = [
            Interval(row[name], row[f"{name}_low"], row[f"{name}_high"], row[f"{name}_n"])
            for name in ("left", "right")
        ]
        cells = [f"<td>{text(plus_minus(value))}</td>" for value in values]
        if differ:
            cells.append(_difference(row))
        doubt = f' <small class="lost">{text(row["doubt"])}</small>' if row["doubt"] else ""
        label = capital(str(row["measure"]))
        body.append(f'<tr><th scope="row">{text(label)}{doubt}</th>{"".join(cells)}</tr>')
    settings = "".join(f"<td>{text(side.best_text)}</td>" for side in pair.sides)
    last = f'<tr class="settings"><th scope="row">Setting</th>{settings}'
    body.insert(0, f"{last}{'<td></td>' if differ else ''}</tr>")
    return _table("The best settings of both", "beside", heads, body)


def questions(pair: Pair) -> str:
    """What differs in what was asked; nothing where nothing does."""
    shown = asked.differences(pair)
    if shown.empty:
        return ""
    body = []
    before = ""
    for row in rows(shown):
        where = row["where"] if row["where"] != before else ""
        before = row["where"]
        cells = "".join(f"<td>{breakable(_cut(row[side]))}</td>" for side in ("left", "right"))
        name = (
            f'<th scope="row">{text(_cut(where))}</th><th scope="row">{breakable(row["what"])}</th>'
        )
        body.append(f"<tr>{name}{cells}</tr>")
    heads = ["", "", *(side.label for side in pair.sides)]
    return _table("What was asked differently", "asked-table", heads, body)


def _difference(row: dict[str, Any]) -> str:
    found = Interval(
        row["difference"], row["difference_low"], row["difference_high"], int(row["right_n"])
    )
    sign = "+" if found.mean > 0 else ""
    mark = ' class="clear"' if found.excludes_zero else ""
    return f"<td{mark}>{text(sign + plus_minus(found))}</td>"


def _table(label: str, kind: str, heads: Sequence[str], body: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{breakable(title)}</th>' for title in heads)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text(label)}">'
        f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody>'
        "</table></div>"
    )


def _class(place: int) -> str:
    return ("left", "right")[place]


def _cut(value: object) -> str:
    words = str(value)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
