"""Studies from YAML files, and the studies that come with layerwise.

A file is read strictly (:mod:`.strict_yaml`); the tree of plain values is then checked exactly as
a study built in Python is, and every mistake gets its file and line.
"""

from __future__ import annotations

import os
from pathlib import Path

from ...models.errors import near_miss
from ...studies import shipped_studies
from ..errors import StudyError
from .changes import UNCHANGED, Changes
from .strict_yaml import RefusedError, Tree, read_tree
from .study import Study
from .validation import InvalidStudyError, Problem, key_path

LARGEST_MIB = 1
_SUFFIXES = (".yaml", ".yml")


def read_study(path: Path, changes: Changes = UNCHANGED) -> Study:
    """The study that a YAML file describes.

    Args:
        path: of the file; relative data paths inside it start from its folder.
        changes: made before the study is checked.

    Raises:
        StudyError: the file cannot be read, is not strict YAML, or is no valid study. All mistakes
            are said at once, one per line, with file, line and key path.
    """
    return parse_study(_text(path), path, changes)


def parse_study(text: str, path: Path, changes: Changes = UNCHANGED) -> Study:
    """The study in `text`, which stands or would stand in the file `path`.

    Raises:
        StudyError: as :func:`read_study`.
    """
    try:
        tree = read_tree(text)
    except RefusedError as refused:
        raise _invalid(path, refused.located) from None
    _anchor(tree.values, path)
    changes.apply(tree.values)
    try:
        return Study.of(tree.values)
    except InvalidStudyError as invalid:
        raise _located(invalid, tree, path) from None


def located(invalid: InvalidStudyError, path: Path) -> InvalidStudyError:
    """Mistakes that showed only after the file was read, with the lines on which they stand."""
    return _located(invalid, read_tree(_text(path)), path)


def find_study(name_or_path: str | Path) -> Path:
    """The file of a study: the name of a shipped study, or the path of a YAML file.

    Raises:
        StudyError: there is no such file or name; says the nearest one.
    """
    path, word = Path(name_or_path), str(name_or_path)
    shipped = shipped_studies()
    if word in shipped:
        return shipped[word]
    if os.path.isfile(path):  # unlike Path.is_file, also false for what can be no path
        return path
    rule = "must be a YAML file or the name of a study that comes with layerwise"
    if os.path.isdir(path):
        raise StudyError(word, rule, "a folder")
    if guess := near_miss(path.stem, shipped):
        raise StudyError(word, rule, None, f"Did you mean {guess}?")
    if path.suffix in _SUFFIXES and os.path.isdir(path.parent):
        beside = [file.name for file in path.parent.iterdir() if file.suffix in _SUFFIXES]
        if guess := near_miss(path.name, beside):
            raise StudyError(word, rule, None, f"Did you mean {path.parent / guess}?")
    raise StudyError(word, rule, None, f"The studies are {', '.join(shipped) or 'none'}.")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_MIB * 2**20 + 1)
    except OSError as error:
        remedy = "Check the path and its permissions."
        raise StudyError(str(path), "must be a readable file", error.strerror, remedy) from None
    if len(raw) > LARGEST_MIB * 2**20:
        raise StudyError(str(path), f"must be at most {LARGEST_MIB} MiB", "a larger file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x}"
        raise StudyError(
            f"{path}:{line}", "must be UTF-8 text", found, "Save the file as UTF-8."
        ) from None


def _anchor(tree: object, path: Path) -> None:
    """Make a relative data path start from the folder of the file."""
    data = tree.get("data") if isinstance(tree, dict) else None
    table = data.get("path") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(table, str) and not table.startswith("~"):
        data["path"] = str(path.parent.absolute() / table)


def _located(invalid: InvalidStudyError, tree: Tree, path: Path) -> InvalidStudyError:
    pairs = [(tree.line(problem.path), problem) for problem in invalid.problems]
    return _invalid(path, sorted(pairs, key=lambda pair: pair[0]))


def _invalid(path: Path, located: list[tuple[int, Problem]]) -> InvalidStudyError:
    places = [
        f"{path}:{line}: {key_path(problem.path)}" if problem.path else f"{path}:{line}"
        for line, problem in located
    ]
    return InvalidStudyError([problem for _, problem in located], places)
