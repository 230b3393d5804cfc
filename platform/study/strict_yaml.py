"""A strict subset of YAML: a document says what it means, or it is refused with its line.

PyYAML turns ``010`` into 8 and ``no`` into false, keeps the last of two equal keys, and expands
aliases without end. Here each of these is a mistake, and the message says what was meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from .validation import InvalidStudyError, Key, Problem, wrong

DEEPEST = 20
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,399})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)(e[-+][0-9]+)?|[-+]?\.inf|\.nan", re.IGNORECASE)


class RefusedError(Exception):
    """A document that is not strict YAML: what is wrong, and on which lines (from 1)."""

    def __init__(self, located: list[tuple[int, Problem]]) -> None:
        super().__init__(located)
        self.located = located


@dataclass
class Tree:
    """The plain values of a document, and for each key path the line it stands on (from 1)."""

    values: Any = None
    lines: dict[tuple[Key, ...], int] = field(default_factory=dict)

    def line(self, path: tuple[Key, ...]) -> int:
        """The line of the longest known part of a key path; 1 when nothing of it is known."""
        known = (path[:length] for length in range(len(path), 0, -1))
        return next((self.lines[part] for part in known if part in self.lines), 1)


def read_tree(text: str) -> Tree:
    """The document in `text` as dicts, lists and scalars; an empty document is an empty dict.

    Raises:
        RefusedError: syntax errors, and all that is ambiguous or hidden.
    """
    node = _compose(text)
    if node is None:
        return Tree({})
    reader = _Reader()
    values = reader.value(node, ())
    if reader.refused:
        raise RefusedError(reader.refused)
    return Tree(values, reader.lines)


def _compose(text: str) -> yaml.Node | None:
    try:
        return _StrictLoader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        bad = text[error.position]
        problem = Problem((), "must be printable text", bad, "Leave that character out.")
        raise RefusedError([(text.count("\n", 0, error.position) + 1, problem)]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RefusedError([(mark.line + 1 if mark else 1, _syntax(error))]) from None


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    said = " ".join(part for part in (error.context, error.problem) if part)
    remedy = None
    if "'\\t'" in said:
        remedy = "Indent with spaces, not with tabs."
    elif "single document" in said:
        remedy = "Write one study per file, without a second ---."
    elif "mapping values are not allowed" in said:
        remedy = "Put text that holds a colon in quotes, and check the indentation."
    return Problem((), f"must be valid YAML ({said})", None, remedy)


class _StrictLoader(yaml.SafeLoader):
    """Composes nodes, and refuses what could make a document mean more than it shows."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = cast(Any, self).peek_event()
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        line, problem = event.start_mark.line + 1, None
        if isinstance(event, yaml.AliasEvent):
            problem = Problem((), "aliases are refused", f"*{anchor}", "Write the value out.")
        elif anchor is not None:
            problem = Problem((), "anchors are refused", f"&{anchor}", "Leave it out.")
        elif tag is not None:
            problem = Problem((), "tags are refused", tag, "Leave it out.")
        elif self._depth >= DEEPEST:
            problem = Problem((), f"must be nested at most {DEEPEST} deep")
        if problem is not None:
            raise RefusedError([(line, problem)])
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Reader:
    """Turns nodes into plain values, remembering lines and what had to be refused."""

    def __init__(self) -> None:
        self.lines: dict[tuple[Key, ...], int] = {}
        self.refused: list[tuple[int, Problem]] = []

    def value(self, node: yaml.Node, path: tuple[Key, ...]) -> Any:
        """The plain value of a node: a dict, a list or a scalar."""
        if isinstance(node, yaml.ScalarNode):
            self.lines[path] = _line(node)
            return self._scalar(node, path)
        self.lines.setdefault(path, _line(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: tuple[Key, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                problem = Problem(path, "every key must be text", None, "Check the brackets.")
                self.refused.append((_line(key_node), problem))
                continue
            key = self._key(key_node, path)
            if key is None:
                continue
            here = (*path, key)
            if key in first:
                rule = f"must be written once, but line {first[key]} has it too"
                problem = Problem(here, rule, None, "Leave one of them out.")
                self.refused.append((_line(key_node), problem))
                continue
            first[key] = self.lines[here] = _line(key_node)
            values[key] = self.value(value_node, here)
        return values

    def _key(self, node: yaml.ScalarNode, path: tuple[Key, ...]) -> str | None:
        plain = node.style is None
        problem = None
        if plain and node.tag == f"{_TAG}merge":
            problem = Problem(path, "merge keys are refused", "<<", "Write the keys out.")
        elif plain and node.tag != f"{_TAG}str":
            remedy = f"If it is meant as text, write '{node.value}' in quotes."
            problem = Problem(path, "every key must be text", node.value, remedy)
        if problem is None:
            return str(node.value)
        self.refused.append((_line(node), problem))
        return None

    def _scalar(self, node: yaml.ScalarNode, path: tuple[Key, ...]) -> Any:
        try:
            return _meant(node)
        except InvalidStudyError as invalid:
            [problem] = invalid.problems
            placed = Problem(path, problem.rule, problem.got, problem.remedy)
            self.refused.append((_line(node), placed))
            return None


def _meant(node: yaml.ScalarNode) -> str | int | float | bool:
    """The value of a scalar, where YAML 1.1 reads it as a person does."""
    written = str(node.value)
    kind = node.tag.removeprefix(_TAG)
    if node.style is not None:
        return written
    if kind == "null":
        raise wrong("must have a value", written or None, "Write one, or leave the key out.")
    if kind == "bool":
        truth = written.lower() in ("true", "yes", "on")
        if written.lower() in ("true", "false"):
            return truth
        meant = str(truth).lower()
        rule = f"must not be a word that YAML reads as {meant}"
        raise wrong(rule, written, f"Write {meant}, or '{written}' in quotes for the text.")
    if kind == "int":
        if _INTEGER.fullmatch(written):
            return int(written)
        raise wrong("must be a decimal number", written, _decimal(written))
    if kind == "float":
        if _FLOAT.fullmatch(written):
            return float(written.lower().replace(".inf", "inf").replace(".nan", "nan"))
        raise wrong("must be a decimal number", written, _decimal(written))
    if kind == "timestamp":
        rule = "must not be a date"
        raise wrong(rule, written, f"Write '{written}' in quotes for the text.")
    return written


def _decimal(written: str) -> str:
    """What was probably meant by a number that YAML 1.1 reads in another base than ten."""
    digits = written.lstrip("+-")
    if re.fullmatch("0[0-7]+", digits):
        meant = written.replace(digits, digits.lstrip("0") or "0")
        return f"YAML reads {written} as octal, which is {int(written, 8)}: write {meant}."
    if "_" in written and ":" not in written:
        return f"Write {written.replace('_', '')}."
    if ":" in written:
        return f"YAML reads it in base sixty: for the text write '{written}' in quotes."
    return "Write it in base ten."


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
