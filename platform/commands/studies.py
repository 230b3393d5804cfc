"""``layerwise studies``: what ships, each with its question."""

from __future__ import annotations

import argparse
import json

from rich.table import Table
from rich.text import Text

from ...studies import shipped_studies
from ..console.width import console
from ..study.reading import find_study, read_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("name", nargs="?", help="print this study's file")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: argparse.Namespace) -> int:
    """List the studies, or print one's file."""
    if arguments.name:
        print(find_study(arguments.name).read_text(encoding="utf-8"), end="")
        return 0
    studies = [(name, read_study(find_study(name))) for name in shipped_studies()]
    if arguments.json:
        print(json.dumps([{"name": name, "question": s.question} for name, s in studies]))
        return 0
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("study", "question", "stages", "seeds"):
        table.add_column(column)
    for name, study in studies:
        stages = " → ".join(stage.model for stage in study.in_order())
        table.add_row(
            Text(name, style="bold"), Text(study.question), Text(stages), str(len(study.seeds))
        )
    console().print(table)
    return 0
