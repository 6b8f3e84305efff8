"""The highlight is the very bytes a pointer names, whatever surrounds them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.picture.pointer import Span, find_span, utf16_span

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


def marked(text: str, pointer: str) -> str | None:
    span = find_span(text, pointer)
    return None if span is None else text[span.start : span.end]


@pytest.mark.parametrize(
    "pointer, expected",
    [
        ("/a", '"a" : [1, {"b": 2}]'),
        ("/a/0", "1"),
        ("/a/1/b", '"b": 2'),
        ("/c~1d", '"c/d":"}"'),
        ("", '{ "a" : [1, {"b": 2}] , "c/d":"}"}'),
        ("/a/2", None),
        ("/a/x", None),
        ("/nothing", None),
        ("/c~1d/0", None),
    ],
)
def test_span__covers_name_and_value(pointer: str, expected: str | None) -> None:
    assert marked('{ "a" : [1, {"b": 2}] , "c/d":"}"}', pointer) == expected


@pytest.mark.parametrize("text", ["", "{", '{"a"', '{"a":', '{"a": [1', "not json"])
def test_span__of_a_broken_text_is_none(text: str) -> None:
    assert find_span(text, "/a/5") is None


def pointers(value: Any, at: str = "", *, named: bool = False) -> list[tuple[str, Any, bool]]:
    """Every place in a value, and whether it has a name, by an independent walk."""
    found = [(at, value, named)]
    if isinstance(value, dict):
        for key, inner in value.items():
            step = key.replace("~", "~0").replace("/", "~1")
            found += pointers(inner, f"{at}/{step}", named=True)
    if isinstance(value, list):
        for place, inner in enumerate(value):
            found += pointers(inner, f"{at}/{place}")
    return found


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_span__of_every_place_reads_back_as_its_value(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for pointer, expected, named in pointers(value):
        found = marked(text, pointer)
        assert found is not None
        read = [*json.loads(f"{{{found}}}").values()] if named else [json.loads(found)]
        assert read == [expected]


def test_utf16_span__counts_as_browsers_do() -> None:
    text = '{"a":"\N{GRINNING FACE}","b":1}'
    span = find_span(text, "/b")
    assert span is not None
    counted = utf16_span(text, span)
    units = text.encode("utf-16-le")
    assert units[counted.start * 2 : counted.end * 2].decode("utf-16-le") == '"b":1'
    assert counted == Span(span.start + 1, span.end + 1)
