"""What is refused, where, and what is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.criteria import compile_task, parse_task
from vitruvian.criteria.errors import (
    CircularTask,
    InvalidTask,
    NotTwoValued,
    UnknownName,
    UnreadableTask,
)
from vitruvian.criteria.language.duration import microseconds

PLAIN = "predicates:\n  a: {code: A}\n  b: {code: B}\n"
FLAGS = "start_inclusive: true, end_inclusive: true"


def window(text: str, *, head: str = PLAIN, trigger: str = "a") -> str:
    return f"{head}trigger: {trigger}\nwindows:\n  w: {{{text}, {FLAGS}}}\n"


REFUSED = {
    "no trigger": (PLAIN, "the top"),
    "slip of the pen": (PLAIN + "trigger: a\nwindow: {}\n", "the top"),
    "both ends open": (window("start: null, end: null"), "windows.w"),
    "both ends hung": (window("start: trigger, end: trigger + 1d"), "windows.w"),
    "ends before its start": (window("start: trigger, end: start - 1d"), "windows.w.end"),
    "starts after its end": (window("start: end + 1d, end: trigger"), "windows.w.start"),
    "a month": (window("start: trigger, end: start + 1 month"), "windows.w.end"),
    "plus and minus": (window("start: trigger, end: start + -1d"), "windows.w.end"),
    "no place": (window("start: trigger now, end: start + 1d"), "windows.w.start"),
    "record start ahead": (window("start: trigger, end: start -> _RECORD_START"), "windows.w.end"),
    "empty range": (window("start: trigger, end: null, has: {b: '(3, 1)'}"), "windows.w.has.b"),
    "no range": (window("start: trigger, end: null, has: {b: 3}"), "windows.w.has.b"),
    "unknown end": (
        window("start: trigger, end: null, index_timestamp: mid"),
        "windows.w.index_timestamp",
    ),
    "no codes": ("predicates: {a: {value_min: 3}}\ntrigger: a\n", "predicates.a"),
    "two ways to name codes": (
        "predicates: {a: {code: {any: [A], regex: A}}}\ntrigger: a\n",
        "predicates.a.code",
    ),
    "a truth as code": ("predicates: {a: {code: true}}\ntrigger: a\n", "predicates.a.code"),
    "nested joining": (
        PLAIN + "  c: {expr: 'and(a, or(a, b))'}\ntrigger: c\n",
        "predicates.c.expr",
    ),
    "joining of one": (PLAIN + "  c: {expr: and(a)}\ntrigger: c\n", "predicates.c.expr"),
    "label without length": (
        window("start: trigger, end: start + 0h, label: b"),
        "windows.w.label",
    ),
    "demographic as trigger": (
        "patient_demographics: {m: {code: M}}\ntrigger: m\n",
        "trigger",
    ),
    "formula that gives a number": (
        window("start: trigger, end: null")
        + "measure: {x: {of: b, window: w, take: last}}\nexpr: {e: x + 1}\n",
        "expr.e",
    ),
    "formula that calls": (
        window("start: trigger, end: null") + "expr: {e: \"__import__('os') > 1\"}\n",
        "expr.e",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_task__is_refused_at_its_place(case: str) -> None:
    text, at = REFUSED[case]
    with pytest.raises(InvalidTask) as refused:
        compile_task(parse_task(text), source="events")
    assert refused.value.at == at
    assert "Expected" in str(refused.value)


def test_text__that_is_not_yaml_names_the_line() -> None:
    with pytest.raises(UnreadableTask, match="line 2"):
        parse_task("trigger: a\nwindows: {x: [}\n")


@pytest.mark.parametrize("text", ["", "- a\n", "a: 1\na: 2\n", "{[a]: 1}", "!!python/object:x {}"])
def test_text__that_is_no_task_is_refused(text: str) -> None:
    with pytest.raises((UnreadableTask, InvalidTask)):
        parse_task(text)


def test_predicate__that_nobody_defined_is_named() -> None:
    with pytest.raises(UnknownName, match="predicate 'c' is not defined"):
        parse_task(window("start: trigger, end: start -> c"))


def test_predicate__that_nobody_asks_for_is_not_read() -> None:
    task = parse_task(PLAIN + "  broken: {nothing: true}\ntrigger: a\n")
    assert list(task.predicates) == ["a"]


def test_predicates__in_a_ring_are_refused() -> None:
    with pytest.raises(CircularTask):
        parse_task(PLAIN + "  c: {expr: 'or(a, d)'}\n  d: {expr: 'or(b, c)'}\ntrigger: c\n")


def test_windows__in_a_ring_are_refused() -> None:
    text = (
        PLAIN + "trigger: a\nwindows:\n"
        f"  v: {{start: w.end, end: start + 1d, {FLAGS}}}\n"
        f"  w: {{start: v.end, end: start + 1d, {FLAGS}}}\n"
    )
    with pytest.raises(CircularTask):
        compile_task(parse_task(text), source="events")


@pytest.mark.parametrize(
    "text",
    [
        "predicates: {a: {code: A, absence: unknown}}\ntrigger: a\n",
        window("start: trigger, end: null") + "measure: {x: {of: b, window: w, take: last}}\n",
    ],
)
def test_strict__refuses_what_is_not_aces(text: str) -> None:
    with pytest.raises(NotTwoValued):
        compile_task(parse_task(text), source="events")


def test_predicates_file__takes_the_place_of_the_task_s_own() -> None:
    task = parse_task(PLAIN + "trigger: a\n", predicates="predicates: {a: {code: Z}}\n")
    assert task.predicates["a"].codes.values == ("Z",)  # type: ignore[union-attr]


def test_yaml__no_is_a_code_and_010_is_ten() -> None:
    task = parse_task("predicates: {a: {code: NO, value_min: 010}}\ntrigger: a\n")
    plain = task.predicates["a"]
    assert plain.codes.values == ("NO",)  # type: ignore[union-attr]
    assert plain.low.value == 10  # type: ignore[union-attr]


def test_quote__in_a_code_stays_in_its_text() -> None:
    task = parse_task("predicates: {a: {code: \"x' OR '1'='1\"}}\ntrigger: a\n")
    assert "'x'' OR ''1''=''1'" in compile_task(task, source="events").sql


UNITS = ["w", "weeks", "d", "days", "day", "h", "hrs", "hours", "m", "min", "minutes", "s", "secs"]


@given(
    st.lists(
        st.tuples(st.decimals(0, 99, places=1), st.sampled_from(UNITS)), min_size=1, max_size=3
    ),
    st.sampled_from(["", " ", ", "]),
    st.sampled_from(["", "-"]),
)
def test_length__is_read_as_aces_reads_it(
    parts: list[tuple[object, str]], gap: str, sign: str
) -> None:
    pytimeparse = pytest.importorskip("pytimeparse", reason="es-aces is not installed")
    text = sign + gap.join(f"{number} {unit}" for number, unit in parts)
    theirs = pytimeparse.parse(text)
    expected = None if theirs is None else timedelta(seconds=theirs) / timedelta(microseconds=1)
    assert microseconds(text) == expected


@pytest.mark.parametrize(
    "text, seconds",
    [("1 day, 14:20:16", 138016), ("2:04:13:02", 187982), (":22", 22), ("", None)],
)
def test_length__on_a_clock(text: str, seconds: int | None) -> None:
    assert microseconds(text) == (None if seconds is None else seconds * 1_000_000)
