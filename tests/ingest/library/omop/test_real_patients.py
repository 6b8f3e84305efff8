"""Real de-identified ICU patients, as OMOP and as CLIF tables: the MIMIC-IV demo.

The two were made by different people from the same records, so each checks the other.
Row counts come from the files by other means (gzip and line ends, Parquet footers).
"""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.ingest.support import SYSTEM, rows, take
from vitruvian.identity import link, unlink
from vitruvian.ingest import IngestReport, trace
from vitruvian.lake import Lake
from vitruvian.picture import Moment, build_picture

REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "clinical"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="VITRUVIAN_REAL_DATA is not set")
OMOP, CLIF = REAL / "omop-mimic-iv-demo", REAL / "icu-clif-mimic-iv-demo"
MAPPING = Path(__file__).parents[4] / "docs" / "reference" / "ingest" / "clif.toml"
# The number of a stay: the second part of OMOP's visit_source_value, CLIF's hospitalization_id.
NUMBER = re.compile(r"(?:\d{8}\||hospitalization_id\":\")(2\d{7})\b")
# The hospital's clock without summer time: its dates lie after 2037, where the tables that
# the CLIF files were made with know none.
ZONE = "Etc/GMT+5"
AUTHORITY = b"""
[authority]
name = "MIMIC-IV, subject_id"
systems = ["urn:omop:person_source_value", "urn:clif:patient"]
known_at = 2000-01-01
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, IngestReport]]:
    with Lake.create(tmp_path_factory.mktemp("mimic") / "lake", site="mimic") as lake:
        yield lake, take(lake, MAPPING, OMOP, CLIF, zone=ZONE)


def csv_rows(path: Path) -> list[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_rows__are_all_loaded_as_counted_independently(
    loaded: tuple[Lake, IngestReport],
) -> None:
    lake, report = loaded
    counted = sorted(
        [len(csv_rows(path)) for path in OMOP.glob("*.csv*") if "relationship" not in path.name]
        + [pq.read_metadata(path).num_rows for path in CLIF.glob("*.parquet")]
        + [1]
    )
    read = [source for source in report.sources if source.outcome != "not-recognised"]
    assert sorted(source.offered for source in read) == counted
    assert (report.loaded, report.skipped, report.rejected) == (sum(counted), 0, 0)
    again = take(lake, MAPPING, OMOP, CLIF, zone=ZONE)
    assert (again.loaded, again.skipped) == (0, sum(counted))


def test_vitals_and_labs__equal_the_parquet_bit_for_bit(
    loaded: tuple[Lake, IngestReport],
) -> None:
    lake, _ = loaded
    wanted = {
        "clif_vitals": ("vital_value", "vital"),
        "clif_labs": ("lab_value_numeric", "laboratory"),
        "clif_medication_admin_continuous": ("med_dose", "medication"),
    }
    for name, (column, category) in wanted.items():
        table = pq.read_table(CLIF / f"{name}.parquet")
        source = take(lake, MAPPING, CLIF / f"{name}.parquet").sources[1].source_id
        events = rows(
            lake, "event", columns=["locator", "value_as_sent", "numeric_value", "unit_as_sent", "unit"],
            where="source_id = ? AND category = ?", params=[source, category],
        )  # fmt: skip
        sent = table.column(column).to_pylist()
        assert len(events) == len(sent)
        for event in events:
            value = sent[int(event["locator"].split()[1])]
            told = event["value_as_sent"]
            if value is not None:
                assert float(told) == value
            if value is not None and event["unit"] in {event["unit_as_sent"], "mm[Hg]"}:
                assert event["numeric_value"] == value


def test_63_people__are_one_person_each_by_the_declared_number(
    loaded: tuple[Lake, IngestReport],
) -> None:
    lake, _ = loaded
    report = link(lake, AUTHORITY, access=SYSTEM)
    assert (report.pairs, report.changed) == (63, 63)
    with lake.read(SYSTEM) as reader:
        persons = reader.persons()
        groups = [reader.subjects_of(person) for person in set(persons.values())]
    assert sorted(len(group) for group in groups) == [2] * 63
    subjects = {row["subject_id"] for row in rows(lake, "patient", columns=["subject_id"])}
    assert sorted(each for group in groups for each in group) == sorted(subjects)
    unlink(lake, AUTHORITY, access=SYSTEM)
    with lake.read(SYSTEM) as reader:
        assert reader.persons() == {}


def ends_by_number(lake: Lake, system: str) -> dict[str, set[tuple[str, datetime]]]:
    """Ends of stays as instants, by the hospital's own number of the stay in the row's bytes."""
    resources = rows(
        lake, "resource", columns=["version_id", "bytes"], where="resource_type = ?", params=[system]
    )  # fmt: skip
    texts = {row["version_id"]: row["bytes"].decode() for row in resources}
    found: dict[str, set[tuple[str, datetime]]] = {}
    for row in rows(lake, "encounter", columns=["version_id", "start_time", "end_time"]):
        text = texts.get(row["version_id"], "")
        for number in NUMBER.findall(text):
            found.setdefault(number, set()).add((row["start_time"].strftime("%m"), row["end_time"]))
    return found


def test_hours__of_clif_in_utc_and_omop_without_zone_agree_in_all_seasons(
    loaded: tuple[Lake, IngestReport],
) -> None:
    lake, _ = loaded
    clif = ends_by_number(lake, "CLIF/hospitalization")
    omop = ends_by_number(lake, "OMOP/visit_occurrence")
    both = clif.keys() & omop.keys()
    assert (len(clif), len(both)) == (184, 167)
    for number in both:
        assert {end for _, end in clif[number]} <= {end for _, end in omop[number]}
    assert {month for number in both for month, _ in clif[number]} == {
        f"{month:02}" for month in range(1, 13)
    }


def test_death__known_to_one_source_only_is_found_and_told_by_that_source(
    loaded: tuple[Lake, IngestReport],
) -> None:
    lake, _ = loaded
    dead = {
        row["patient_id"]
        for row in pq.read_table(CLIF / "clif_patient.parquet").to_pylist()
        if row["death_dttm"] is not None
    }
    people = {row["person_id"]: row for row in csv_rows(OMOP / "person.csv.gz")}
    omop = {
        people[row["person_id"]]["person_source_value"] for row in csv_rows(OMOP / "death.csv.gz")
    }
    deaths = rows(lake, "event", where="code = 'MEDS_DEATH'")
    assert len(deaths) == len(dead) + len(omop)
    only = sorted(dead - omop)
    assert only
    link(lake, AUTHORITY, access=SYSTEM)
    (key,) = rows(lake, "resource_key", where="key = ?", params=[f"CLIF/patient/{only[0]}"])
    with lake.read(SYSTEM) as reader:
        person = reader.person_of(key["subject_id"])
        later = Moment(now=datetime(2300, 1, 1, tzinfo=UTC), known_at=None, recorded_at=None)
        picture = build_picture(reader, person, moment=later)
    assert picture.banner.deceased is True
    unlink(lake, AUTHORITY, access=SYSTEM)


def test_events__are_told_again_from_their_own_rows(loaded: tuple[Lake, IngestReport]) -> None:
    lake, _ = loaded
    events: list[dict[str, Any]] = rows(lake, "event")
    chosen = {(row["locator"].split("/")[-1], row["category"]): row for row in events}
    with lake.read(SYSTEM) as reader:
        for event in chosen.values():
            _, told = trace(reader, event["event_id"])
            (again,) = [e for e in told.to_pylist() if e["event_id"] == event["event_id"]]
            assert {key: event[key] for key in again} == again


def test_known_at__of_a_laboratory_result_is_when_it_was_reported(
    loaded: tuple[Lake, IngestReport],
) -> None:
    lake, _ = loaded
    table = pq.read_table(CLIF / "clif_labs.parquet").to_pylist()
    events = rows(lake, "event", where="category = 'laboratory' AND known_at_basis = 'stated'")
    assert len(events) == len(table)
    for event in events[:500]:
        row = table[int(event["locator"].split()[1])]
        assert event["known_at"] == row["lab_result_dttm"]
        assert abs(event["time"] - row["lab_collect_dttm"]) == timedelta()
