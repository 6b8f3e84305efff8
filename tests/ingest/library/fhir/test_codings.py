"""Codings put together over Arrow: the same as one event after another in plain Python."""

from __future__ import annotations

from itertools import groupby
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.ingest.library.fhir.timeline import coding, raw
from vitruvian.terms import prefix_of, rank_of

SYSTEMS = ["http://loinc.org", "http://snomed.info/sct", "https://ward.example/codes/lab", None]

one_coding = st.fixed_dictionaries(
    {
        "coding_system": st.sampled_from(SYSTEMS),
        "coding_code": st.sampled_from(["718-7", "27113001", None]),
        "coding_display": st.sampled_from(["Haemoglobin", None]),
    }
)
one_event = st.tuples(st.lists(one_coding, min_size=1, max_size=4), st.sampled_from(["Hb", None]))


def rows_of(events: list[Any]) -> list[dict[str, Any]]:
    """A row a coding, as the views give them: two parts of one record after one another."""
    return [
        {"seq": place // 2, "part": "component" if place % 2 else "", "part_at": place % 2,
         "coding_at": at, "code_text": text, **one}
        for place, (codings, text) in enumerate(events)
        for at, one in enumerate(codings)
    ]  # fmt: skip


def chosen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What `choose_codes` makes of rows."""
    kinds = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_()}
    fields = [("seq", pa.int64())] + [
        (name, kinds.get(kind, pa.list_(pa.string()))) for name, kind in raw.VOCABULARY.items()
    ]
    table = pa.Table.from_pylist(rows, schema=pa.schema(fields))
    with duckdb.connect() as engine:
        engine.register("given", table)
        engine.execute(f"CREATE TEMP VIEW {raw.RAW} AS SELECT * FROM given")
        coding.choose_codes(engine)
        wanted = "seq, part, coded, words, codings"
        found = engine.execute(f"SELECT {wanted} FROM {coding.CODED} ORDER BY seq, part")
        told: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
        return told


def expected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, event after event."""
    groups = groupby(rows, key=lambda row: (row["seq"], row["part"]))
    return [_event(seq, part, list(group)) for (seq, part), group in groups]


def _event(seq: int, part: str, codings: list[dict[str, Any]]) -> dict[str, Any]:
    first, coded = codings[0], [one for one in codings if one["coding_code"]]
    best = min(coded, key=_place, default=first)
    parts = ("system", "code", "display")
    says = any(first[f"coding_{name}"] for name in parts)
    code = best["coding_code"]
    return {
        "seq": seq,
        "part": part,
        "coded": f"{prefix_of(best['coding_system'])}//{code}" if code else None,
        "words": first["code_text"] or best["coding_display"] or first["coding_display"],
        "codings": [{name: one[f"coding_{name}"] for name in parts} for one in codings if says],
    }


def _place(one: dict[str, Any]) -> tuple[int, int]:
    return rank_of(one["coding_system"]), one["coding_at"]


@settings(max_examples=60, deadline=None)
@given(events=st.lists(one_event, max_size=12), shuffled=st.randoms())
def test_codings__are_put_together_as_one_event_after_another(
    events: list[Any], shuffled: Random
) -> None:
    rows = rows_of(events)
    mixed = shuffled.sample(rows, len(rows))
    assert chosen(rows) == chosen(mixed) == expected(rows)


def test_codings__of_a_record_that_says_none_are_an_empty_list() -> None:
    (event,) = chosen([{"seq": 1, "part": "", "part_at": 0, "code_text": "Hb"}])
    assert (event["coded"], event["words"], event["codings"]) == (None, "Hb", [])


def test_rows_of_a_coding_without_its_event__are_left_out() -> None:
    stray = {"seq": 2, "part": "", "part_at": 0, "coding_at": 1, "coding_code": "9"}
    whole = {"seq": 1, "part": "", "part_at": 0, "coding_at": 0, "coding_code": "8"}
    assert [event["coded"] for event in chosen([whole, stray])] == ["LOCAL//8"]
