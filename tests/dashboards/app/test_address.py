"""Every view has an address that leads back to it; whatever else is typed leads somewhere."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards.app.address import Among, Between, View, query, view

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXTS.filter(bool)
ENDS = st.floats(allow_nan=False)
CONDITIONS = st.one_of(
    st.builds(Between, NAMES, ENDS, ENDS),
    st.builds(Among, NAMES, st.lists(NAMES, min_size=1, max_size=3).map(tuple)),
)
VIEWS = st.builds(
    View,
    study=TEXTS,
    stage=TEXTS,
    tab=TEXTS,
    run=TEXTS,
    beside=TEXTS,
    x=TEXTS,
    y=TEXTS,
    sort=TEXTS,
    page=st.integers(1, 10_000),
    stages=st.lists(NAMES, max_size=3, unique=True).map(tuple),
    where=st.lists(CONDITIONS, max_size=4, unique_by=lambda one: one.column).map(tuple),
)


def same(one: Among | Between, other: Among | Between) -> bool:
    """Whether two conditions are equal, an infinite end being open at its side."""
    if isinstance(one, Among) or isinstance(other, Among):
        return one == other
    low = -math.inf if math.isinf(one.low) else one.low
    high = math.inf if math.isinf(one.high) else one.high
    return (one.column, low, high) == (other.column, other.low, other.high)


@given(VIEWS)
def test_an_address_leads_back_to_its_view(shown: View) -> None:
    found = view(query(shown))
    assert found.with_(where=()) == shown.with_(where=())
    assert found.page == shown.page
    assert all(map(same, shown.where, found.where))
    assert len(found.where) == len(shown.where)


@given(st.text(max_size=80))
def test_any_text_is_an_address(search: str) -> None:
    found = view(search)
    assert found.page >= 1
    assert view(query(found)) == found


def test_an_address_can_be_read_by_a_person() -> None:
    shown = View("crossing", tab="effects", where=(Between("corruption.level", 0.0, 0.2),))
    assert query(shown) == "?study=crossing&tab=effects&where=corruption.level:0.0..0.2"
    kinds = View("crossing", where=(Among("sparsity.kind", ("l1", "kl")),))
    assert query(kinds) == "?study=crossing&where=sparsity.kind:l1|kl"
    two = View("crossing", tab="stages", stages=("first", "a & b"))
    assert query(two) == "?study=crossing&tab=stages&stages=first&stages=a%20%26%20b"
    assert view("?stages=b&stages=a&stages=b&stages=").stages == ("b", "a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("?where=a:1..2&where=a:3..", (Between("a", 3.0, math.inf),)),
        ("?where=a:x..2", ()),
        ("?where=a", ()),
        ("?where=:1..2", ()),
        ("?where=a:nan..1", ()),
        ("?page=0&where=a:", ()),
        ("", ()),
    ],
)
def test_a_condition_that_cannot_be_read_is_none(text: str, expected: tuple[Between, ...]) -> None:
    assert view(text).where == expected


def test_a_new_condition_replaces_those_on_its_columns() -> None:
    shown = View(page=3).narrowed(Between("a", 0, 1), Between("b", 0, 1))
    narrowed = shown.narrowed(Between("a", 2, 3))
    assert narrowed.where == (Between("b", 0, 1), Between("a", 2, 3))
    assert narrowed.page == 1
    assert narrowed.without("a").where == (Between("b", 0, 1),)


def test_no_search_is_the_list_of_studies() -> None:
    assert view(None) == View()
    assert query(View()) == "?"
