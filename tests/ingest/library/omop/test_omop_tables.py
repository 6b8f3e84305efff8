"""Made-up OMOP tables on the timeline: concepts, dates, people, and all three ways to bring them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tests.ingest.library.omop.samples import MEASUREMENT, TEXTS, samples
from tests.ingest.support import PATIENT, SYSTEM, ndjson, potassium, rows, take
from vitruvian.ingest import trace
from vitruvian.lake import Lake

ROME = "Europe/Rome"


def coded(lake: Lake, code: str) -> list[dict[str, Any]]:
    found = [row for row in rows(lake, "event") if row["code"] == code]
    return sorted(found, key=lambda row: str(row["time"]))


# ------------------------------------------------------------------ refusals


def test_database__of_something_else_is_refused_in_one_sentence(lake: Lake, inbox: Path) -> None:
    with duckdb.connect(str(inbox / "shop.duckdb")) as engine:
        engine.execute("CREATE TABLE orders AS SELECT 1 AS id")
    (source,) = take(lake, inbox).sources
    assert source.outcome == "refused"
    assert "none of the tables" in source.problems[0].message


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_database__that_is_damaged_is_refused_in_one_sentence(
    lake: Lake, inbox: Path, share: float
) -> None:
    path = inbox / "cdm.duckdb"
    with duckdb.connect(str(path)) as engine:
        engine.execute("CREATE TABLE person AS SELECT range AS person_id FROM range(100000)")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    (source,) = take(lake, path).sources
    assert (source.outcome, len(source.problems)) == ("refused", 1)
    assert str(path) not in source.problems[0].message


def test_person__without_a_number_is_refused_with_record_and_column(
    lake: Lake, inbox: Path
) -> None:
    path = inbox / "measurement.csv"
    path.write_text(MEASUREMENT + MEASUREMENT.splitlines()[1].replace("0,1,", "99,,", 1) + "\n")
    (source,) = take(lake, path, zone=ROME).sources
    assert (source.loaded, source.rejected) == (60, 1)
    (problem,) = source.problems
    assert (problem.record, problem.pointer, problem.code) == (60, "/person_id", "missing-value")


# ------------------------------------------------------------------ what it means


def test_concept__is_told_by_the_vocabulary_beside_the_tables(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox), zone=ROME)
    potassium_0 = coded(lake, "LOINC//2823-3")[0]
    assert potassium_0["code_text"] == 'Potassium "serum"'
    assert (potassium_0["numeric_value"], potassium_0["unit"]) == (4.0, "mmol/L")
    assert (potassium_0["range_low"], potassium_0["range_high"]) == (3.5, 5.1)
    assert potassium_0["category"] == "laboratory"
    (diabetes,) = coded(lake, "SNOMED//44054006")
    assert [each["code"] for each in diabetes["codings"]] == ["44054006", "E11.9"]


def test_concept__without_vocabulary_is_the_source_value_and_last_its_number(
    lake: Lake, inbox: Path
) -> None:
    _, *without = samples(inbox)
    take(lake, *without, zone=ROME)
    problems = {r["code"] for r in rows(lake, "event") if r["category"] == "problem"}
    assert problems == {
        "OMOP/condition_source_value//E11.9",
        "OMOP/condition_source_value//LOCAL-7",
        "OMOP//999999",
    }


def test_vocabulary__loaded_before_tells_the_concepts_of_later_tables(
    lake: Lake, inbox: Path
) -> None:
    vocabulary, *tables = samples(inbox)
    take(lake, vocabulary)
    take(lake, *tables, zone=ROME)
    assert len(coded(lake, "LOINC//2823-3")) == 60


def test_dates__keep_their_precision_and_the_declared_zone(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox), zone=ROME)
    ada, bob = coded(lake, "MEDS_BIRTH")
    assert (ada["time_as_sent"], bob["time_as_sent"]) == ("1950-02-14", "1971")
    assert bob["time_max"] == datetime(1971, 12, 31, 23, tzinfo=UTC)
    (death,) = coded(lake, "MEDS_DEATH")
    assert death["time"] == datetime(2024, 8, 31, 22, tzinfo=UTC)
    assert death["time_max"] == death["known_at"] == datetime(2024, 9, 1, 22, tzinfo=UTC)
    (visit,) = [e for e in rows(lake, "encounter") if e["class_code"] == "ACTCODE//IMP"]
    assert visit["start_time"] == datetime(2024, 3, 4, 7, tzinfo=UTC)
    assert coded(lake, "LOINC//2823-3")[0]["encounter_id"] == visit["encounter_id"]


def test_death__is_told_by_the_table_of_deaths_alone(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox), zone=ROME)
    said = [(r["sex"], r["deceased"], r["death_time"]) for r in rows(lake, "patient")]
    assert sorted(said, key=str) == [
        ("female", None, None), ("male", None, None), (None, True, "2024-09-01"),
    ]  # fmt: skip


def test_comparator__is_that_of_the_operator(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox), zone=ROME)
    assert [row["comparator"] for row in coded(lake, "LOINC//2823-3")].count("<=") == 1


def test_observation_period__is_kept_with_its_last_day_in_it(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox), zone=ROME)
    (period,) = rows(lake, "observation_period")
    assert period["start_time"] == datetime(2019, 12, 31, 23, tzinfo=UTC)
    assert period["end_time"] == datetime(2024, 12, 31, 23, tzinfo=UTC)
    assert period["basis"] == "Standard algorithm"


def test_the_same_potassium__by_fhir_and_by_omop_is_one_fact(lake: Lake, inbox: Path) -> None:
    fhir = ndjson(
        inbox / "fhir.ndjson",
        PATIENT,
        potassium("k", effectiveDateTime="2024-03-05T07:01:00+01:00"),
    )
    take(lake, fhir, *samples(inbox), zone=ROME)
    same = [row for row in coded(lake, "LOINC//2823-3") if row["numeric_value"] == 4.1]
    assert len(same) == 2
    assert len({row["fact_key"] for row in same}) == 1


# ------------------------------------------------------------------ three ways to bring them


def facts(lake: Lake) -> list[str]:
    kept = ("code", "time", "numeric_value", "unit", "fact_key", "subject_id", "encounter_id")
    return sorted(str({key: row[key] for key in kept}) for row in rows(lake, "event"))


def test_parquet_and_database__give_the_facts_of_the_text_tables(
    lake: Lake, inbox: Path, tmp_path: Path
) -> None:
    take(lake, *samples(inbox), zone=ROME)
    packed = tmp_path / "parquet"
    packed.mkdir()
    with duckdb.connect(str(tmp_path / "cdm.duckdb")) as engine:
        for name, text in TEXTS.items():
            delimiter = "\t" if name == "CONCEPT.csv" else ","
            read = pyarrow.csv.read_csv(
                io.BytesIO(text.encode()),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, quote_char=False if delimiter == "\t" else '"'
                ),
            )
            stem = name.removesuffix(".csv")
            pq.write_table(read, packed / f"{stem}.parquet")
            engine.execute(f"CREATE TABLE {stem} AS SELECT * FROM read")
    for number, way in enumerate((packed, tmp_path / "cdm.duckdb")):
        with Lake.create(tmp_path / f"lake-{number}", site="test") as other:
            report = take(other, way, zone=ROME)
            assert (report.loaded, report.rejected) == (2 + 2 + 4 + 1 + 3 + 1 + 60, 0)
            assert facts(other) == facts(lake)


def test_every_event__is_told_again_from_its_own_row(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox), zone=ROME)
    chosen = {row["code"]: row for row in rows(lake, "event")}
    assert len(chosen) == 10
    with lake.read(SYSTEM) as reader:
        for event in chosen.values():
            resource, told = trace(reader, event["event_id"])
            (again,) = [e for e in told.to_pylist() if e["event_id"] == event["event_id"]]
            assert {key: event[key] for key in again} == again
            assert resource["resource_type"].startswith("OMOP/")
