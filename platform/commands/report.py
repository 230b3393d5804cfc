"""``layerwise report``: the report of a study, of runs, of two side by side, or of all at a glance.

From the record alone; its charts can be had as image files too.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...studies import shipped_studies
from ..errors import HomeError, StudyError
from ..home import Home

if TYPE_CHECKING:
    from ...dashboards.report import Report

_RUN = re.compile(r"[0-9a-f]{32}")
_FORMATS = ("png", "svg", "pdf")
_SIDE_BY_SIDE = "layerwise report --compare A B sets two side by side."
# Of a file that is named after two studies; a name may be longer than a file's can be.
_LONGEST = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "study",
        nargs="*",
        metavar="STUDY",
        help="a YAML file, the name of a study in the record, or run ids of MLflow (of an "
        "execution, or of trials)",
    )
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="two studies, or two executions by their run ids, side by side on one page",
    )
    parser.add_argument(
        "--gallery",
        action="store_true",
        help="one page with a screenful for each of the studies named, or of the whole record",
    )
    parser.add_argument("--out", type=Path, help="the HTML file (default: in the home's reports)")
    parser.add_argument(
        "--figures",
        type=Path,
        metavar="DIR",
        help="also every chart as an image file in this folder (needs layerwise[images])",
    )
    parser.add_argument("--format", choices=_FORMATS, help="of the images (default: png)")


def main(arguments: argparse.Namespace) -> int:
    """Write the report and print its path, and where its figures are."""
    home = Home.from_environment(arguments.home)
    _check(arguments)
    words = arguments.study if arguments.gallery else arguments.compare
    sides = [_wanted([word]) for word in words or ()]
    if not arguments.gallery:
        sides = sides or [_wanted(arguments.study)]
    home.check_record()
    if arguments.figures is not None:
        # Before anything is read or written.
        _check_images()
    name = "gallery" if arguments.gallery else _filename(sides)
    out = arguments.out or home.reports / f"{name}.html"
    report = _gallery(home, sides, out) if arguments.gallery else _report(home, sides)
    try:
        print(report.write(out))
    except OSError as error:
        remedy = "Name another file with --out."
        raise HomeError(str(out), "must be writable", error.strerror, remedy) from error
    if arguments.figures is not None:
        _write_images(report, arguments.figures, arguments.format or _FORMATS[0])
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """What argparse cannot say."""
    words = arguments.study
    if arguments.gallery:
        if arguments.compare:
            raise StudyError("--gallery", "shows studies one after another", "--compare as well")
        return
    if arguments.compare and words:
        raise StudyError("--compare", "must name both studies, and nothing else", words)
    if not arguments.compare and not words:
        remedy = "layerwise status lists the studies of the record."
        raise StudyError("report", "must name a study or a run", remedy=remedy)
    if len(words) > 1 and not all(_RUN.fullmatch(word) for word in words):
        raise StudyError("report", "must name one study, or run ids only", words, _SIDE_BY_SIDE)
    if arguments.format and arguments.figures is None:
        raise StudyError("--format", "belongs to --figures", arguments.format, "Add --figures DIR.")


def _wanted(words: list[str]) -> str | list[str]:
    """The name of a study in the record, or run ids.

    Raises:
        StudyError: a file that is no valid study, or a path that is no file.
    """
    if all(_RUN.fullmatch(word) for word in words):
        return words
    (name,) = words
    if name.endswith((".yaml", ".yml")) or name in shipped_studies():
        # All that a study may hold: a tenth of a second that a name of the record does not need.
        from ..study.reading import find_study, read_study

        return read_study(find_study(name)).name
    if "/" in name or name.startswith("."):
        raise StudyError("study", "must be a YAML file or the name of a study", name)
    return name


def _report(home: Home, sides: list[str | list[str]]) -> Report:
    from ...dashboards.frames import read
    from ...dashboards.report import of_study, of_two

    found = [read(home.tracking_uri, side) for side in sides]
    for side, frames in zip(sides, found, strict=True):
        held = {frames.execution.get("run_id"), *frames.runs["run_id"]}
        if not isinstance(side, str) and (other := [run for run in side if run not in held]):
            rule = "must be one execution, or trials"
            raise StudyError("run ids", rule, f"also {', '.join(other)}", _SIDE_BY_SIDE)
    return of_study(found[0]) if len(found) == 1 else of_two(found[0], found[1])


def _gallery(home: Home, sides: list[str | list[str]], out: Path) -> Report:
    """The gallery of these records, or of every study that the record knows."""
    from ...dashboards.executions import executions
    from ...dashboards.frames import read
    from ...dashboards.report import of_gallery

    if not sides:
        known = dict.fromkeys(str(row["study"]) for row in executions(home.tracking_uri))
        shipped = [name for name in shipped_studies() if name in known]
        sides = [*shipped, *sorted(name for name in known if name not in shipped)]
    if not sides:
        remedy = "Run a study first: layerwise run quickstart"
        raise StudyError("--gallery", "needs a study in the record", "none", remedy)
    found = [read(home.tracking_uri, side) for side in sides]
    folder = out.parent if out.suffix == ".html" else out
    return of_gallery(found, _reports(home, folder))


def _reports(home: Home, folder: Path) -> dict[str, str]:
    """Each study's own report, by its name, as an address seen from a folder."""
    found = home.reports.glob("*.html") if home.reports.is_dir() else ()
    seen = {file.stem: os.path.relpath(file.absolute(), folder.absolute()) for file in found}
    return {name: quote(Path(path).as_posix()) for name, path in seen.items()}


def _filename(sides: list[str | list[str]]) -> str:
    """After the study, the first run, or both sides; what no file may be called is left out."""
    if len(sides) == 1 and isinstance(sides[0], str):
        return sides[0]
    return "-beside-".join(_short(side) for side in sides)


def _short(side: str | list[str]) -> str:
    if isinstance(side, str):
        return re.sub(r"[^\w.-]+", "_", side)[:_LONGEST]
    more = f"-and-{len(side) - 1}-more" if len(side) > 1 else ""
    return f"run-{side[0][:8]}{more}"


def _check_images() -> None:
    from ...dashboards import export
    from ...dashboards.errors import ExportError

    # What its packages warn of is told by the error, or is of no concern.
    for name in ("choreographer", "kaleido"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        export.check()
    except ExportError as error:
        raise HomeError(error.where, error.rule, error.got, error.remedy) from error


def _write_images(report: Report, folder: Path, kind: str) -> None:
    from ...dashboards import export
    from ...dashboards.errors import ExportError

    try:
        made = export.write_images(report.charts, folder, kind)
    except ExportError as error:
        raise HomeError(error.where, error.rule, error.got, error.remedy) from error
    except OSError as error:
        remedy = "Name another folder with --figures."
        raise HomeError(str(folder), "must be writable", error.strerror, remedy) from error
    print(f"{len(made)} {'figure' if len(made) == 1 else 'figures'} in {folder}")
