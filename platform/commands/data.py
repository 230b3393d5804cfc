"""``layerwise data``: the data sets that are known, a person's own, and how to get one.

``layerwise data`` lists, ``layerwise data NAME`` describes, ``layerwise data PATH`` looks at a
table or folder as a study would see it, ``layerwise data fetch NAME`` downloads.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from ...models.errors import near_miss
from ..console.width import console
from ..data import describe, names
from ..data.data_folder import VARIABLE
from ..data.download import fetch
from ..data.published import PUBLISHED
from ..data.survey import survey
from ..errors import DataError
from ..study.data_terms import TABLES, Data
from .loading import load

_FETCH = "fetch"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME|PATH|fetch",
        help="describe this data set, or your own table or folder; or fetch one that is published",
    )
    parser.add_argument(
        "fetched", nargs="?", metavar="NAME", help=f"what to fetch: {', '.join(PUBLISHED)}"
    )
    parser.add_argument("--label", metavar="COLUMN", help="the column of your table with labels")
    parser.add_argument(
        "--to", metavar="DIR", type=Path, help=f"where to fetch to (default: {VARIABLE})"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: argparse.Namespace) -> int:
    """List the data sets, describe one, or fetch one."""
    name: str | None = arguments.name
    if name == _FETCH:
        return _fetch(arguments.fetched, arguments.to)
    if arguments.fetched is not None:
        guess = near_miss(name or "", [_FETCH])
        remedy = f"Did you mean {_FETCH} {arguments.fetched}?" if guess else "Ask one at a time"
        raise DataError("layerwise data", "takes one name", arguments.fetched, remedy)
    if name is not None and _is_path(name):
        _print_survey(name, arguments.label, arguments.json)
    elif arguments.json:
        wanted = [name] if name else names()
        print(json.dumps([asdict(describe(one)) for one in wanted], default=str))
    elif name is not None:
        _print_rows(asdict(describe(name)).items())
        if os.path.exists(name):
            console().print(Text(f"There is a {name} here as well: layerwise data ./{name}"))
    else:
        _print_all()
    return 0


def _is_path(word: str) -> bool:
    if word in names():
        return False
    return "/" in word or word.startswith("~") or word.endswith(TABLES) or os.path.exists(word)


def _print_survey(path: str, label: str | None, as_json: bool) -> None:
    source = Data(path=Path(path), label=label)
    found = asdict(survey(load(source)))
    if as_json:
        print(json.dumps([found]))
        return
    notes = found.pop("notes")
    written = f"data: {{path: {path}" + (f", label: {label}" if label else "") + "}"
    _print_rows([*found.items(), *(("note", note) for note in notes), ("in a study", written)])


def _print_rows(rows: Iterable[tuple[str, object]]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column()
    for name, value in rows:
        table.add_row(Text(name), Text(str(value)))
    console().print(table)


def _print_all() -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("name", "a row", "samples", "licence", "here"):
        table.add_column(column)
    for found in map(describe, names()):
        cells = found.name, found.shape, str(found.samples), found.licence
        table.add_row(*map(Text, cells), "yes" if found.here else "no")
    console().print(table)
    print("\nlayerwise data NAME says more, and how to get what is not here.")


def _fetch(name: str | None, to: Path | None) -> int:
    if name not in PUBLISHED:
        guess = near_miss(name or "", PUBLISHED)
        known = f"Write layerwise data fetch with {' or '.join(PUBLISHED)}"
        rule = "must be a data set that can be fetched"
        raise DataError("fetch", rule, name, f"Did you mean {guess}?" if guess else known)
    folder = to or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if folder is None:
        rule, remedy = "needs a folder to write to", "Name one: --to DIR"
        raise DataError("fetch", rule, f"{VARIABLE} is not set", remedy)
    folder = folder.expanduser().absolute()
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    screen = console(sys.stderr)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bars:
        for remote in PUBLISHED[name]:
            bar = bars.add_task(Path(remote.file).name, total=remote.size)
            fetch(remote, folder, lambda there, bar=bar: bars.update(bar, completed=there))  # type: ignore[misc]
    for remote in PUBLISHED[name]:
        print(folder / remote.file)
    if to is not None and os.environ.get(VARIABLE) != str(folder):
        print(f"studies find it with {VARIABLE}={folder}")
    return 0
