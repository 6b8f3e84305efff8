"""Erasure by kind of data: two people decide, a hold wins, and the record goes as a whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.lake.erase.ward import APPROVES, ASKS, bodies_of
from tests.lake.rows import arrow, event, lineage, link, resource, retirement, source
from vitruvian.lake import Lake, Wants, backup, check_folder, restore
from vitruvian.lake.erasing.eraser import Eraser
from vitruvian.lake.erasing.errors import (
    ErasureAsked,
    MayNotErase,
    NoPeriod,
    OnHold,
    OwnErasure,
    PeriodChanged,
)
from vitruvian.lake.erasing.register import Erased
from vitruvian.lake.erasing.retention import NAME, BadRetention, DataKind
from vitruvian.trust import SYSTEM, Access

ROOT = Path(__file__).resolve().parents[3]
OLD, NEW = datetime(2001, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
RULES = """
child_below_years = 18
hold = [14]

[[rule]]
kind = "adult"
years = 10
words = "made up for a test"

[[data]]
kind = "{kind}"
years = {years}
words = "made up for a test"
"""
Row = dict[str, Any]


def at(number: int, subject: int, record: int = 0, source_id: str | None = None) -> Row:
    """A record version, and where it stands in its source."""
    where = {"subject_id": subject, "version_id": number, **lineage()}
    return {**where, "source_id": source_id or f"file-{number}", "record": record}


def stored(number: int, subject: int, body: str, record: int = 0, **more: Any) -> Row:
    """A record as it came."""
    whole = resource(number, subject=subject, body=body.encode())
    return {**whole, **at(number, subject, record, more.pop("source_id", None)), **more}


def plain(row: Row) -> Row:
    """A row of a table that has no ordinal."""
    return {name: value for name, value in row.items() if name != "record"}


def note(number: int, subject: int, time: datetime | None, **more: Any) -> Row:
    """A document of a record."""
    said = plain(at(number, subject, source_id=more.pop("source_id", None)))
    return {**said, "note_id": number, "time": time, "text": f"words-{number};", **more}


def fact(number: int, subject: int, version: int) -> Row:
    """An event read from a record."""
    more = {
        "version_id": version,
        "text_value": f"words-{version};",
        "source_id": f"file-{version}",
    }
    return event(number, subject=subject) | more


def key(number: int, subject: int, text: str) -> Row:
    """How a record is looked up."""
    said = {"key_id": number, "key": text, "resource_type": "T", "resource_id": "i"}
    return {**plain(at(number, subject)), **said}


def series(number: int, subject: int, time: datetime, study: str) -> Row:
    """A series of a study."""
    more = {"image_id": number, "study_uid": study, "time": time}
    return {**plain(at(number, subject)), **more}


NOTES = [
    note(1, 11, OLD, blob_sha256="own"), note(2, 11, NEW, blob_sha256="shared"), note(3, 12, None),
    note(4, 14, OLD), note(5, 15, OLD),  # 14 is on hold, and 15 is the same person
    note(6, 11, OLD, source_id="message"), note(7, 11, OLD, source_id="mixed"),
    note(8, 11, NEW, source_id="mixed"),
]  # fmt: skip
RECORDS = [
    *(stored(n, s, f"words-{n};") for n, s in ((1, 11), (2, 11), (3, 12), (4, 14), (5, 15))),
    # One message under two versions, of the document and of the laboratory; and its neighbour.
    stored(6, 11, "words-6;", 1, source_id="message"),
    stored(60, 11, "words-6;", 1, source_id="message"),
    stored(61, 11, "another", 2, source_id="message"),
    # One message with an old and a new document.
    stored(7, 11, "words-7;", source_id="mixed"), stored(8, 11, "words-8;", source_id="mixed"),
    # Two studies: a record with the series, and two files found by the study.
    *(stored(n, 11, "words-20;") for n in (20, 21, 22)),
    *(stored(n, 11, "words-30;") for n in (30, 31)),
]  # fmt: skip
FACTS = [fact(101, 11, 1), fact(102, 11, 2), fact(104, 14, 4), fact(160, 11, 60), fact(161, 11, 61)]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """Notes old and new, a person on hold, a message of two, and two imaging studies."""
    with Lake.create(tmp_path / "lake", site="s") as made:
        for who in (ASKS, APPROVES):
            made.accounts.create(who.who, display_name=who.who, role=who.role)
        say(made, "note", 10)
        with made.bulk(SYSTEM) as load:
            blobs = {"own": load.put_blob(b"words-1;"), "shared": load.put_blob(b"of both")}
            notes = [one | {"blob_sha256": blobs.get(one.get("blob_sha256", ""))} for one in NOTES]
            load.write("note", arrow("note", notes))
            load.write("resource", arrow("resource", RECORDS))
            load.write("event", arrow("event", FACTS))
            load.write("source", arrow("source", [source("file-1"), source("message")]))
            load.write("person_link", arrow("person_link", [link(1, subject=15, person=14)]))
            load.write("retirement", arrow("retirement", [
                retirement(1, scope="event", target=101, subject=11),
                retirement(2, scope="event", target=102, subject=11),
                retirement(3, scope="version", target=60, subject=11)]))  # fmt: skip
            load.write("image", arrow("image", [
                series(20, 11, OLD, "1.2.20"), series(30, 11, NEW, "1.2.30")]))  # fmt: skip
            load.write("resource_key", arrow("resource_key", [
                key(20, 11, "DICOM/Studies/1.2.20"), key(21, 11, "DICOM/Study/1.2.20"),
                key(22, 11, "DICOM/Study/1.2.20"), key(31, 11, "DICOM/Study/1.2.30")]))  # fmt: skip
        yield made


def say(lake: Lake, kind: str, years: int) -> None:
    """The hospital states a period."""
    (lake.path / NAME).write_text(RULES.format(kind=kind, years=years))


def erase(lake: Lake, kind: DataKind) -> Erased:
    eraser = Eraser(lake)
    return eraser.approve(APPROVES, eraser.ask_for_kind(ASKS, kind).id)


def left(lake: Lake, table: str) -> list[int]:
    name = {"event": "event_id", "retirement": "retirement_id"}.get(table, "version_id")
    with lake.read(SYSTEM) as reader:
        return sorted(reader.history(table).column(name).to_pylist())


def words(path: Path) -> set[str]:
    """Which planted words stand in any file, as bytes or in unpacked Parquet."""
    bodies = [body for _, body in bodies_of(path)]
    return {f"words-{n}" for n in range(1, 9) if any(f"words-{n};".encode() in b for b in bodies)}


def test_asking__needs_a_period_a_role_and_no_other_request(lake: Lake) -> None:
    eraser = Eraser(lake)
    for kind in ("image", "record", "audit"):
        with pytest.raises(NoPeriod):
            eraser.ask_for_kind(ASKS, kind)
    say(lake, "record", 1)
    with pytest.raises(NoPeriod):  # an allergy of long ago still holds
        eraser.ask_for_kind(ASKS, "record")
    say(lake, "note", 10)
    with pytest.raises(MayNotErase):
        eraser.ask_for_kind(Access("ana", "clinician", "operations"), "note")
    eraser.ask_for_kind(ASKS, "note")
    with pytest.raises(ErasureAsked):
        eraser.ask_for_kind(ASKS, "note")


def test_approving__is_refused_to_the_same_account_and_when_the_period_grew(lake: Lake) -> None:
    eraser = Eraser(lake)
    request = eraser.ask_for_kind(ASKS, "note")
    with pytest.raises(OwnErasure):
        eraser.approve(ASKS, request.id)
    say(lake, "note", 11)
    with pytest.raises(PeriodChanged):
        eraser.approve(APPROVES, request.id)
    (lake.path / NAME).write_text("hold = 14")
    with pytest.raises(BadRetention):
        eraser.approve(APPROVES, request.id)
    assert len(left(lake, "note")) == len(NOTES)


def test_notes__old_ones_go_with_their_record_and_others_stay(lake: Lake) -> None:
    done = erase(lake, "note")
    assert left(lake, "note") == [2, 3, 4, 5, 7, 8], "new, timeless, held, and one record of two"
    assert left(lake, "resource") == [2, 3, 4, 5, 7, 8, 20, 21, 22, 30, 31, 61]
    assert left(lake, "event") == [102, 104, 160, 161], "the laboratory of a message is no note"
    assert left(lake, "retirement") == [2, 3]
    assert dict(done.counts) == {
        "blob": 1, "event": 1, "note": 2, "resource": 3, "retirement": 1, "source": 1
    }  # fmt: skip
    assert words(lake.path) == {f"words-{n}" for n in (2, 3, 4, 5, 7, 8)}
    assert done.part is not None
    assert (done.ground, len(done.part.spared), done.digests) == ("no-longer-needed", 2, ())
    lake.close()
    assert list(check_folder(lake.path)) == []


def test_images__go_with_every_file_of_their_study(lake: Lake) -> None:
    say(lake, "image", 10)
    erase(lake, "image")
    assert left(lake, "image") == [30]
    assert {20, 21, 22, 30, 31} & set(left(lake, "resource")) == {30, 31}
    assert left(lake, "resource_key") == [31]
    assert len(left(lake, "note")) == len(NOTES)


def test_hold__keeps_a_person_from_being_erased_whole(lake: Lake) -> None:
    eraser = Eraser(lake)
    for number in (14, 15):
        with pytest.raises(OnHold):
            eraser.ask(ASKS, number, ground="objection")
    request = eraser.ask(ASKS, 11, ground="objection")
    rules = (lake.path / NAME).read_text().replace("[14]", "[11, 14]")
    (lake.path / NAME).write_text(rules)
    with pytest.raises(OnHold):
        eraser.approve(APPROVES, request.id)
    assert left(lake, "note")


def test_hold__that_came_after_the_request_wins(lake: Lake) -> None:
    eraser = Eraser(lake)
    request = eraser.ask_for_kind(ASKS, "note")
    rules = (lake.path / NAME).read_text().replace("[14]", "[11, 14]")
    (lake.path / NAME).write_text(rules)
    assert eraser.approve(APPROVES, request.id).items == 0
    assert len(left(lake, "note")) == len(NOTES)


def test_audit__names_the_acts_and_the_kind(lake: Lake) -> None:
    erase(lake, "note")
    said = [row.deed.definition for row in lake.audit.rows() if row.deed.kind == "erase"]
    assert [one.split()[0] for one in said if one] == ["ask", "approve", "erased"]
    assert "every note before" in str(said[0])


def test_restored_backup__loses_the_same_again_and_spares_who_was_held(lake: Lake) -> None:
    folder = lake.path.parent
    backup(lake.path, folder / "copies", Wants(SYSTEM))
    erase(lake, "note")
    report = restore(
        folder / "copies", folder / "new",
        Wants(SYSTEM, erasures=folder / "lake.erasures.json"),
    )  # fmt: skip
    assert report.erased_again == 1
    with Lake.open(folder / "new") as again:
        assert left(again, "note") == left(lake, "note")


def test_cut_short__resume_finishes_with_the_same_count(lake: Lake) -> None:
    def cut(place: str) -> None:
        if place == "erase:after-rows":
            raise InterruptedError

    request = Eraser(lake).ask_for_kind(ASKS, "note")
    with pytest.raises(InterruptedError):
        Eraser(lake, fault=cut).approve(APPROVES, request.id)
    (done,) = Eraser(lake).resume()
    assert done.items == 9
    assert left(lake, "note") == [2, 3, 4, 5, 7, 8]


@pytest.mark.torture
@pytest.mark.parametrize(
    "place", ["erase:after-file", "publish:after-delta", "erase:after-rows", "erase:before-done"]
)
def test_killed_on_the_way__resume_finishes_with_the_same_count(lake: Lake, place: str) -> None:
    Eraser(lake).ask_for_kind(ASKS, "note")
    lake.close()
    said = [sys.executable, "-m", "tests.lake.erase.victim", str(lake.path), place, "1"]
    ended = subprocess.run(said, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-500:]
    with Lake.open(lake.path) as opened:
        (done,) = Eraser(opened).resume()
        assert done.items == 9
        assert left(opened, "note") == [2, 3, 4, 5, 7, 8]
    assert list(check_folder(lake.path)) == []
