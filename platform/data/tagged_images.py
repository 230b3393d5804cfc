"""A folder of images with ``tags.csv``, which says in words what is on each: two modalities.

    file,tags
    beach.jpg,sea sand summer
    cats/tom.png,cat; indoors

A row is the image, then 1 for each tag that it has and 0 for the others. Sub-folders are labels.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path, PurePosixPath

import numpy as np

from ...models.errors import near_miss
from ..errors import DataError
from . import files
from .image import SUFFIXES, Image, pixel_names
from .image import read as read_image
from .modality import Modality
from .source import Samples

TABLE = "tags.csv"
COLUMNS = ("file", "tags")
LEAST_IMAGES = 2
"""Images that a tag must be on: one that is on a single image can only be learned by heart."""


def read(folder: Path, image: Image | None = None) -> Samples:
    """All images of a folder in the order of their names, each with its tags.

    x: (n, channels · size · size + tags) uint8, 255 is 1. Tags are in the alphabet's order, lower
    case, those on fewer than ``LEAST_IMAGES`` images left out. Raises DataError, with the line of
    ``tags.csv``, for a file that is not there, is named twice or has no tags, and for an image
    that has no line.
    """
    image = image or Image()
    table = folder / TABLE
    found = [path for path in files.listed(folder) if path != table]
    for path in found:
        if path.suffix.lower() not in SUFFIXES:
            rule = f"a folder of images with {TABLE} must hold nothing else"
            raise DataError(str(folder), rule, str(path.relative_to(folder)), "Move it elsewhere")
    names = [path.relative_to(folder).as_posix() for path in found]
    tags = _tags(table, names)
    counts = Counter(tag for own in tags.values() for tag in own)
    vocabulary = sorted(tag for tag, count in counts.items() if count >= LEAST_IMAGES)
    if not vocabulary:
        rule = f"must have a tag that is on {LEAST_IMAGES} images or more"
        raise DataError(str(table), rule, f"{len(counts)} tags, each on one", _SEPARATE)
    column = {tag: image.width + place for place, tag in enumerate(vocabulary)}
    x = np.zeros((len(found), image.width + len(vocabulary)), np.uint8)
    for row, (path, name) in enumerate(zip(found, names, strict=True)):
        x[row, : image.width] = read_image(path, image)
        x[row, [column[tag] for tag in tags[name] if tag in column]] = 255
    shape = image.size, image.size
    return Samples(
        x, files.labels(folder, found), 255.0, shape, image.channels,
        features=pixel_names(shape, image.channels) + tuple(vocabulary),
        modalities=(Modality("image", image.width), Modality("tags", len(vocabulary))),
    )  # fmt: skip


_SEPARATE = "Separate tags by spaces or ;"


def _tags(table: Path, names: list[str]) -> dict[str, list[str]]:
    """Image → its tags, each once."""
    found: dict[str, list[str]] = {}
    known = set(names)
    try:
        # utf-8-sig: spreadsheets begin a file with a byte order mark.
        with open(table, encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream)
            place = _places(table, next(lines, []))
            for cells in lines:
                if not any(cell.strip() for cell in cells):
                    continue
                where = f"{table}, line {lines.line_num}"
                if len(cells) != len(place):
                    rule = f"must have {len(place)} cells: {', '.join(place)}"
                    raise DataError(where, rule, len(cells), _SEPARATE)
                name = _name(where, cells[place["file"]], known)
                if name in found:
                    raise DataError(where, "must name each file once", name, "Join both lines")
                tags = [tag.lower() for tag in re.split(r"[\s;]+", cells[place["tags"]]) if tag]
                if not tags or any("," in tag for tag in tags):
                    rule = "must have tags" if not tags else "tags must not have commas"
                    raise DataError(where, rule, cells[place["tags"]], _SEPARATE)
                found[name] = list(dict.fromkeys(tags))
    except FileNotFoundError as error:
        rule = f"must have a table {TABLE}"
        raise DataError(str(table.parent), rule, "none", "Write columns file,tags") from error
    except (csv.Error, UnicodeDecodeError, OSError) as error:
        raise DataError(str(table), "must be comma-separated text in UTF-8", str(error)) from error
    for name in names:
        if name not in found:
            remedy = f"Write a line for it: {name},TAGS"
            raise DataError(
                str(table), "must have a line for each image", f"none of {name}", remedy
            )
    if not names:
        raise DataError(str(table.parent), f"must hold images beside {TABLE}", "none")
    return found


def _places(table: Path, header: list[str]) -> dict[str, int]:
    place = {cell.strip().lower(): number for number, cell in enumerate(header)}
    if set(place) != set(COLUMNS) or len(header) != len(COLUMNS):
        rule = f"must have the columns {','.join(COLUMNS)}"
        remedy = f"Begin it with a line {','.join(COLUMNS)}"
        raise DataError(f"{table}, line 1", rule, ",".join(header) or "an empty line", remedy)
    return place


def _name(where: str, cell: str, known: set[str]) -> str:
    # As written on Windows as well; what leads out of the folder is not in ``known``.
    name = PurePosixPath(cell.strip().replace("\\", "/")).as_posix()
    if not cell.strip():
        raise DataError(where, "must name a file", "an empty cell")
    if name not in known:
        guess = near_miss(name, known)
        remedy = f"Did you mean {guess}?" if guess else "Check its name and its sub-folder"
        raise DataError(where, "must name an image in the folder", name, remedy)
    return name
