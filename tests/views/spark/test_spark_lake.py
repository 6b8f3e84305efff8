"""What Spark is shown of a lake is what the door shows: as of any instant, without the retired."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.lake.rows import (
    DAY,
    DOCTOR,
    START,
    TickingClock,
    arrow,
    event,
    resource,
    retirement,
    source,
)
from tests.views.support import column, unordered, view_of
from vitruvian.lake import Lake
from vitruvian.lake.engines.spark import Spark
from vitruvian.lake.errors import NotDrained
from vitruvian.research import Tables, Wish, export_tables, usual_views
from vitruvian.research.export import tables
from vitruvian.trust import SYSTEM
from vitruvian.views import NotOneValue, parse_view, run_over_lake

CODES = view_of(
    "Observation",
    {"column": [column("id", "id")]},
    {"forEach": "code.coding", "column": [column("code", "code")]},
)


def observation(number: int, *codes: str) -> dict[str, Any]:
    said = {
        "resourceType": "Observation",
        "id": f"o{number}",
        "code": {"coding": [{"code": code} for code in codes]},
    }
    known = {"known_at": START + number * DAY, "subject_id": number % 2 or None}
    return {**resource(number, body=json.dumps(said).encode()), **known}


def episode(number: int) -> dict[str, Any]:
    """An event that is known from its start on and told with its end."""
    over: dict[str, Any] = {"end_time": START + (number + 1) * DAY, "state": "completed"}
    return event(number, version_id=number, derivation_id=number, known_day=number, **over)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Two loads, a drained log, retirements of a version, an event and a derivation."""
    folder: Path = tmp_path_factory.mktemp("spark") / "lake"
    with Lake.create(folder, site="st-elsewhere", clock=TickingClock()) as made:
        for first in (1, 4):
            with made.bulk(SYSTEM) as load:
                numbers = range(first, first + 3)
                rows = [observation(n, "a", f"b{n}") for n in numbers]
                load.write("resource", arrow("resource", rows))
                load.write("event", arrow("event", [episode(n) for n in numbers]))
                load.write("source", arrow("source", [source(f"s{n}") for n in numbers]))
        made.append(SYSTEM, {"resource": [observation(7, "late")], "event": [event(7)]})
        for number, scope in ((2, "version"), (3, "event"), (4, "derivation")):
            gone = retirement(number, scope=scope, target=number, known_day=4)
            made.append(SYSTEM, {"retirement": [gone]})
        made.drain(SYSTEM)
        yield made


def instants(lake: Lake) -> list[dict[str, datetime | None]]:
    with lake.read(DOCTOR) as reader:
        recorded = sorted(set(reader.rows("event").column("recorded_at").to_pylist()))
    asked: list[dict[str, datetime | None]] = [{}, {"known_at": START + 2 * DAY}]
    return asked + [{"recorded_at": one} for one in recorded]


def test_rows_in_the_hot_log__are_refused_rather_than_missed(spark: Spark, tmp_path: Path) -> None:
    with Lake.create(tmp_path / "lake") as lake:
        lake.append(SYSTEM, {"resource": [observation(1, "a")]})
        with lake.read(DOCTOR) as reader, pytest.raises(NotDrained, match="vitruvian compact"):
            run_over_lake(parse_view(CODES), reader, spark=spark)


@pytest.mark.parametrize("on", ["spark", "duckdb"])
def test_several_values__stop_the_run_over_a_lake(spark: Spark, lake: Lake, on: str) -> None:
    view = parse_view(view_of("Observation", {"column": [column("code", "code.coding.code")]}))
    session = spark if on == "spark" else None
    with lake.read(DOCTOR) as reader, pytest.raises(NotOneValue, match="/select/0/column/0"):
        run_over_lake(view, reader, spark=session)


def test_empty_lake__gives_no_rows(spark: Spark, tmp_path: Path) -> None:
    with Lake.create(tmp_path / "lake") as lake, lake.read(DOCTOR) as reader:
        assert run_over_lake(parse_view(CODES), reader, spark=spark).num_rows == 0


def test_table__is_what_the_door_shows_at_every_instant(spark: Spark, lake: Lake) -> None:
    moments = instants(lake)
    for asked, table in itertools.product(moments, ("event", "source")):
        with lake.read(DOCTOR, **asked) as reader:
            spark.show_table(reader, table)
            here = reader.rows(table)
            listed = ", ".join(here.column_names)
            there = spark.query(f"SELECT {listed} FROM {table}").cast(here.schema)
            assert unordered(there.to_pylist()) == unordered(here.to_pylist())
    assert len(moments) > 4


def test_episode__is_still_open_at_an_instant_before_its_end(spark: Spark, lake: Lake) -> None:
    with lake.read(DOCTOR, known_at=START + 2 * DAY) as reader:
        spark.show_table(reader, "event")
        found = spark.query(
            "SELECT event_id, end_time, state FROM event WHERE event_id < 7 ORDER BY event_id"
        )
    assert found.column("event_id").to_pylist() == [1, 2]
    assert found.column("state").to_pylist() == ["completed", "active"]
    assert found.column("end_time").is_null().to_pylist() == [False, True]


def test_view__over_the_lake_is_the_same_on_both_engines(spark: Spark, lake: Lake) -> None:
    carry = ("version_id", "subject_id")
    for asked in instants(lake):
        with lake.read(DOCTOR, **asked) as reader:
            here = run_over_lake(parse_view(CODES), reader, carry=carry)
            there = run_over_lake(parse_view(CODES), reader, carry=carry, spark=spark)
        assert unordered(there.to_pylist()) == unordered(here.to_pylist())
        assert there.column_names == here.column_names == [*carry, "id", "code"]


def test_view__leaves_out_what_was_retired(spark: Spark, lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        found = run_over_lake(parse_view(CODES), reader, spark=spark).to_pylist()
    assert sorted({row["id"] for row in found}) == ["o1", "o3", "o4", "o5", "o6", "o7"]
    assert len(found) == 11


def test_reading_on_spark__is_in_the_audit(spark: Spark, lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        run_over_lake(parse_view(CODES), reader, spark=spark)
        assert "resource" in reader.tables_read


def test_tables__are_the_same_from_both_engines(
    spark: Spark, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "open_spark", lambda: nullcontext(spark))
    for on_spark in (False, True):
        wanted = Tables(usual_views(), kind="ndjson", on_spark=on_spark)
        export_tables(lake, tmp_path / str(on_spark), Wish(SYSTEM), wanted)
    here, there = (
        {path.name: sorted(path.read_bytes().splitlines()) for path in (tmp_path / each).iterdir()}
        for each in ("False", "True")
    )
    assert there == here
    assert len(here["observation.ndjson"]) == 6
