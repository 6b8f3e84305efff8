"""Random tasks over every construct of ACES, and random records to ask them of."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import yaml  # type: ignore[import-untyped]
from hypothesis import strategies as st

CODES = ("ADMISSION//ER", "ADMISSION//WARD", "DISCHARGE", "MEDS_DEATH", "LAB//K", "LAB//NA", "DRUG")
PLAIN = ("admission", "discharge", "death", "lab", "high", "low", "band", "drug", "ward")
DERIVED = ("ended", "both", "deep")
SPECIAL = ("_ANY_EVENT", "_RECORD_START", "_RECORD_END")
START = datetime(2020, 1, 1)  # noqa: DTZ001 - MEDS times have no zone

# Any: a YAML document
Document = dict[str, Any]


def _predicates() -> Document:
    return {
        "admission": {"code": {"regex": "^ADMISSION//.*"}},
        "discharge": {"code": "DISCHARGE"},
        "death": {"code": "MEDS_DEATH"},
        "lab": {"code": {"any": ["LAB//K", "LAB//NA"]}},
        "high": {"code": "LAB//K", "value_min": 5, "value_min_inclusive": True},
        "low": {"code": "LAB//K", "value_max": 3.5, "value_max_inclusive": False},
        "band": {
            "code": {"regex": "LAB"},
            "value_min": 3.5,
            "value_max": 5,
            "value_max_inclusive": True,
        },
        "drug": {"code": "DRUG", "route": "iv"},
        "ward": {"code": "ADMISSION//WARD"},
        "ended": {"expr": "or(discharge, death)"},
        "both": {"expr": "and(lab, drug)"},
        "deep": {"expr": "or(both, admission, death)"},
    }


STATICS: Document = {"male": {"code": "GENDER//M"}, "old": {"code": "OLD", "value_min": 1}}

hours = st.sampled_from(["1h", "6h", "12 hours", "1d", "30m", "1 day, 12:00:00", "2 days", "1w"])
counts = st.sampled_from(["(1, None)", "(None, 0)", "(2, None)", "(None, 2)", "(1, 9)", "(0, 1)"])
names = st.sampled_from([*PLAIN, *DERIVED])
counted = st.sampled_from([*PLAIN, *DERIVED, *SPECIAL])
flags: st.SearchStrategy[bool] = st.booleans()


@st.composite
def _hung(draw: st.DrawFn, places: list[str]) -> str:
    """The end of a window that hangs on the trigger or on an earlier window."""
    place = draw(st.sampled_from(places))
    kind = draw(st.sampled_from(["on", "on", "after", "before", "next", "last"]))
    if kind == "on":
        return place
    if kind in {"after", "before"}:
        return f"{place} {'+' if kind == 'after' else '-'} {draw(hours)}"
    if kind == "next":
        event = draw(st.sampled_from([*PLAIN, *DERIVED, "_ANY_EVENT", "_RECORD_END"]))
        return f"{place} -> {event}"
    event = draw(st.sampled_from([*PLAIN, *DERIVED, "_ANY_EVENT", "_RECORD_START"]))
    return f"{place} <- {event}"


@st.composite
def _free(draw: st.DrawFn, *, side: str) -> str | None:
    """The other end, told from the first: `side` is the end it is told from."""
    forward = side == "start"
    kind = draw(st.sampled_from(["length", "length", "event", "event", "record"]))
    if kind == "record":
        return None
    if kind == "length":
        return f"{side} {'+' if forward else '-'} {draw(hours)}"
    event = draw(st.sampled_from([*PLAIN, *DERIVED, "_ANY_EVENT"]))
    return f"{side} {'->' if forward else '<-'} {event}"


@st.composite
def windows(draw: st.DrawFn) -> Document:
    """Up to four windows, each hung on the trigger or on one before it."""
    made: Document = {}
    places = ["trigger"]
    for name in ["one", "two", "three", "four"][: draw(st.integers(0, 4))]:
        side = draw(st.sampled_from(["start", "end"]))
        other = "end" if side == "start" else "start"
        made[name] = {
            side: draw(_hung(places)),
            other: draw(_free(side=side)),
            "start_inclusive": draw(flags),
            "end_inclusive": draw(flags),
            "has": draw(st.dictionaries(counted, counts, max_size=2)),
        }
        places += [f"{name}.start", f"{name}.end"]
    if made:
        made[draw(st.sampled_from(sorted(made)))]["label"] = draw(st.none() | names)
        index = draw(st.sampled_from(["start", "end", None]))
        made[draw(st.sampled_from(sorted(made)))]["index_timestamp"] = index
    return made


@st.composite
def tasks(draw: st.DrawFn) -> str:
    """A task as YAML."""
    document: Document = {
        "predicates": _predicates(),
        "trigger": draw(st.sampled_from([*PLAIN, *DERIVED, *SPECIAL])),
        "windows": draw(windows()),
    }
    statics = draw(st.sampled_from([(), (), ("male",), ("old",), ("male", "old")]))
    if statics:
        document["patient_demographics"] = {name: STATICS[name] for name in statics}
        if "male" in statics:
            document["predicates"]["both"] = {"expr": "and(lab, male)"}
    return str(yaml.safe_dump(document, sort_keys=False))


def record_of(subject: int, random: Random) -> list[tuple[Any, ...]]:
    """One subject: some moments with several events, some facts without a time."""
    time = START
    rows: list[tuple[Any, ...]] = []
    for _ in range(random.randint(1, 30)):
        time += timedelta(hours=random.choice([0, 0, 1, 6, 12, 24, 30, 48]))
        value = random.choice([None, 1.0, 3.5, 4.0, 5.0, 6.1])
        route = random.choice(["iv", "po", None])
        rows.append((subject, time, random.choice(CODES), value, route))
    static = [code for code in ("GENDER//M", "OLD", "LAB//K") if random.random() < 0.8]
    return [*rows, *((subject, None, code, 2.0, None) for code in static)]


def records_of(seed: int) -> pa.Table:
    """MEDS events of a few dozen subjects, in no order."""
    random = Random(seed)
    rows = [row for subject in range(1, 30) for row in record_of(subject, random)]
    random.shuffle(rows)
    columns = list(zip(*rows, strict=True))
    types = (pa.int64(), pa.timestamp("us"), pa.string(), pa.float32(), pa.string())
    keys = ("subject_id", "time", "code", "numeric_value", "route")
    return pa.table({k: pa.array(c, t) for k, c, t in zip(keys, columns, types, strict=True)})


records = st.integers(0, 2**32).map(records_of)
