"""``layerwise status``: each study's executions, as the record has them."""

from __future__ import annotations

import argparse
import json

from rich.table import Table
from rich.text import Text

from ..console.width import console
from ..home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", nargs="?", help="only this study")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: argparse.Namespace) -> int:
    """Print a line per execution, the newest first."""
    home = Home.from_environment(arguments.home)
    rows: list[dict[str, object]] = []
    if home.has_record:
        from ...dashboards.executions import executions

        rows = executions(home.tracking_uri, arguments.study)
    if arguments.json:
        print(json.dumps(rows))
        return 0
    if not rows:
        print(f"nothing is recorded in {home.path} yet")
        return 0
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in rows[0]:
        table.add_column(column)
    for found in rows:
        table.add_row(*(Text(_shown(value)) for value in found.values()))
    console().print(table)
    return 0


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
