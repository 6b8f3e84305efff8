"""Tables of a made-up ward, declared by a mapping, on the timeline."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tests.ingest.library.tables.samples import MAPPING, NUMERICS, RESULTS, samples
from tests.ingest.support import SYSTEM, every_version, rows, take
from vitruvian.ingest import trace
from vitruvian.lake import Lake


def by_code(lake: Lake, code: str) -> list[dict[str, Any]]:
    found = [row for row in rows(lake, "event") if row["code"] == code]
    return sorted(found, key=lambda row: row["time"])


def one_table(inbox: Path, name: str, text: str | bytes) -> Path:
    (inbox / "mapping.toml").write_text(MAPPING, "utf-8")
    path = inbox / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# ------------------------------------------------------------------ refusals


def test_table__without_a_mapping_is_not_recognised(lake: Lake, inbox: Path) -> None:
    paths = samples(inbox)
    (inbox / "mapping.toml").unlink()
    (inbox / "note.json").write_text('{"resourceType": "Patient", "id": "a"}', "utf-8")
    report = take(lake, inbox)
    assert [s.outcome for s in report.sources].count("not-recognised") == len(paths) - 1
    assert rows(lake, "event") == []


def test_mapping__that_cannot_be_used_is_refused_and_its_tables_are_not_read(
    lake: Lake, inbox: Path
) -> None:
    samples(inbox)
    (inbox / "mapping.toml").write_text(MAPPING.replace("columns", "colums", 1), "utf-8")
    report = take(lake, inbox)
    (refused,) = [source for source in report.sources if source.outcome == "refused"]
    assert refused.problems[0].code == "bad-mapping"
    assert report.loaded == 0


def test_row__without_a_required_value_is_refused_with_record_and_column(
    lake: Lake, inbox: Path
) -> None:
    text = NUMERICS + ",2024-01-11 11:00:00,70,\n1,,70,\n"
    report = take(lake, one_table(inbox, "numerics.csv", text))
    (source,) = report.sources
    assert (source.offered, source.loaded, source.rejected) == (62, 60, 2)
    places = [(p.record, p.pointer, p.code) for p in source.problems]
    assert places == [(60, "/patient", "missing-value"), (61, "/minute", "missing-value")]


def test_row__with_a_time_that_is_none_is_refused_and_its_value_is_not_repeated(
    lake: Lake, inbox: Path
) -> None:
    report = take(lake, one_table(inbox, "numerics.csv", NUMERICS + "1,half past ten,70,\n"))
    (problem,) = report.sources[0].problems
    assert (problem.record, problem.pointer, problem.code) == (60, "/minute", "not-a-time")
    assert "half past ten" not in problem.message


def test_row__with_another_number_of_fields_or_not_in_utf8_is_refused_alone(
    lake: Lake, inbox: Path
) -> None:
    text = NUMERICS.encode() + b"1,2024-01-11 11:00:00,70\n\xff,2024-01-11 11:01:00,70,\n"
    report = take(lake, one_table(inbox, "numerics.csv", text))
    (source,) = report.sources
    assert (source.offered, source.loaded, source.rejected) == (62, 60, 2)
    assert [p.code for p in source.problems] == ["wrong-field-count", "not-utf-8"]


def test_row__of_a_visit_nobody_told_of_is_kept_and_reported(lake: Lake, inbox: Path) -> None:
    report = take(lake, one_table(inbox, "results.csv", RESULTS))
    assert (report.loaded, report.rejected) == (4, 0)
    assert {p.code for p in report.sources[0].problems} == {"no-subject"}
    assert rows(lake, "event") == []


def test_parquet__cut_short_or_damaged_is_refused_in_one_sentence(lake: Lake, inbox: Path) -> None:
    path = one_table(inbox, "numerics.parquet", b"")
    pq.write_table(pa.csv.read_csv(pa.BufferReader(NUMERICS.encode())), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (source,) = take(lake, path).sources
    assert source.outcome == "refused"
    assert len(source.problems) == 1
    path.write_bytes(whole[:40] + bytes(400) + whole[440:])
    (source,) = take(lake, path).sources
    assert source.outcome == "refused"
    assert rows(lake, "resource") == []


# ------------------------------------------------------------------ what it means


def test_times__without_zone_fall_in_the_declared_one_in_every_season(
    lake: Lake, inbox: Path
) -> None:
    take(lake, *samples(inbox))
    winter, summer = by_code(lake, "LOINC//2823-3")
    assert winter["time"] == datetime(2024, 1, 11, 6, tzinfo=UTC)
    assert summer["time"] == datetime(2024, 7, 11, 5, tzinfo=UTC)
    assert winter["flags"] == []
    assert winter["time_as_sent"] == "2024-01-11 07:00:00"


def test_known_at__is_stated_where_the_table_says_so_and_else_the_stated_delay(
    lake: Lake, inbox: Path
) -> None:
    take(lake, *samples(inbox))
    winter, summer = by_code(lake, "LOINC//2823-3")
    assert winter["known_at"] == datetime(2024, 1, 11, 7, 10, tzinfo=UTC)
    assert winter["known_at_basis"] == "stated"
    assert summer["known_at"] == datetime(2024, 7, 11, 5, 10, tzinfo=UTC)
    assert summer["known_at_basis"] == "assumed"


def test_value__number_comparator_and_words_are_told_apart(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox))
    (culture,) = by_code(lake, "WARD//CULTURE")
    assert (culture["numeric_value"], culture["text_value"]) == (None, "no growth")
    potassium = by_code(lake, "LOINC//2823-3")[0]
    assert (potassium["numeric_value"], potassium["value_as_sent"]) == (4.1, "4.10")
    (odd,) = [row for row in rows(lake, "event") if row["comparator"] == "<"]
    assert (odd["numeric_value"], odd["unit"]) == (0.5, "mg/L")
    assert odd["code_text"] == 'Odd, quoted "test"\nof two lines'


def test_measures__give_an_event_for_every_column_that_holds_a_value(
    lake: Lake, inbox: Path
) -> None:
    take(lake, one_table(inbox, "numerics.csv", NUMERICS))
    assert len(by_code(lake, "LOINC//8867-4")) == 60
    assert len(by_code(lake, "LOINC//59408-5")) == 30


def test_visit__tells_whose_a_result_is_also_when_it_was_loaded_before(
    lake: Lake, inbox: Path
) -> None:
    _, beds, results, _ = samples(inbox)
    take(lake, beds)
    take(lake, results)
    subjects = {row["subject_id"] for row in rows(lake, "encounter")}
    assert {row["subject_id"] for row in rows(lake, "event")} == subjects
    assert len(subjects) == 2


# ------------------------------------------------------------------ versions and sources


def test_row__sent_again_with_another_value_takes_the_place_of_the_first(
    lake: Lake, inbox: Path
) -> None:
    first = one_table(inbox, "numerics.csv", NUMERICS)
    take(lake, first)
    again = take(lake, one_table(inbox, "more.csv", NUMERICS.replace("10:07:00,67", "10:07:00,76")))
    assert (again.loaded, again.skipped) == (1, 59)
    values = [row["numeric_value"] for row in by_code(lake, "LOINC//8867-4")]
    assert (values[7], len(values)) == (76, 60)
    back = take(lake, one_table(inbox, "back.csv", NUMERICS + "\n"))
    assert back.loaded == 1
    assert by_code(lake, "LOINC//8867-4")[7]["numeric_value"] == 67


def test_mapping__when_mended_reads_its_tables_again_and_nothing_doubles(
    lake: Lake, inbox: Path
) -> None:
    path = one_table(inbox, "numerics.csv", NUMERICS)
    take(lake, path)
    (inbox / "mapping.toml").write_text(MAPPING.replace("Heart rate", "Pulse"), "utf-8")
    report = take(lake, path)
    assert report.loaded == 60
    pulses = by_code(lake, "LOINC//8867-4")
    assert {row["code_text"] for row in pulses} == {"Pulse"}
    assert len(pulses) == 60
    assert len([r for r in every_version(lake, "event") if r["code"] == "LOINC//8867-4"]) == 120


def test_parquet_and_text__of_the_same_table_give_the_same_facts(
    lake: Lake, inbox: Path, tmp_path: Path
) -> None:
    take(lake, one_table(inbox, "numerics.csv", NUMERICS))
    path = one_table(inbox, "numerics.parquet", b"")
    pq.write_table(pa.csv.read_csv(pa.BufferReader(NUMERICS.encode())), path)
    with Lake.create(tmp_path / "other", site="test") as other:
        take(other, path)
        kept = ("code", "time", "numeric_value", "unit", "fact_key", "subject_id", "known_at")
        assert [{key: row[key] for key in kept} for row in by_code(other, "LOINC//8867-4")] == [
            {key: row[key] for key in kept} for row in by_code(lake, "LOINC//8867-4")
        ]


def test_numbers__of_a_parquet_file_are_kept_to_the_last_bit(lake: Lake, inbox: Path) -> None:
    path = one_table(inbox, "numerics.parquet", b"")
    values = [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -2 / 3, 1e22, 37.0]
    narrow = pa.array([50.6, 0.1, 1 / 3, 3.4e38, 1e-45, 2.0], pa.float32())
    table = pa.table(
        {
            "patient": [1] * 6,
            "minute": pa.array([datetime(2024, 1, 1, h, tzinfo=UTC) for h in range(6)]),
            "pulse": values,
            "spo2": narrow,
        }
    )
    pq.write_table(table, path)
    take(lake, path)
    assert [row["numeric_value"] for row in by_code(lake, "LOINC//8867-4")] == values
    assert [row["numeric_value"] for row in by_code(lake, "LOINC//59408-5")] == [
        each.as_py() for each in narrow
    ]


def test_archive__holds_its_mapping_and_a_mapping_may_be_given_with_the_paths(
    lake: Lake, inbox: Path, tmp_path: Path
) -> None:
    paths = samples(inbox)
    with zipfile.ZipFile(tmp_path / "ward.zip", "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    assert take(lake, tmp_path / "ward.zip").loaded == 1 + 2 + 4 + 60
    apart = tmp_path / "ward.toml"
    apart.write_text(MAPPING, "utf-8")
    paths[0].unlink()
    with Lake.create(tmp_path / "other", site="test") as other:
        assert take(other, apart, inbox).loaded == 1 + 2 + 4 + 60


def test_every_event__is_told_again_from_its_own_row(lake: Lake, inbox: Path) -> None:
    take(lake, *samples(inbox))
    events = rows(lake, "event")
    assert len(events) == 94
    with lake.read(SYSTEM) as reader:
        for event in [events[0], events[-1], *(e for e in events if e["text_value"])]:
            resource, told = trace(reader, event["event_id"])
            (again,) = [e for e in told.to_pylist() if e["event_id"] == event["event_id"]]
            assert {key: event[key] for key in again} == again
            assert resource["bytes"].splitlines()[0] in {
                text.splitlines()[0].encode() for text in (RESULTS, NUMERICS)
            }
