"""A research zone holds nobody's name, number or date, and the same facts."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")

from vitruvian.lake import Lake
from vitruvian.record.tables import TABLES
from vitruvian.research.deidentify import extras
from vitruvian.research.deidentify.errors import (
    Expired,
    KeyInZone,
    KeyUnusable,
    NoBasis,
    NotesExtraAbsent,
    ZoneInUse,
)
from vitruvian.research.deidentify.rows import Wanted, ZoneReport, deidentify
from vitruvian.research.deidentify.rows.columns import actions
from vitruvian.trust import SYSTEM, Access
from vitruvian.trust.errors import Anonymous

WANTED = Wanted("heart-1", "ethics approval 2026/17", date(2199, 1, 1), fewest=2)
NOT_TAKEN = {"source", "resource", "resource_key", "retirement", "person_link", "derivation"}


@pytest.fixture(scope="module")
def zone(
    hospital: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Lake, Lake, ZoneReport]]:
    folder = tmp_path_factory.mktemp("zone")
    with Lake.open(hospital / "lake") as care:
        report = deidentify(care, folder / "zone", WANTED, access=SYSTEM, key=folder / "key")
        with Lake.open(folder / "zone") as made:
            yield care, made, report


def rows_of(lake: Lake, table: str) -> list[dict[str, Any]]:
    with lake.read(SYSTEM) as reader:
        found: list[dict[str, Any]] = reader.rows(table).to_pylist()
    return found


@pytest.mark.parametrize(
    "wanted, error",
    [
        (Wanted("", "basis", date(2199, 1, 1)), NoBasis),
        (Wanted("p", "  ", date(2199, 1, 1)), NoBasis),
        (Wanted("p", "basis", date(2020, 1, 1)), Expired),
    ],
)
def test_zone_without_ground_or_end__is_refused(
    demo: Lake, tmp_path: Path, wanted: Wanted, error: type[Exception]
) -> None:
    with pytest.raises(error):
        deidentify(demo, tmp_path / "zone", wanted, access=SYSTEM, key=tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


def test_key_in_the_zone_a_bad_key_and_a_full_zone__are_refused(demo: Lake, tmp_path: Path) -> None:
    with pytest.raises(KeyInZone):
        deidentify(demo, tmp_path / "z", WANTED, access=SYSTEM, key=tmp_path / "z" / "sub" / "key")
    (tmp_path / "bad").write_text("secret")
    with pytest.raises(KeyUnusable):
        deidentify(demo, tmp_path / "z", WANTED, access=SYSTEM, key=tmp_path / "bad")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(ZoneInUse):
        deidentify(demo, tmp_path / "full", WANTED, access=SYSTEM, key=tmp_path / "key")
    nobody = Access(who="", role="operator", purpose="operations")
    with pytest.raises(Anonymous):
        deidentify(demo, tmp_path / "z", WANTED, access=nobody, key=tmp_path / "key")
    assert not (tmp_path / "z").exists()


def test_every_column__has_its_action_or_stays_out() -> None:
    for table, columns in actions().items():
        assert set(columns) <= set(TABLES[table].column_names)
        required = {one.name for one in TABLES[table].columns if one.required}
        assert required <= set(columns) | {"recorded_at", "load_id"}
    assert not NOT_TAKEN & set(actions())


def test_zone__holds_no_name_and_no_number_of_anybody(zone: tuple[Lake, Lake, ZoneReport]) -> None:
    care, made, _ = zone
    secret: set[str] = set()
    for row in rows_of(care, "patient"):
        names = f"{row['family'] or ''} {row['given'] or ''}".split()
        secret |= {name for name in names if len(name) > 2}
        secret |= {one["value"] for one in row["identifiers"] or ()}
    secret |= {str(row["subject_id"]) for row in rows_of(care, "patient")}
    secret |= {row["source_id"] for row in rows_of(care, "event")}
    assert len(secret) > 40
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(secret))) + r")(?!\w)")
    told = [
        (table, column)
        for table in TABLES
        for row in rows_of(made, table)
        for column, value in row.items()
        if pattern.search(str(value))
    ]
    assert told == []


def test_facts__are_the_same_and_every_date_of_a_person_moved_alike(
    zone: tuple[Lake, Lake, ZoneReport],
) -> None:
    care, made, report = zone
    before = [row for row in rows_of(care, "event") if row["numeric_value"] is not None]
    after = [row for row in rows_of(made, "event") if row["numeric_value"] is not None]
    assert sorted(r["numeric_value"] for r in before) == sorted(r["numeric_value"] for r in after)
    assert len({row["subject_id"] for row in after}) == len({row["subject_id"] for row in before})
    spans: dict[tuple[str, int], list[datetime]] = {}
    for rows, where in ((before, "care"), (after, "zone")):
        for row in rows:
            if row["time"] is not None:
                spans.setdefault((where, row["subject_id"]), []).append(row["time"])
    lengths = {
        where: sorted(max(t) - min(t) for (w, _), t in spans.items() if w == where)
        for where in ("care", "zone")
    }
    assert lengths["care"] == lengths["zone"]
    times = {
        where: sorted((t.hour, t.minute, t.second) for (w, _), ts in spans.items() if w == where for t in ts)
        for where in ("care", "zone")
    }  # fmt: skip
    assert times["care"] == times["zone"]
    assert report.rows["event"] == len(rows_of(made, "event"))


def test_zone__says_what_it_is_for_and_until_when(zone: tuple[Lake, Lake, ZoneReport]) -> None:
    _, made, _ = zone
    (row,) = [row for row in rows_of(made, "derivation") if row["name"] == "deidentify"]
    for word in ("heart-1", "ethics approval 2026/17", "2199-01-01"):
        assert word in row["parameters"]
    assert made.site == "heart-1"
    assert list(made.check()) == []


def test_care_s_audit__tells_that_rows_left(zone: tuple[Lake, Lake, ZoneReport]) -> None:
    care, _, _ = zone
    assert "export" in {row.deed.kind for row in care.audit.rows()}


def test_same_key__gives_the_same_pseudonyms_and_is_for_its_owner_alone(
    demo: Lake, tmp_path: Path
) -> None:
    key = tmp_path / "keys" / "key"
    for name in ("one", "two"):
        deidentify(demo, tmp_path / name, WANTED, access=SYSTEM, key=key)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    subjects = []
    for name in ("one", "two"):
        with Lake.open(tmp_path / name) as made:
            subjects.append({row["subject_id"] for row in rows_of(made, "event")})
    assert subjects[0] == subjects[1]


def test_absent_packages__are_one_sentence_before_anything_is_written(
    demo: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(NotesExtraAbsent, match="vitruvian\\[notes\\]"):
        deidentify(demo, tmp_path / "zone", WANTED, access=SYSTEM, key=tmp_path / "key")
    assert list(tmp_path.iterdir()) == []
