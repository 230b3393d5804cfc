from __future__ import annotations

import math
import string
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.platform.study.strict_yaml import RefusedError, read_tree

plain_trees = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(alphabet=string.printable + "äß→漢", max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(string.printable), inner, max_size=3)
    ),
    max_leaves=10,
)


def refusal(text: str) -> tuple[int, str]:
    """Line and message of the first thing that is refused."""
    with pytest.raises(RefusedError) as caught:
        read_tree(text)
    line, problem = caught.value.located[0]
    return line, f"{problem.rule} {problem.got} {problem.remedy}"


@settings(deadline=None)
@given(plain_trees)
def test_what_yaml_writes_is_read_back(tree: Any) -> None:
    assert read_tree(yaml.safe_dump(tree, allow_unicode=True)).values == tree


def test_an_empty_document_is_an_empty_mapping() -> None:
    assert read_tree("# nothing\n").values == {}


def test_every_key_path_has_its_line() -> None:
    tree = read_tree("a:\n  b: [1,\n    2]\n  c:\n    - d: >\n        long\n        text\n")
    assert tree.values == {"a": {"b": [1, 2], "c": [{"d": "long text\n"}]}}
    assert [tree.line(p) for p in [("a",), ("a", "b", 1), ("a", "c", 0, "d")]] == [1, 3, 5]
    assert tree.line(("a", "c", 0, "missing", "deeper")) == 5
    assert tree.line(("nowhere",)) == 1


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.0e-3", 0.001),
        ("-7", -7),
        ("0", 0),
        (".5", 0.5),
        ("3.", 3.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("1e-3", "1e-3"),
        ("true", True),
        ("False", False),
        ("'no'", "no"),
        ("'010'", "010"),
        ("''", ""),
        ("null and void", "null and void"),
    ],
)
def test_scalars_that_say_what_they_mean(written: str, value: object) -> None:
    read = read_tree(f"k: {written}").values["k"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("010", "octal, which is 8: write 10."),
        ("-017", "octal, which is -15: write -17."),
        ("0x1F", "Write it in base ten."),
        ("0b11", "Write it in base ten."),
        ("1_000", "Write 1000."),
        ("1_0.5", "Write 10.5."),
        ("1:30", "base sixty: for the text write '1:30' in quotes"),
        ("1:30.5", "base sixty"),
        ("no", "reads as false no Write false, or 'no' in quotes"),
        ("YES", "reads as true YES Write true, or 'YES' in quotes"),
        ("on", "Write true, or 'on' in quotes"),
        ("Off", "Write false, or 'Off' in quotes"),
        ("", "must have a value None Write one, or leave the key out."),
        ("~", "must have a value"),
        ("null", "must have a value"),
        ("2024-01-01", "must not be a date"),
        ("9" * 5000, "must be a decimal number"),
        ("!!int 3", "tags are refused tag:yaml.org,2002:int"),
        ("!thing {}", "tags are refused !thing"),
        ("&a 3", "anchors are refused &a"),
        ("*a", "aliases are refused *a Write the value out."),
        ("[1, 2", "must be valid YAML"),
        ("a: b", "Put text that holds a colon in quotes"),
        ("@x", "must be valid YAML"),
        ("\x01", r"must be printable text"),
        ("[" * 3000, "must be nested at most 20 deep"),
        ("{k: 1, k: 2}", "must be written once, but line 2 has it too"),
        ("{<<: {b: 1}}", "merge keys are refused << Write the keys out."),
        ("{yes: 1}", "every key must be text yes If it is meant as text, write 'yes' in quotes."),
        ("{1: 1}", "every key must be text"),
        ("{[a]: 1}", "every key must be text"),
    ],
)
def test_what_is_refused_and_what_was_meant(written: str, said: str) -> None:
    line, message = refusal(f"a: 1\nk: {written}\n")
    assert said in message
    assert line in (2, 3)  # an unfinished bracket is noticed on the line after


def test_tabs_and_second_documents() -> None:
    assert "Indent with spaces" in refusal("a:\n\tb: 1\n")[1]
    assert refusal("a: 1\n---\nb: 2\n")[0] == 2


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    assert refusal(bomb) == (1, "anchors are refused &a Leave it out.")


def test_everything_refused_is_said_at_once() -> None:
    with pytest.raises(RefusedError) as caught:
        read_tree("a: 010\nb: no\na: 3\n")
    assert [line for line, _ in caught.value.located] == [1, 2, 3]
    assert [problem.path for _, problem in caught.value.located] == [("a",), ("b",), ("a",)]
