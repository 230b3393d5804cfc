"""``layerwise models``: the registry in a terminal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from ...models import describe, names
from ...models.describe import Description
from ...models.hyperparameter import Hyperparameter
from ..console.width import console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("name", nargs="?", help="describe this one")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print the README's table")


def main(arguments: argparse.Namespace) -> int:
    """List the variants, or describe one."""
    wanted = [arguments.name] if arguments.name else list(names())
    described = [describe(name) for name in wanted]
    if arguments.json:
        print(json.dumps([asdict(found) for found in described]))
        return 0
    if arguments.markdown:
        print(markdown(described))
        return 0
    out = console()
    if not arguments.name:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("model", "what it is", "paper"):
            table.add_column(column)
        for found in described:
            table.add_row(Text(found.name, style="bold"), Text(found.summary), Text(found.paper))
        out.print(table)
        return 0
    [found] = described
    out.print(Text(found.name, style="bold"))
    out.print(Text(found.documentation))
    out.print(Text(f"\n{found.equation}\n{found.paper}\n", style="dim"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("hyperparameter", "default", "range", "unit", "meaning", "reference"):
        table.add_column(column, overflow="fold")
    for declared in found.hyperparameters:
        table.add_row(*(Text(cell) for cell in row(declared)))
    out.print(table)
    return 0


def markdown(described: Sequence[Description]) -> str:
    """The models as a Markdown table: name, what it is, paper."""
    rows = [("model", "what it is", "paper"), ("---", "---", "---")]
    rows += [(f"`{found.name}`", found.summary, found.paper) for found in described]
    lines = (" | ".join(cell.replace("|", "\\|") for cell in cells) for cells in rows)
    return "\n".join(f"| {line} |" for line in lines)


def row(declared: Hyperparameter) -> tuple[str, ...]:
    """Path, default, range, unit, meaning and reference as text."""
    default = str(declared.default).lower() if declared.kind == "boolean" else str(declared.default)
    return (
        declared.path,
        default,
        declared.range_text,
        declared.unit,
        declared.meaning + ("" if declared.structural else " (one per trial)"),
        declared.reference,
    )
