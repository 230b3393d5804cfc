"""What a reader looks at, as the page's address: a view that is sent to somebody opens as it is.

    ?study=crossing&stage=codes&tab=effects&where=corruption.level:0..0.2&where=sparsity.kind:l1|kl

A condition is ``column:low..high`` (an open end is left out) or ``column:value|value``; what would
be mistaken for a mark of this writing is percent-encoded once more within it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

SAFE = "/_- "
"""Beside letters and digits, what a column or a value keeps within a condition."""


@dataclass(frozen=True)
class Between:
    """A column's value in ``low`` to ``high``, both included; ±inf where open."""

    column: str
    low: float
    high: float

    def text(self) -> str:
        """As an address has it."""
        ends = ("" if math.isinf(end) else repr(float(end)) for end in (self.low, self.high))
        return f"{_coded(self.column)}:{'..'.join(ends)}"


@dataclass(frozen=True)
class Among:
    """A column's value, as text, is one of ``values``."""

    column: str
    values: tuple[str, ...]

    def text(self) -> str:
        """As an address has it."""
        return f"{_coded(self.column)}:{'|'.join(map(_coded, self.values))}"


Condition = Between | Among


@dataclass(frozen=True)
class View:
    """What is looked at; an empty text stands for the page's own choice.

    ``x`` and ``y`` are the columns of the map of settings, ``run`` is a trial's key, ``beside``
    another study, ``sort`` a column of the table of trials (after a minus: downwards), ``page``
    the table's page, from 1. ``stages`` stand side by side, all where there are none.
    """

    study: str = ""
    stage: str = ""
    tab: str = ""
    run: str = ""
    beside: str = ""
    x: str = ""
    y: str = ""
    sort: str = ""
    page: int = 1
    where: tuple[Condition, ...] = field(default=())
    stages: tuple[str, ...] = ()

    def with_(self, **changes: Any) -> View:
        """A view that differs in ``changes``, on the first page unless they say another."""
        return replace(self, **{"page": 1, **changes})

    def without(self, column: str) -> View:
        """A view without the conditions on a column."""
        return self.with_(where=tuple(one for one in self.where if one.column != column))

    def narrowed(self, *conditions: Condition) -> View:
        """A view with ``conditions`` in place of those on the same columns."""
        columns = {one.column for one in conditions}
        kept = tuple(one for one in self.where if one.column not in columns)
        return self.with_(where=(*kept, *conditions))


TEXTS = tuple(one.name for one in fields(View) if one.name not in ("page", "where", "stages"))


def query(view: View) -> str:
    """The address of a view, from its question mark on; "?" alone for the list of studies."""
    pairs = [(name, text) for name in TEXTS if (text := str(getattr(view, name)))]
    pairs += [("stages", name) for name in view.stages]
    pairs += [("where", one.text()) for one in view.where]
    pairs += [("page", str(view.page))] if view.page > 1 else []
    return f"?{urlencode(pairs, quote_via=quote, safe=':/|')}"


def view(search: str | None) -> View:
    """The view of an address's part from the question mark on; what it does not know is left out.

    An address is typed and cut short by people and programs, so that none is an error here: a
    condition that cannot be read is none, and a page is one at least.
    """
    given = parse_qsl((search or "").removeprefix("?"), keep_blank_values=False)
    texts = {name: value for name, value in given if name in TEXTS}
    page = next((value for name, value in given if name == "page"), "1")
    found = _conditions(value for name, value in given if name == "where")
    stages = dict.fromkeys(value for name, value in given if name == "stages")
    number = int(page) if page.isdecimal() and len(page) < 9 else 1
    return View(**texts, page=max(number, 1), where=tuple(found), stages=tuple(stages))


def _conditions(texts: Iterable[str]) -> list[Condition]:
    found: dict[str, Condition] = {}
    for text in texts:
        column, colon, rest = text.partition(":")
        name = unquote(column)
        if not colon or not name:
            continue
        low, dots, high = rest.partition("..")
        if dots:
            ends = _end(low, -math.inf), _end(high, math.inf)
            if not any(map(math.isnan, ends)):
                found[name] = Between(name, *ends)
        elif rest:
            found[name] = Among(name, tuple(map(unquote, rest.split("|"))))
    return list(found.values())


def _end(text: str, otherwise: float) -> float:
    try:
        return float(text) if text else otherwise
    except ValueError:
        return math.nan


def _coded(text: str) -> str:
    # One dot is as good as a letter; two would part a range.
    return quote(text, safe=SAFE).replace("..", ".%2E")
