"""JSON Patch: the examples of RFC 6902, appendix A, and laws."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.api.routes.fhir.json import parsed, written
from vitruvian.api.routes.fhir.writing.patch import BadPatch, patched


@pytest.mark.parametrize(
    "before, patch, after",
    [
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"foo": "bar", "baz": "qux"}),
        ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "q"}], {"foo": ["bar", "q", "baz"]}),
        ({"baz": "q", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
        ({"foo": ["bar", "q", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
        ({"baz": "q"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
        (
            {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
            [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
            {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
        ),
        (
            {"foo": ["all", "grass", "cows", "eat"]},
            [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
            {"foo": ["all", "cows", "eat", "grass"]},
        ),
        ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"g": {}}}], {"foo": "bar", "child": {"g": {}}}),
        ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux", "xyz": 1}], {"foo": "bar", "baz": "qux"}),
        ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
        ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc"]}], {"foo": ["bar", ["abc"]]}),
        ({"a": [1, 2]}, [{"op": "replace", "path": "/a/0", "value": 3}], {"a": [3, 2]}),
        ({"a": 1}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": 1, "b": 1}),
        ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
    ],
)  # fmt: skip
def test_patch__does_what_the_standard_shows(before: Any, patch: Any, after: Any) -> None:
    assert patched(before, json.dumps(patch).encode()) == after


@pytest.mark.parametrize(
    "before, patch",
    [
        ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}]),
        ({"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}]),
        ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}]),
        ({"a": 1}, [{"op": "test", "path": "/a", "value": True}]),
        ({"a": [1]}, [{"op": "add", "path": "/a/2", "value": 3}]),
        ({"a": [1]}, [{"op": "remove", "path": "/a/-"}]),
        ({"a": [1]}, [{"op": "replace", "path": "/a/01", "value": 1}]),
        ({"a": 1}, [{"op": "remove", "path": "/b"}]),
        ({"a": 1}, [{"op": "replace", "path": "/b", "value": 1}]),
        ({"a": 1}, [{"op": "remove", "path": ""}]),
        ({"a": {"b": 1}}, [{"op": "move", "from": "/a", "path": "/a/b"}]),
        ({"a": 1}, [{"op": "add", "path": "/b"}]),
        ({"a": 1}, [{"op": "add", "path": "b", "value": 1}]),
        ({"a": 1}, [{"op": "grow", "path": "/b", "value": 1}]),
        ({"a": 1}, ["add"]),
        ({"a": 1}, {"op": "add"}),
    ],
)
def test_patch__that_does_not_fit_is_refused(before: Any, patch: Any) -> None:
    kept = json.dumps(before)
    with pytest.raises(BadPatch):
        patched(before, json.dumps(patch).encode())
    assert json.dumps(before) == kept


def test_patch__of_two_steps_fails_whole() -> None:
    before = {"a": 1}
    patch = [{"op": "add", "path": "/b", "value": 2}, {"op": "remove", "path": "/c"}]
    with pytest.raises(BadPatch, match="Operation 1"):
        patched(before, json.dumps(patch).encode())
    assert before == {"a": 1}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(content=st.dictionaries(st.text(max_size=3), VALUES, max_size=4), value=VALUES)
def test_what_is_added_and_taken_away_again__leaves_no_trace(content: Any, value: Any) -> None:
    steps = [{"op": "add", "path": "/new", "value": value}, {"op": "remove", "path": "/new"}]
    content.pop("new", None)
    assert patched(content, orjson.dumps(steps)) == content


@settings(max_examples=60, deadline=None)
@given(content=VALUES, patch=VALUES | st.binary(max_size=30))
def test_any_bytes__are_a_patch_or_refused(content: Any, patch: Any) -> None:
    data = patch if isinstance(patch, bytes) else orjson.dumps(patch)
    try:
        patched(content, data)
    except BadPatch as refused:
        assert "Nothing was changed" in str(refused)  # noqa: PT017 - both ends are right


@pytest.mark.parametrize("digits", ["1.50", "1e3", "0.000", "-7.10", "123456789.123456789123"])
def test_digits_of_a_decimal__survive(digits: str) -> None:
    text = f'{{"value":{digits}}}'.encode()
    assert written(parsed(text)) == text
