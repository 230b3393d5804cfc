"""``layerwise data``: the data sets that are known, and whether they are here."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from ..console.width import console
from ..data import describe, names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("name", nargs="?", help="describe this one")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: argparse.Namespace) -> int:
    """List the data sets, or describe one."""
    wanted = [arguments.name] if arguments.name else list(names())
    described = [asdict(describe(name)) for name in wanted]
    if arguments.json:
        print(json.dumps(described, default=str))
        return 0
    table = Table(box=None, pad_edge=False, header_style="dim", show_header=not arguments.name)
    if arguments.name:
        table.add_column(style="dim")
        table.add_column()
        for name, value in described[0].items():
            table.add_row(Text(name), Text(str(value)))
    else:
        for column in described[0]:
            table.add_column(column)
        for found in described:
            table.add_row(*(Text(str(value)) for value in found.values()))
    console().print(table)
    return 0
