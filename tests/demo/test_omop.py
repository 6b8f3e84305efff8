"""The demo hospital as OMOP tables: the same lives, so the same facts by a second road."""

from __future__ import annotations

from pathlib import Path

import pytest

from vitruvian.demo import FolderInUse, lives, write_demo, write_omop
from vitruvian.demo.catalogue import hospital
from vitruvian.identity import link
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import Access

SYSTEM = Access(who="system", role="system", purpose="operations")


def test_folder__that_exists_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(FolderInUse):
        write_omop(tmp_path, lives(1, 1))


def test_tables__do_not_depend_on_the_day_or_on_how_often_they_are_written(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_omop(tmp_path / name, lives(1, 2))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_results__by_fhir_and_by_omop_are_the_same_facts_of_the_same_people(
    tmp_path: Path,
) -> None:
    write_demo(tmp_path / "demo", patients=3)
    counts = write_omop(tmp_path / "omop", lives(1, 3))
    with Lake.create(tmp_path / "lake", site="demo") as lake:
        zone = hospital().time_zone
        ingest([tmp_path / "demo" / "fhir"], lake, access=SYSTEM)
        report = ingest([tmp_path / "omop"], lake, access=SYSTEM, time_zone=zone)
        assert report.loaded == sum(counts.values())
        assert report.rejected == 0
        linked = link(lake, (tmp_path / "omop" / "who-is-who.toml").read_bytes(), access=SYSTEM)
        assert linked.changed == 3
        with lake.read(SYSTEM) as reader:
            found = reader.query(
                """
                WITH told AS (
                    SELECT e.*, coalesce(l.person_id, e.subject_id) AS person,
                        starts_with(r.resource_type, 'OMOP/') AS warehouse
                    FROM event e JOIN resource r USING (version_id)
                    LEFT JOIN person_link l ON l.subject_id = e.subject_id
                    WHERE e.code LIKE 'LOINC//%' AND e.numeric_value IS NOT NULL
                )
                SELECT count(*) AS facts, count(o.event_id) AS shared FROM told f
                LEFT JOIN told o ON o.warehouse AND o.person = f.person
                    AND o.fact_key = f.fact_key AND o.numeric_value = f.numeric_value
                WHERE NOT f.warehouse AND f.category = 'laboratory'
                """,
                tables=["event", "person_link", "resource"],
            ).to_pylist()[0]
    assert found["facts"] > 100
    assert found["shared"] == found["facts"]
