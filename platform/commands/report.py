"""``layerwise report``: the report of a study, from the record alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import HomeError, StudyError
from ..home import Home
from ..study.reading import find_study, read_study, shipped_studies


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("study", help="a YAML file, or the name of a study in the record")
    parser.add_argument("--out", type=Path, help="the HTML file (default: in the home's reports)")


def main(arguments: argparse.Namespace) -> int:
    """Write the report and print its path."""
    home = Home.from_environment(arguments.home)
    name = arguments.study
    if name.endswith((".yaml", ".yml")) or name in shipped_studies():
        name = read_study(find_study(name)).name
    elif "/" in name or name.startswith("."):
        raise StudyError("study", "must be a YAML file or the name of a study", name)
    home.check_record()
    from ...dashboards.report import write_report

    out = arguments.out or home.reports / f"{name}.html"
    try:
        print(write_report(home.tracking_uri, name, out))
    except OSError as error:
        remedy = "Name another file with --out."
        raise HomeError(str(out), "must be writable", error.strerror, remedy) from error
    return 0
