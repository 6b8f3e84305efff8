"""What every room may rely on when it reads and writes through the lake."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tests.lake.rows import DOCTOR, NOBODY, TickingClock, arrow, event, ids, link, resource, stay
from vitruvian.lake import Lake
from vitruvian.lake.disk.errors import FileInTheWay
from vitruvian.lake.errors import (
    BlobMissing,
    LakeClosed,
    LoadOver,
    NewerLake,
    NoLake,
    NoSubjectColumn,
    QueryFailed,
    RecordClosed,
    UnknownTable,
    WriterBusy,
    WrongColumns,
)
from vitruvian.record import TABLES
from vitruvian.trust import SYSTEM, Access, Anonymous, PolicyRefused
from vitruvian.trust.policy import DEFAULT

# ---------------------------------------------------------------- refusals first


def test_read__by_nobody_is_refused_and_written_down(lake: Lake) -> None:
    with pytest.raises(Anonymous), lake.read(NOBODY):
        pass
    assert lake.audit.rows()[-1].deed.outcome == "refused"


def test_append__by_nobody_stores_nothing(lake: Lake) -> None:
    with pytest.raises(Anonymous):
        lake.append(NOBODY, {"event": [event(1)]})
    with lake.read(DOCTOR) as reader:
        assert reader.rows("event").num_rows == 0


def test_bulk__by_nobody_is_refused(lake: Lake) -> None:
    with pytest.raises(Anonymous), lake.bulk(NOBODY):
        pass


def test_read__without_a_role_is_refused(lake: Lake) -> None:
    with pytest.raises(PolicyRefused), lake.read(Access("dr.vega", "", "treatment")):
        pass


def test_open__where_there_is_no_lake_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoLake, match="vitruvian ingest"):
        Lake.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["plain", "plain/below"])
def test_create__where_a_file_lies_says_so(name: str, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("kept")
    with pytest.raises(FileInTheWay, match="where a file lies"):
        Lake.create(tmp_path / name, site="here")
    assert (tmp_path / "plain").read_text() == "kept"


def test_open__refuses_another_layout(lake: Lake) -> None:
    lake._store.catalogue.set_meta("layout", "99")
    with pytest.raises(NewerLake, match="layout 99"):
        Lake.open(lake.path)


def test_closed_lake__refuses(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    lake.close()
    lake.close()
    with pytest.raises(LakeClosed), lake.read(DOCTOR):
        pass


def test_bulk__second_writer_is_told_to_wait(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vitruvian.lake.disk.durable.SECONDS_TO_WAIT_FOR_WRITER", 0.0)
    with lake.bulk(SYSTEM), pytest.raises(WriterBusy, match="try again"), lake.bulk(SYSTEM):
        pass


@pytest.mark.parametrize("table", ["events", "", "event; drop"])
def test_rows__of_an_unknown_table_names_the_known_ones(lake: Lake, table: str) -> None:
    with lake.read(DOCTOR) as reader, pytest.raises(UnknownTable, match="event, encounter"):
        reader.rows(table)


def test_rows__by_subject_of_a_table_without_subjects_is_refused(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader, pytest.raises(NoSubjectColumn):
        reader.rows("source", subjects=[1])


def test_write__refuses_an_unknown_column(lake: Lake) -> None:
    rows = arrow("event", [event(1)]).append_column("ward", pa.array(["b2"]))
    with pytest.raises(WrongColumns, match="ward"), lake.bulk(SYSTEM) as load:
        load.write("event", rows)
    with lake.read(DOCTOR) as reader:
        assert reader.rows("event").num_rows == 0


def test_write__refuses_a_missing_required_column(lake: Lake) -> None:
    rows = arrow("event", [event(1)]).drop_columns(["code"])
    with pytest.raises(WrongColumns, match="code"), lake.bulk(SYSTEM) as load:
        load.write("event", rows)


def test_append__refuses_a_wrong_type_without_repeating_the_value(lake: Lake) -> None:
    with pytest.raises(WrongColumns) as caught:
        lake.append(SYSTEM, {"event": [event(1, numeric_value="Rossi")]})
    assert "Rossi" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_write__after_the_load_is_over_is_refused(lake: Lake) -> None:
    with lake.bulk(SYSTEM) as load:
        pass
    with pytest.raises(LoadOver):
        load.write("event", arrow("event", [event(1)]))


def test_blob__that_is_not_stored_is_missing(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        for address in ("0" * 64, "../../etc/passwd"):
            with pytest.raises(BlobMissing):
                reader.blob(address)


def test_query__cannot_reach_files_outside_the_lake(lake: Lake, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    with lake.read(DOCTOR) as reader, pytest.raises(QueryFailed):
        reader.query(f"SELECT * FROM read_csv('{outside}')", tables=[])


def test_query__error_does_not_repeat_a_stored_value(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1, text_value="Rossi")]})
    with lake.read(DOCTOR) as reader, pytest.raises(QueryFailed) as caught:
        reader.query("SELECT text_value::INTEGER FROM event", tables=["event"])
    assert "Rossi" not in str(caught.value)
    assert caught.value.__cause__ is None


# ---------------------------------------------------------------- writing


def test_create__opens_the_lake_that_is_there(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1)]})
    with Lake.create(lake.path, site="other") as again, again.read(DOCTOR) as reader:
        assert again.site == "st-elsewhere"
        assert ids(reader.rows("event")) == [1]


def test_create__finishes_a_lake_that_lacks_a_table(lake: Lake) -> None:
    shutil.rmtree(lake.path / "tables" / "note")
    lake._store.catalogue.forget(
        [one.path for one in lake._store.catalogue.all_files() if one.table == "note"]
    )
    with Lake.create(lake.path) as again:
        assert list(again.check()) == []


def test_folder__is_closed_to_other_people(tmp_path: Path) -> None:
    with Lake.create(tmp_path / "lake") as lake:
        assert lake.path.stat().st_mode & 0o077 == 0


def test_bulk__is_visible_after_and_not_before_its_end(lake: Lake) -> None:
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(1), event(2)]))
        with lake.read(DOCTOR) as reader:
            assert reader.rows("event").num_rows == 0
    with lake.read(DOCTOR) as reader:
        assert ids(reader.rows("event")) == [1, 2]


def test_bulk__that_fails_leaves_no_row_and_no_file(lake: Lake) -> None:
    def fail_after_a_file(place: str) -> None:
        if place == "bulk:after-file":
            raise ZeroDivisionError

    lake._store.fault = fail_after_a_file
    with pytest.raises(ZeroDivisionError), lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(1)]))
    with lake.read(DOCTOR) as reader:
        assert reader.rows("event").num_rows == 0
    assert list((lake.path / "tables" / "event").glob("*.parquet")) == []


def test_bulk__reader_sees_the_state_before_the_load(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1)]})
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(2)]))
        assert ids(load.reader.rows("event")) == [1]


def test_bulk__connection_takes_temporary_tables(lake: Lake) -> None:
    with lake.bulk(SYSTEM) as load:
        load.connection.execute("CREATE TEMP TABLE t AS SELECT 42 AS n")
        assert load.connection.execute("SELECT n FROM t").fetchone() == (42,)


def test_bulk__without_rows_publishes_nothing(lake: Lake) -> None:
    before = lake._store.catalogue.state()
    with lake.bulk(SYSTEM):
        pass
    assert lake._store.catalogue.state() == before


def test_append__is_there_when_it_returns(lake: Lake) -> None:
    recorded = lake.append(
        SYSTEM, {"event": [event(1)], "resource": [resource(5, body=b"\x00\xff")]}
    )
    with lake.read(DOCTOR) as reader:
        assert reader.rows("event").column("recorded_at").to_pylist() == [recorded]
        assert reader.rows("resource").column("bytes").to_pylist() == [b"\x00\xff"]


def test_recorded_at__grows_with_every_write_even_when_the_clock_stands(tmp_path: Path) -> None:
    def stopped() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    with Lake.create(tmp_path / "lake", clock=stopped) as lake:
        instants = [lake.append(SYSTEM, {"event": [event(n)]}) for n in range(3)]
        with lake.bulk(SYSTEM) as load:
            load.write("event", arrow("event", [event(9)]))
        with lake.read(DOCTOR) as reader:
            instants.append(reader.rows("event", where="event_id = 9")["recorded_at"][0].as_py())
            assert reader.snapshot.published_at == instants[-1]
    assert instants == sorted(set(instants))


def test_every_table__keeps_every_column_through_log_file_and_compaction(lake: Lake) -> None:
    row = event(1, numeric_value=1.5, value_as_sent="1.50", utc_offset=60, end_time=None)
    kept = {}
    lake.append(SYSTEM, {"event": [row]})
    for step in ("log", "file", "compacted"):
        if step == "file":
            lake.drain(SYSTEM)
        if step == "compacted":
            lake.append(SYSTEM, {"event": [event(2)]})
            lake.drain(SYSTEM)
            assert lake.compact(SYSTEM) == 1
        with lake.read(DOCTOR) as reader:
            found = reader.rows("event", where="event_id = 1")
        assert found.schema.equals(TABLES["event"].schema)
        kept[step] = {name: found[name][0].as_py() for name in row}
    assert kept["log"] == kept["file"] == kept["compacted"] == row


# ---------------------------------------------------------------- reading


@pytest.fixture
def hospital(lake: Lake) -> Lake:
    """Two subjects, one event each from a load, the log and a drained log."""
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(1), event(2, subject=2)]))
    lake.append(SYSTEM, {"event": [event(3), event(4, subject=2)]})
    lake.drain(SYSTEM)
    lake.append(SYSTEM, {"event": [event(5), event(6, subject=2)]})
    return lake


def test_rows__of_one_subject_come_from_loads_files_and_log(hospital: Lake) -> None:
    with hospital.read(DOCTOR) as reader:
        found = reader.rows("event", subjects=[1])
    assert ids(found) == [1, 3, 5]
    assert found["recorded_at"].null_count == 0


def test_find__knows_a_row_by_its_key_and_notes_whose_it_is(hospital: Lake) -> None:
    with hospital.read(DOCTOR) as reader:
        assert reader.find("event", key=4)["subject_id"].to_pylist() == [2]
        assert reader.find("event", key=77).num_rows == 0
    assert hospital.audit.rows()[-1].deed.subjects == (2,)


def test_find__reaches_rows_about_nobody(lake: Lake) -> None:
    lake.append(SYSTEM, {"resource": [resource(5, subject=None), resource(6)]})
    lake.drain(SYSTEM)
    with lake.read(DOCTOR) as reader:
        assert ids(reader.find("resource", key=5), column="version_id") == [5]


def test_a_policy_of_wards_only__hides_all_others(hospital: Lake) -> None:
    text = DEFAULT.read_text("utf-8").replace('hospital = ["clinician",', "hospital = [")
    (hospital.path / "policy.toml").write_text(text, "utf-8")
    hospital.desk.tie(DOCTOR.who, kind="proxy", value="1")
    hospital.desk.tie(DOCTOR.who, kind="ward", value="Ward 7")
    hospital.append(SYSTEM, {"location_stay": [stay(9, subject=2)]})
    with hospital.read(DOCTOR) as reader:
        assert ids(reader.rows("event")) == [2, 4, 6]
        assert ids(reader.rows("event", subjects=[1, 2])) == [2, 4, 6]
        assert ids(reader.history("event", subjects=[2])) == [2, 4, 6]
        assert reader.find("event", key=1).num_rows == 0
        found = reader.query("SELECT DISTINCT subject_id FROM event", tables=["event"])
        with pytest.raises(RecordClosed):
            reader.history("event", subjects=[1])
    assert ids(found, column="subject_id") == [2]


def test_rows__of_many_subjects_are_those_of_each(hospital: Lake) -> None:
    with hospital.read(DOCTOR) as reader:
        assert ids(reader.rows("event", subjects=[1, 2])) == [1, 2, 3, 4, 5, 6]
        assert ids(reader.rows("event", subjects=range(1, 1000))) == [1, 2, 3, 4, 5, 6]
        assert reader.rows("event", subjects=[]).num_rows == 0
        assert reader.rows("event", subjects=[77]).num_rows == 0


def test_rows__give_the_columns_asked_for_in_that_order(hospital: Lake) -> None:
    with hospital.read(DOCTOR) as reader:
        for subjects in ([1], None):
            found = reader.rows("event", subjects=subjects, columns=["code", "event_id"])
            assert found.column_names == ["code", "event_id"]


@pytest.mark.parametrize("subjects", [None, [1], list(range(100))])
def test_rows__take_a_condition_with_values(hospital: Lake, subjects: list[int] | None) -> None:
    with hospital.read(DOCTOR) as reader:
        found = reader.rows(
            "event", subjects=subjects, columns=["event_id"], where="event_id = ?", params=[3]
        )
    assert ids(found) == [3]


def test_query__sees_tables_by_name_and_only_the_subjects_asked(hospital: Lake) -> None:
    sql = "SELECT subject_id, count(*) AS n FROM event GROUP BY 1 ORDER BY 1"
    with hospital.read(DOCTOR) as reader:
        everybody = reader.query(sql, tables=["event"])
        one = reader.query(sql, tables=["event", "note"], subjects=[2])
        with_value = reader.query("SELECT ? AS x FROM event LIMIT 1", tables=["event"], params=[7])
    assert everybody.to_pylist() == [{"subject_id": 1, "n": 3}, {"subject_id": 2, "n": 3}]
    assert one.to_pylist() == [{"subject_id": 2, "n": 3}]
    assert with_value.to_pylist() == [{"x": 7}]


def test_query__over_an_empty_table_has_its_columns(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        found = reader.query("SELECT * FROM note", tables=["note"])
    assert found.num_rows == 0
    assert found.column_names == list(TABLES["note"].column_names)


def test_blob__comes_back_byte_for_byte(lake: Lake, tmp_path: Path) -> None:
    scan = tmp_path / "scan"
    scan.write_bytes(b"pixels")
    with lake.bulk(SYSTEM) as load:
        by_bytes, by_path = load.put_blob(b"page"), load.put_blob(scan)
    with lake.read(DOCTOR) as reader:
        assert (reader.blob(by_bytes), reader.blob(by_path)) == (b"page", b"pixels")


def test_changes__name_the_subjects_recorded_after_an_instant(hospital: Lake) -> None:
    with hospital.read(DOCTOR) as reader:
        before = reader.snapshot.published_at
    hospital.append(SYSTEM, {"event": [event(7, subject=9)]})
    changes = hospital.changes(SYSTEM, since=before)
    assert changes.subjects == {9}
    assert hospital.changes(SYSTEM, since=changes.snapshot.published_at).subjects == frozenset()


# ---------------------------------------------------------------- persons


def test_subject_alone__is_its_own_person(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        assert reader.subjects_of(5) == [5]
        assert reader.person_of(5) == 5


def test_merge_and_unmerge__change_links_and_earlier_answers_stay(
    lake: Lake, clock: TickingClock
) -> None:
    merged = lake.append(SYSTEM, {"person_link": [link(1, subject=2, person=1)]})
    lake.append(SYSTEM, {"person_link": [link(2, subject=2, person=1, linked=False)]})
    with lake.read(DOCTOR, recorded_at=merged) as reader:
        assert reader.subjects_of(1) == [1, 2]
        assert reader.subjects_of(2) == []
        assert reader.person_of(2) == 1
    with lake.read(DOCTOR) as reader:
        assert reader.subjects_of(1) == [1]
        assert reader.subjects_of(2) == [2]
