"""``layerwise models``: the registry in a terminal."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...models import describe, names, registry
from ...models.describe import Description
from ...models.hyperparameter import Hyperparameter, collect
from ...models.network import Network
from ..console.width import console
from ..tracking.tracked_trial import as_text


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
    if arguments.name:
        show(console(), described[0])
    else:
        listing(console(), described)
    return 0


def listing(out: Console, described: Sequence[Description]) -> None:
    """A line for each variant, family by family."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("model", "what it is", "paper"):
        table.add_column(column, no_wrap=column == "model")
    for family, members in groupby(described, key=_family):
        table.add_row(Text(f"\n{family}", style="dim"))
        for found in members:
            cells = (Text(found.summary), Text(cited(found.paper)))
            table.add_row(Text(found.name, style="bold"), *cells)
    out.print(table)
    said = "\nlayerwise models NAME shows a model's equation, paper and hyperparameters."
    out.print(said, style="dim")


def show(out: Console, found: Description) -> None:
    """A variant with its equation, its paper and its hyperparameters."""
    out.print(Text(found.name, style="bold"), Text(f"  {found.summary}"))
    out.print(Text(f"\n{_reflowed(found.documentation)}\n"))
    out.print(Text(f"{found.equation}\n{found.paper}\n", style="dim"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "hyperparameter", "default", "meaning, range and unit, reference"):
        table.add_column(column, no_wrap=column == "hyperparameter", overflow="fold")
    for declared in _own_first(found.hyperparameters):
        path, default, admitted, unit, meaning, reference = row(declared)
        range_and_unit = f"{admitted}; {unit}" if unit else admitted
        table.add_row(
            "" if declared.structural else "•",
            Text(path, style="bold"),
            Text(default),
            Text.assemble(
                meaning,
                (f"\n{range_and_unit}", "dim"),
                (f"\n{reference}" if reference else "", "dim italic"),
            ),
        )
    out.print(table)
    out.print("\n• trials that differ only in these train as one tensor program", style="dim")


def markdown(described: Sequence[Description]) -> str:
    """The models as a Markdown table: name, what it is, paper."""
    rows = [("model", "what it is", "paper"), ("---", "---", "---")]
    rows += [(f"`{found.name}`", found.summary, found.paper) for found in described]
    lines = (" | ".join(cell.replace("|", "\\|") for cell in cells) for cells in rows)
    return "\n".join(f"| {line} |" for line in lines)


def row(declared: Hyperparameter) -> tuple[str, ...]:
    """Path, default, range, unit, meaning and reference as text."""
    return (
        declared.path,
        as_text(declared.default),
        declared.range_text,
        declared.unit,
        declared.meaning,
        declared.reference,
    )


def cited(paper: str) -> str:
    """A paper's first authors and year: ``Vincent et al. 2010``."""
    found = re.match(r"(.*?) (\d{4})\b", paper)
    if found is None:
        return paper
    authors = re.split(r", | & | et al\.", found[1])
    several = len(authors) > 2 or "et al." in found[1]
    return f"{authors[0]} et al. {found[2]}" if several else found[0]


def _reflowed(documentation: str) -> str:
    """Paragraphs of prose as one line each, which then wraps where the terminal ends."""
    paragraphs = documentation.split("\n\n")
    prose = [" ".join(p.splitlines()) if "  " not in p else p for p in paragraphs]
    return "\n\n".join(prose)


def _family(found: Description) -> str:
    """What the folder calls itself that a variant's file stands in."""
    package = registry.lookup(found.name).__module__.rpartition(".")[0]
    return (import_module(package).__doc__ or package).partition(":")[0]


def _own_first(declared: Sequence[Hyperparameter]) -> list[Hyperparameter]:
    """What is the variant's own, and after that how every network is trained."""
    shared = collect(Network).keys() - {"hidden"}
    return sorted(declared, key=lambda hyperparameter: hyperparameter.path in shared)
