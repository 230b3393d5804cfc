"""``layerwise report``: the report of a study, from the record alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import StudyError
from ..home import Home
from ..study.reading import find_study, read_study


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", help="a YAML file, or the name of a study in the record")
    parser.add_argument("--out", type=Path, help="the HTML file (default: in the home's reports)")


def main(arguments: argparse.Namespace) -> int:
    """Write the report and print its path."""
    home = Home.from_environment(arguments.home)
    name = arguments.study
    if name.endswith((".yaml", ".yml")):
        name = read_study(find_study(name)).name
    out = arguments.out or home.reports / f"{name}.html"
    if "/" in name or name.startswith("."):
        raise StudyError("study", "must be a YAML file or the name of a study", name)
    from ...dashboards.report import write_report

    print(write_report(home.tracking_uri, name, out))
    return 0
