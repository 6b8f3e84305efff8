"""ViewDefinitions: ours against `sqlonfhir` (PyPI) and against SQL written by hand."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import sqlonfhir

from vitruvian.views import compile_view, parse_view, run_view

SIZES = {"small": 2_000, "medium": 20_000, "large": 40_000}
REPEATS = 5
VALUE = "value.ofType(Quantity).value"
KEYS = [
    {"name": "id", "path": "id", "type": "id"},
    {"name": "patient", "path": "subject.reference", "type": "string"},
    {"name": "time", "path": "effective.ofType(dateTime)", "type": "dateTime"},
    {"name": "value", "path": VALUE, "type": "decimal"},
]
CODINGS = {
    "resource": "Observation",
    "select": [
        {"column": KEYS},
        {
            "forEach": "code.coding",
            "column": [
                {"name": "system", "path": "system", "type": "uri"},
                {"name": "code", "path": "code", "type": "code"},
            ],
        },
    ],
}
PARTS = {
    "resource": "Observation",
    "where": [{"path": "status = 'final' and code.coding.where(code = '8480-6').empty()"}],
    "select": [
        {"column": KEYS[:3]},
        {
            "unionAll": [
                {
                    "column": [
                        {"name": "code", "path": "code.coding.first().code", "type": "code"},
                        {"name": "text", "path": "code.text", "type": "string"},
                    ],
                },
                {
                    "forEach": "component",
                    "column": [
                        {"name": "code", "path": "code.coding.first().code", "type": "code"},
                        {"name": "text", "path": "code.text", "type": "string"},
                    ],
                },
            ],
        },
    ],
}
BY_HAND = """
SELECT r.id, r.subject.reference AS patient, r."effectiveDateTime" AS time,
       r."valueQuantity"."value" AS value, k."system" AS system, k.code AS code
FROM (SELECT r, unnest(r.code.coding) AS k FROM (SELECT from_json(resource,
  '{"id":"VARCHAR","subject":{"reference":"VARCHAR"},"effectiveDateTime":"VARCHAR",
    "valueQuantity":{"value":"DOUBLE"},
    "code":{"coding":[{"system":"VARCHAR","code":"VARCHAR"}]}}') AS r FROM batch))
"""


def observation(number: int, chance: random.Random) -> dict[str, Any]:
    """A made-up observation of about 800 characters, every fifth a blood pressure."""
    coding = [{"system": "http://loinc.org", "code": f"{chance.randrange(400):04d}-1"}]
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"o{number}",
        "meta": {"versionId": "1", "lastUpdated": "2024-05-06T07:08:09.123+02:00"},
        "status": "final" if number % 7 else "preliminary",
        "category": [{"coding": [{"system": "urn:category", "code": "laboratory"}]}],
        "code": {"coding": coding, "text": "A test of the blood, made up for measuring"},
        "subject": {"reference": f"Patient/p{number % 500}"},
        "encounter": {"reference": f"Encounter/e{number % 5000}"},
        "effectiveDateTime": f"2024-0{number % 9 + 1}-06T07:08:09+02:00",
        "issued": "2024-05-06T08:08:09.123+02:00",
        "note": [{"text": "Nothing to say about it, at some length. " * 4}],
    }
    quantity = {"value": chance.randrange(2000) / 8, "unit": "mmol/L", "code": "mmol/L"}
    if number % 5:
        return found | {"valueQuantity": quantity}
    parts = [{"code": {"coding": [{"code": code}]}, "valueQuantity": quantity} for code in "ab"]
    return found | {"component": parts}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one run, and its answer."""
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def in_turns(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of the fastest run of each of two, run in turns so that both meet the same load."""
    pairs = [(timed(one)[0], timed(other)[0]) for _ in range(REPEATS)]
    return min(first for first, _ in pairs), min(second for _, second in pairs)


def comparable(rows: list[dict[str, Any]]) -> list[list[str]]:
    """Rows without their order, decimals as plain numbers."""
    return sorted(
        [
            str(float(row[name]) if name == "value" and row[name] else row[name])
            for name in sorted(row)
        ]
        for row in rows
    )


def against_sqlonfhir(name: str, view: dict[str, Any], resources: list[Any]) -> dict[str, object]:
    """Resources a second of one view; the other side gets its resources parsed already."""
    lines = [orjson.dumps(resource) for resource in resources]
    parsed = parse_view(view)
    copies = deepcopy(resources)  # it writes into what it is given
    theirs, other = timed(lambda: sqlonfhir.evaluate(copies, deepcopy(view)))
    runs = [timed(lambda: run_view(parsed, lines)) for _ in range(REPEATS)]
    ours, table = min(seconds for seconds, _ in runs), runs[0][1]
    assert comparable(table.to_pylist()) == comparable(other)
    return {
        "name": name,
        "value": len(resources) / ours,
        "unit": "resources/s",
        "versus": f"sqlonfhir, {len(resources) / theirs:,.0f} resources/s",
        "ratio": theirs / ours,
        "note": "same rows; ours from JSON lines to Arrow, theirs from parsed objects",
    }


def against_hand(resources: list[Any]) -> dict[str, object]:
    """The same view compiled, and written by hand for this one purpose."""
    table = pa.table({"resource": [orjson.dumps(one).decode() for one in resources]})
    with duckdb.connect() as connection:
        connection.register("arrow", table)
        connection.execute("CREATE TABLE batch AS SELECT * FROM arrow")
        compiled = compile_view(parse_view(CODINGS), source="batch").sql
        one, other = (
            connection.sql(query).to_arrow_table().to_pylist() for query in (compiled, BY_HAND)
        )
        assert comparable(one) == comparable(other)
        ours, theirs = in_turns(
            lambda: connection.sql(compiled).to_arrow_table(),
            lambda: connection.sql(BY_HAND).to_arrow_table(),
        )
    return {
        "name": "Observation, one row a coding, from a DuckDB table",
        "value": len(resources) / ours,
        "unit": "resources/s",
        "versus": f"SQL by hand, {len(resources) / theirs:,.0f} resources/s",
        "ratio": theirs / ours,
        "note": "the hand-written SQL does not check the resource type",
    }


def measure(scale: str = "medium") -> list[dict[str, object]]:
    """Rows for the benchmarks page."""
    chance = random.Random(1)
    resources = [observation(number, chance) for number in range(SIZES[scale])]
    return [
        against_sqlonfhir("Observation, one row a coding", CODINGS, resources),
        against_sqlonfhir("Observation, filtered, one row a code or part", PARTS, resources),
        against_hand(resources),
    ]
