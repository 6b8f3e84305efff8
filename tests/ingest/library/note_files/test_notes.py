"""Notes in files: what they say, whose they are, and which of them hold."""

from __future__ import annotations

import io
import json
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.library.note_files.samples import (
    CDA,
    RTF,
    SIGNED,
    document,
    lines,
    row,
    sheet,
)
from tests.ingest.support import PATIENT, SYSTEM, ndjson, rows, take
from vitruvian.ingest.errors import SourceBroken
from vitruvian.ingest.library.note_files.reading import cda
from vitruvian.ingest.library.note_files.reading.text import UnreadableNote, normal, text_of
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

_FONTS = b"/Resources<</Font<</F1 5 0 R>>>>>>"


def notes(lake: Lake) -> dict[str, dict[str, Any]]:
    held = {each["version_id"]: each["resource_id"] for each in rows(lake, "resource")}
    return {held[each["version_id"]].rpartition("|")[2]: each for each in rows(lake, "note")}


def pdf(text: str) -> bytes:
    """A PDF of one page, written by hand after ISO 32000."""
    content = f"BT /F1 12 Tf 40 700 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R" + _FONTS,
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, part in enumerate(parts, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj%s\nendobj\n" % (number, part))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n")
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


# ------------------------------------------------------------------ refusals first


def test_text__that_no_sheet_names_is_not_read(lake: Lake, inbox: Path) -> None:
    (inbox / "letter.txt").write_text("The patient was seen today.")
    report = take(lake, inbox, sheet(inbox / "a.csv", [row("n1", "One.")]))
    assert {each.code for source in report.sources for each in source.problems} >= {"no-sheet"}
    assert list(notes(lake)) == ["n1"]


@pytest.mark.parametrize(
    "name, data, code",
    [
        ("absent.txt", None, "no-file"),
        ("cut.rtf", RTF[:-20], "truncated"),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj<</Type", "damaged"),
        ("empty.txt", b" \n", "no-text"),
    ],
)
def test_note__whose_file_gives_no_text_is_rejected_alone(
    lake: Lake, inbox: Path, name: str, data: bytes | None, code: str
) -> None:
    pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    pytest.importorskip("striprtf", reason="the extra 'documents' is not installed")
    if data is not None:
        (inbox / name).write_bytes(data)
    report = take(lake, sheet(inbox / "a.csv", [row("n1", file=name), row("n2", "Two.")]))
    assert (report.offered, report.loaded, report.rejected) == (2, 1, 1)
    assert [each.code for each in report.sources[0].problems] == [code]


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "sub/secret.txt"])
def test_file_elsewhere__is_never_opened_by_a_sheet(lake: Lake, inbox: Path, name: str) -> None:
    (inbox.parent / "secret.txt").write_text("secret")
    report = take(lake, sheet(inbox / "a.csv", [row("n1", file=name), row("n2", "Two.")]))
    assert [each.code for each in report.sources[0].problems] == ["no-file"]


def test_document__in_an_encoding_that_there_is_not_is_refused(lake: Lake, inbox: Path) -> None:
    path = document(inbox / "a.xml")
    path.write_text(path.read_text().replace("UTF-8", "UTD-8", 1))
    (source,) = take(lake, path).sources
    assert (source.outcome, source.problems[0].code) == ("refused", "malformed")


def test_document__with_a_document_type_is_refused(lake: Lake, inbox: Path) -> None:
    path = document(inbox / "a.xml")
    text = path.read_text().replace("<Clin", '<!DOCTYPE x [<!ENTITY a "b">]><Clin', 1)
    path.write_text(text.replace("No fever", "&a;"))
    (source,) = take(lake, path).sources
    assert (source.outcome, source.problems[0].code) == ("refused", "malformed")


def test_document__of_nobody_is_told_and_not_read(lake: Lake, inbox: Path) -> None:
    """The Health app of a telephone puts such a document into each of its exports."""
    path = document(inbox / "a.xml")
    path.write_text(path.read_text().replace('<id root="1.2.3.4" extension="M-1"/>', ""))
    report = take(lake, path, sheet(inbox / "a.csv", [row("n1", "One.")]))
    assert (report.offered, report.rejected) == (1, 0)
    assert [each.code for each in report.sources[0].problems] == ["no-patient"]


def test_row__without_a_patient_is_rejected_alone(lake: Lake, inbox: Path) -> None:
    path = sheet(inbox / "a.csv", [row("n1", "One.", patient=""), row("n2", "Two.")])
    assert take(lake, path).rejected == 1


@pytest.mark.parametrize(
    "good, bad", [('{"note_id": "j3"', '["note_id": "j3"'), ("night 3", "night \\ud800 3")]
)
def test_line__that_is_no_object_or_no_text_is_rejected_alone(
    lake: Lake, inbox: Path, good: str, bad: str
) -> None:
    path = lines(inbox / "a.jsonl")
    path.write_text(path.read_text().replace(good, bad))
    report = take(lake, path)
    assert (report.offered, report.loaded, report.rejected) == (5, 4, 1)


# ------------------------------------------------------------------ what they say


def test_texts__of_every_kind_are_read(lake: Lake, inbox: Path) -> None:
    pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    pytest.importorskip("striprtf", reason="the extra 'documents' is not installed")
    (inbox / "a.txt").write_bytes("Schmerz seit 6 Uhr, 37,5 °C".encode("cp1252"))
    (inbox / "b.rtf").write_bytes(RTF)
    (inbox / "c.pdf").write_bytes(pdf("No fever today."))
    sheet(inbox / "notes.csv", [row("a", file="a.txt"), row("b", file="b.rtf"),
                                row("c", file="c.pdf"), row("d", 'Said "well".')])  # fmt: skip
    report = take(lake, inbox)
    assert (report.offered, report.loaded, report.rejected) == (4, 4, 0)
    told = {name: each["text"] for name, each in notes(lake).items()}
    assert told == {
        "a": "Schmerz seit 6 Uhr, 37,5 °C",
        "b": "Chest pain since 6é this morning.\nTroponin 12 ng/L.",
        "c": "No fever today.",
        "d": 'Said "well".',
    }


def test_document__is_its_sections_and_knows_when_it_was_signed(lake: Lake, inbox: Path) -> None:
    take(lake, document(inbox / "a.xml"))
    (note,) = rows(lake, "note")
    assert note["text"] == "Medications\nAspirin\t75 mg\n\nHistory\nNo fever.\nSlept well."
    assert (note["code"], note["title"], note["language"]) == ("LOINC//34117-2", "H and P", "en-US")
    assert note["known_at"].isoformat() == "2024-03-05T10:00:00+00:00"
    assert note["known_at_basis"] == "stated"
    (who,) = rows(lake, "patient")
    assert (who["family"], who["sex"], who["birth_date"]) == ("Ward", "female", "1950-02-14")


def test_document__that_nobody_signed_is_preliminary(lake: Lake, inbox: Path) -> None:
    take(lake, document(inbox / "a.xml", signed=""))
    (event,) = rows(lake, "event", where="category = 'document'")
    assert (event["status"], event["state"]) == ("preliminary", "unsigned")


def test_document__sent_again_takes_the_place_of_the_earlier_one(lake: Lake, inbox: Path) -> None:
    take(lake, document(inbox / "a.xml", signed=""))
    take(lake, document(inbox / "b.xml", signed=SIGNED, title="H and P, final"))
    assert [each["title"] for each in rows(lake, "note")] == ["H and P, final"]


def test_cancelled_note__is_silent_and_an_addendum_stands_beside_its_note(
    lake: Lake, inbox: Path
) -> None:
    take(lake, sheet(inbox / "a.csv", [row("n1", "One."), row("n2", "Two.")]))
    later = [row("n2", "Two.", status="cancelled"), row("n3", "More.", addends="n1")]
    take(lake, sheet(inbox / "b.csv", later))
    states = {name: each["status"] for name, each in notes(lake).items()}
    assert states == {"n1": "current", "n2": "cancelled", "n3": "current"}
    told = {each["text_value"] for each in rows(lake, "event", where="status = 'final'")}
    assert told == {None, "Addendum to n1"}
    assert len(rows(lake, "event", where="status = 'cancelled'")) == 1


def test_notes__are_told_again_from_their_bytes(lake: Lake, inbox: Path) -> None:
    (inbox / "a.txt").write_text("One.")
    files = [sheet(inbox / "a.csv", [row("n1", file="a.txt"), row("n2", "Two.", status="draft")]),
             lines(inbox / "b.jsonl", 1), document(inbox / "c.xml")]  # fmt: skip
    take(lake, *files)
    with lake.read(SYSTEM) as reader:
        told = [trace_event(reader, each["event_id"]) for each in rows(lake, "event")]
    assert len(told) == 4
    assert {each.recomputed for each in told} == {"same"}


@given(st.text())
def test_normal_text__is_normal_already(text: str) -> None:
    once = normal(text)
    assert normal(once) == once
    assert once == unicodedata.normalize("NFC", once)
    assert "\r" not in once


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2_000), st.binary(max_size=3)), max_size=4))
def test_document_changed_anywhere__is_read_or_refused(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(CDA.format(number=1, title="T", signed=SIGNED, sections="").encode())
    for place, part in changes:
        data[place % len(data) : place % len(data) + len(part)] = part
    with suppress(SourceBroken):
        fields = cda.fields_of(cda.parse(bytes(data)))
        assert all(each is None or isinstance(each, str) for each in fields.values())


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([b"%PDF-", b"{\\rtf", b""]), st.binary(max_size=400))
def test_any_bytes__give_text_or_a_sentence(mark: bytes, data: bytes) -> None:
    pytest.importorskip("pypdf", reason="the extra 'documents' is not installed")
    pytest.importorskip("striprtf", reason="the extra 'documents' is not installed")
    try:
        text = text_of(mark + data)
        assert text is None or text == normal(text)
    except UnreadableNote as fault:
        assert str(fault).count(".") >= 2  # noqa: PT017  a sentence is the other good answer


# ------------------------------------------------------------------ whose they are


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_notes__belong_to_who_has_the_number_under_that_system(
    lake: Lake, inbox: Path, order: tuple[int, ...]
) -> None:
    known = {**PATIENT, "identifier": [{"system": "https://ward.example/mrn", "value": "M-1"}]}
    files = [sheet(inbox / "a.csv", [row("n1", "One."), row("n2", "Two.", patient="M-2")]),
             ndjson(inbox / "p.ndjson", known)]  # fmt: skip
    for each in order:
        take(lake, files[each])
    (link,) = rows(lake, "person_link")
    told = {each["note_id"]: each["subject_id"] for each in rows(lake, "note")}
    assert link["subject_id"] in told.values()
    assert len(set(told.values())) == 2


def test_report__tells_nothing_of_a_note(lake: Lake, inbox: Path) -> None:
    path = sheet(inbox / "a.csv", [row("n1", "Xanthippe was seen.", time="Xanthippe's day")])
    assert "Xanthippe" not in json.dumps(take(lake, path).as_json())
