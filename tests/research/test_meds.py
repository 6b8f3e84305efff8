"""The timeline as a MEDS dataset: what is in it, what is not, and that others can read it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.lake.rows import NOBODY, START, arrow, event, link, retirement
from vitruvian.criteria import parse_task, run_task
from vitruvian.lake import Lake
from vitruvian.lake.errors import NotEmpty, StorageFailed
from vitruvian.research import Wish, export_meds
from vitruvian.research.export.meds import files_of, split_of
from vitruvian.trust import SYSTEM
from vitruvian.trust.errors import Anonymous

WISH = Wish(SYSTEM)
HOUR = timedelta(hours=1)


def put(lake: Lake, **tables: list[dict[str, Any]]) -> None:
    with lake.bulk(SYSTEM) as load:
        for name, rows in tables.items():
            load.write(name, arrow(name, rows))


def rows_in(place: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pa.concat_tables(
        [pq.read_table(path) for path in files_of(place)]
    ).to_pylist()
    return found


def told(place: Path) -> list[tuple[int, int | None, str]]:
    """Person, hour and code of every row."""
    return [
        (
            row["subject_id"],
            row["time"] and (row["time"].replace(tzinfo=UTC) - START) // HOUR,
            row["code"],
        )
        for row in rows_in(place)
    ]


def bytes_of(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


def test_nobody__gets_nothing(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(Anonymous):
        export_meds(lake, tmp_path / "out", Wish(NOBODY))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]


def test_folder_in_use__is_refused(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    with pytest.raises(NotEmpty):
        export_meds(lake, tmp_path / "out", WISH)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]


def test_full_disk__is_one_sentence_and_leaves_nothing(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/secret/path")

    put(lake, event=[event(1)])
    monkeypatch.setattr("vitruvian.research.export.meds.pq.write_table", full)
    with pytest.raises(StorageFailed, match="the disk is full"):
        export_meds(lake, tmp_path / "out", WISH)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]


def test_what_fails_the_default__has_a_prefix_or_is_left_out(lake: Lake, tmp_path: Path) -> None:
    family: dict[str, Any] = {"experiencer": "family"}
    put(
        lake,
        event=[
            event(1),
            event(2, polarity="negated"),
            event(3, **family),
            event(4, polarity="negated", **family),
            event(5, act="ordered"),
            event(6, act="administered"),
            event(7, act="planned"),
            event(8, act="not-done"),
            event(9, status="entered-in-error"),
            event(10, status="cancelled"),
            event(11, certainty="possible"),
            event(12, temporality="hypothetical"),
            event(13, temporality="historical", code="LOINC//1-8"),
            event(14, time=None, category="problem"),
            event(15, time=None, category="other", code="GENDER//female"),
            event(16, act="dispensed"),
            event(17, act="reported"),
        ],
    )
    report = export_meds(lake, tmp_path / "out", WISH)
    lactate = "LOINC//2524-7"
    prefixes = ["DISPENSE//", "FAM//", "", "", "NEG//FAM//", "NEG//", "ORDER//", "REPORT//"]
    coded = [code for _, _, code in told(tmp_path / "out")]
    assert coded == [
        "GENDER//female",
        *sorted(["LOINC//1-8", *(f"{prefix}{lactate}" for prefix in prefixes)]),
    ]
    assert report.left_out == {
        "cancelled": 2,
        "doubtful": 1,
        "hypothetical": 1,
        "planned_or_not_done": 2,
        "undated": 1,
    }


def test_one_fact_of_two_sources__is_one_row_and_one_person_one_id(
    lake: Lake, tmp_path: Path
) -> None:
    born: dict[str, Any] = {"code": "MEDS_BIRTH", "category": "other"}
    put(
        lake,
        event=[
            event(1, subject=5, fact_key=77, time=START + 2 * HOUR, known_day=2),
            event(2, subject=9, fact_key=77, time=START + HOUR, known_day=1),
            event(3, subject=9, fact_key=78, time=START + HOUR),
            event(4, subject=5, known_day=3, **born),
            event(5, subject=9, time=START - HOUR, **born),
            event(6, subject=7),
            event(7, subject=8),
        ],
        person_link=[link(1, subject=9, person=5), link(2, subject=8, person=2)],
        retirement=[retirement(1, scope="event", target=6, subject=7)],
    )
    report = export_meds(lake, tmp_path / "out", WISH, rows_a_shard=1)
    assert told(tmp_path / "out") == [
        (2, 0, "LOINC//2524-7"),
        (5, -1, "MEDS_BIRTH"),
        (5, 1, "LOINC//2524-7"),
        (5, 1, "LOINC//2524-7"),
    ]
    assert (report.subjects, report.shards) == (2, 2)


def test_an_interval__has_its_ends_as_points(lake: Lake, tmp_path: Path) -> None:
    put(lake, event=[event(1, code="WARD", end_time=START + 5 * HOUR), event(2, code="BED")])
    export_meds(lake, tmp_path / "out", WISH)
    assert told(tmp_path / "out") == [
        (1, 0, "BED"),
        (1, 0, "WARD"),
        (1, 0, "WARD//start"),
        (1, 5, "WARD//end"),
    ]


def test_a_code__has_numbers_of_one_unit_only(lake: Lake, tmp_path: Path) -> None:
    put(
        lake,
        event=[
            event(1, numeric_value=1.5, unit="mmol/L"),
            event(2, subject=2, numeric_value=2.5, unit="mmol/L", comparator="<"),
            event(3, subject=3, numeric_value=27.0, unit="mg/dL", value_as_sent="27.0"),
            event(4, subject=4, numeric_value=3.5),
            event(5, subject=5, numeric_value=1e300, unit="mmol/L"),
            event(6, subject=6, value_code="SNOMED//1"),
        ],
    )
    export_meds(lake, tmp_path / "out", WISH)
    values = [(row["numeric_value"], row["text_value"]) for row in rows_in(tmp_path / "out")]
    assert values == [
        (1.5, None),
        (2.5, "<2.5 mmol/L"),
        (None, "27.0 mg/dL"),
        (None, "3.5"),
        (None, None),
        (None, "SNOMED//1"),
    ]
    codes = pq.read_table(tmp_path / "out" / "metadata" / "codes.parquet").to_pylist()
    assert [(row["code"], row["unit"]) for row in codes] == [("LOINC//2524-7", "mmol/L")]


def test_as_of__leaves_out_what_came_later_and_gives_the_same_bytes_for_ever(
    lake: Lake, tmp_path: Path
) -> None:
    put(lake, event=[event(1), event(2, known_day=9, code="LATER")])
    with lake.read(SYSTEM) as reader:
        then = reader.snapshot.published_at
    export_meds(lake, tmp_path / "known", Wish(SYSTEM, known_at=START + timedelta(days=5)))
    assert told(tmp_path / "known") == [(1, 0, "LOINC//2524-7")]
    export_meds(lake, tmp_path / "before", Wish(SYSTEM, recorded_at=then))
    put(lake, event=[event(3, code="NEWER", subject=2)])
    lake.append(SYSTEM, {"event": [event(4, code="NEWEST")]})
    lake.compact(SYSTEM)
    export_meds(lake, tmp_path / "after", Wish(SYSTEM, recorded_at=then))
    assert bytes_of(tmp_path / "after") == bytes_of(tmp_path / "before")
    assert len(told(tmp_path / "before")) == 2
    export_meds(lake, tmp_path / "now", WISH)
    assert len(told(tmp_path / "now")) == 4


def test_export__leaves_audit_rows_that_name_no_patient(lake: Lake, tmp_path: Path) -> None:
    put(lake, event=[event(1)])
    export_meds(lake, tmp_path / "out", WISH)
    deeds = [row.deed for row in lake.audit.rows()][-2:]
    assert [deed.kind for deed in deeds] == ["export", "export"]
    assert deeds[0].definition == "MEDS: known at None, recorded at None"
    assert [deed.subjects for deed in deeds] == [(), ()]


def test_nothing_stored__is_a_dataset_of_nobody(lake: Lake, tmp_path: Path) -> None:
    report = export_meds(lake, tmp_path / "out", WISH)
    assert (report.subjects, report.events, report.shards) == (0, 0, 0)


def test_shards__hold_each_person_once_in_order_of_time(demo: Lake, tmp_path: Path) -> None:
    report = export_meds(demo, tmp_path / "out", WISH, rows_a_shard=800)
    assert report.shards > 3
    seen: set[int] = set()
    for path in files_of(tmp_path / "out"):
        rows = pq.read_table(path).to_pylist()
        persons = list(dict.fromkeys(row["subject_id"] for row in rows))
        assert seen.isdisjoint(persons)
        seen.update(persons)
        keys = [(persons.index(r["subject_id"]), str(r["time"] or "")) for r in rows]
        assert keys == sorted(keys)
    splits = pq.read_table(tmp_path / "out" / "metadata" / "subject_splits.parquet").to_pylist()
    assert {row["subject_id"] for row in splits} == seen
    export_meds(demo, tmp_path / "whole", WISH)
    assert rows_in(tmp_path / "whole") == rows_in(tmp_path / "out")


def test_splits__are_eighty_ten_ten() -> None:
    split = [split_of(subject) for subject in range(10_000)]
    shares = {name: split.count(name) / 100 for name in ("train", "tuning", "held_out")}
    assert abs(shares["train"] - 80) < 2
    assert abs(shares["tuning"] - 10) < 2
    assert abs(shares["held_out"] - 10) < 2


def test_dataset__passes_the_validation_of_meds_itself(demo: Lake, tmp_path: Path) -> None:
    meds = pytest.importorskip("meds", reason="the package meds is not installed")
    report = export_meds(demo, tmp_path / "out", WISH, rows_a_shard=3_000)
    for path in files_of(tmp_path / "out"):
        meds.DataSchema.validate(pq.read_table(path))
    codes = pq.read_table(tmp_path / "out" / meds.code_metadata_filepath)
    meds.CodeMetadataSchema.validate(codes)
    assert codes.num_rows == report.codes
    assert set(codes.column("code").to_pylist()) == {r["code"] for r in rows_in(tmp_path / "out")}
    splits = pq.read_table(tmp_path / "out" / meds.subject_splits_filepath)
    meds.SubjectSplitSchema.validate(splits)
    dataset = json.loads((tmp_path / "out" / meds.dataset_metadata_filepath).read_text())
    meds.DatasetMetadataSchema.validate(dataset)
    assert dataset["etl_name"] == "vitruvian"


TASKS = [
    """
predicates:
  creatinine: {code: "LOINC//14682-9"}
  high: {code: "LOINC//14682-9", value_min: 100}
  potassium: {code: "LOINC//2823-3"}
trigger: creatinine
windows:
  after:
    start: trigger
    end: start + 2d
    start_inclusive: false
    end_inclusive: true
    has: {potassium: "(1, None)"}
""",
    """
predicates:
  weight: {code: "LOINC//29463-7"}
trigger: weight
windows:
  before:
    start: null
    end: trigger
    start_inclusive: true
    end_inclusive: false
    has: {weight: "(None, 3)"}
""",
]


@pytest.mark.parametrize("task", TASKS)
def test_es_aces__counts_on_the_export_what_criteria_count_on_the_lake(
    demo: Lake, tmp_path: Path, task: str
) -> None:
    pytest.importorskip("aces", reason="es-aces is not installed")
    from tests.criteria.oracle import ask_aces, chosen  # noqa: PLC0415 - skips where it is not

    export_meds(demo, tmp_path / "out", WISH, rows_a_shard=3_000)
    events = pa.concat_tables([pq.read_table(path) for path in files_of(tmp_path / "out")])
    theirs = chosen(ask_aces(task, events.select(["subject_id", "time", "code", "numeric_value"])))
    with demo.read(SYSTEM) as reader:
        answer = run_task(parse_task(task), reader).to_pylist()
    ours = [
        {**row, "trigger": row["trigger"].astimezone(UTC).replace(tzinfo=None)} for row in answer
    ]
    assert len(theirs) > 20
    key = ("subject_id", "trigger")
    assert sorted(tuple(row[k] for k in key) for row in ours) == sorted(
        tuple(row[k] for k in key) for row in theirs
    )


def test_meds_reader__opens_it_and_counts_the_same(demo: Lake, tmp_path: Path) -> None:
    pytest.importorskip("meds_reader", reason="meds-reader is not installed")
    report = export_meds(demo, tmp_path / "out", WISH, rows_a_shard=3_000)
    script = (
        "import sys, meds_reader\n"
        "with meds_reader.SubjectDatabase(sys.argv[1]) as database:\n"
        "    print(len(database), sum(len(database[i].events) for i in database))\n"
    )
    convert = Path(sys.executable).with_name("meds_reader_convert")
    words = [str(convert), str(tmp_path / "out"), str(tmp_path / "db"), "--num_threads", "1"]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    command = [sys.executable, "-c", script, str(tmp_path / "db")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert [int(word) for word in done.stdout.split()] == [report.subjects, report.events]
