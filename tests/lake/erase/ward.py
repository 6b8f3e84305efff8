"""A small lake in which one person's words are planted everywhere, and a search of every byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.lake.rows import arrow, event, lineage, link, resource, retirement, source
from vitruvian.api.routes.cds_hooks.memory import Feedback, Memory, Shown
from vitruvian.base.clock import system_clock
from vitruvian.lake import Lake
from vitruvian.lake.erasing.eraser import Eraser
from vitruvian.record import TABLES
from vitruvian.trust import SYSTEM, Access

GONE, TWIN, STAYS = 7_000_000_000_001, 7_000_000_000_002, 7_000_000_000_003
ALIKE = 6_000_000_000_004
NAME, NUMBER, WORDS = "Quillfeather", "MRN-55512907", "walnut allergy since the harvest"
PLANTED = (NAME, NUMBER, WORDS, "own pixels", "glass for Quillfeather", str(GONE), str(TWIN))
ASKS = Access(who="ana", role="data steward", purpose="operations")
APPROVES = Access(who="bo", role="administrator", purpose="operations")
AUDIT = {"audit.jsonl", "audit.sqlite", "audit.sqlite-wal"}


def patient(subject: int, family: str, number: str) -> dict[str, Any]:
    """Who a subject is."""
    said = {"subject_id": subject, "version_id": subject + 100, "family": family}
    names = [{"system": "urn:mrn", "value": number, "label": None}]
    more = {"identifiers": names, "search_text": f"{family} {number}".lower()}
    return {**said, **more, **lineage()}


def note(note_id: int, subject: int, text: str, blob: str | None = None) -> dict[str, Any]:
    """A document with its text."""
    said = {"note_id": note_id, "subject_id": subject, "version_id": note_id, "text": text}
    return {**said, "blob_sha256": blob, **lineage(), "source_id": f"file-{subject}"}


def key(version: int, subject: int | None, word: str) -> dict[str, Any]:
    """How a record is looked up."""
    kind, ident = word.split("/")
    said = {"key_id": version, "key": word, "subject_id": subject, "version_id": version}
    return {**said, "resource_type": kind, "resource_id": ident, **lineage()}


def alike(row: int, low: int, high: int) -> dict[str, Any]:
    """An offer that two subjects may be one person."""
    said = {"row_id": row, "pair_id": row, "subject_id": low, "other_id": high, "offered": True}
    return {**said, "probability": 0.9, **lineage()}


def verdict(row: int, low: int, high: int) -> dict[str, Any]:
    """What somebody said of such a pair."""
    said = {"verdict_id": row, "pair_id": row, "subject_id": low, "other_id": high}
    return {**said, "answer": "different", "who": "ana", **lineage()}


def build(path: Path) -> None:
    """Fill a lake: two loads, a hot log, blobs, what lies beside; two accounts."""
    with Lake.create(path, site="st-elsewhere") as lake:
        for who in (ASKS, APPROVES):
            lake.accounts.create(who.who, display_name=who.who, role=who.role)
        lake.accounts.create("vega", display_name="Vega", role="clinician")
        _first_load(lake)
        _second_load(lake)
        lake.append(SYSTEM, {"event": [event(31, subject=GONE, text_value=WORDS)]})
        lake.append(SYSTEM, {"event": [event(32, subject=STAYS)]})
        _beside(lake)


def _first_load(lake: Lake) -> None:
    with lake.bulk(SYSTEM) as load:
        own, shared = load.put_blob(b"own pixels"), load.put_blob(b"shared pixels")
        load.write("patient", arrow("patient", [
            patient(GONE, NAME, NUMBER), patient(STAYS, "Ottoline", "MRN-1")]))  # fmt: skip
        load.write("note", arrow("note", [
            note(1, GONE, f"{NAME}: {WORDS}", own), note(2, GONE, WORDS, shared),
            note(3, STAYS, "all well", shared)]))  # fmt: skip
        load.write("source", arrow("source", [source(f"file-{GONE}"), source(f"file-{STAYS}")]))
        load.write("event", arrow("event", [
            *(event(n, subject=GONE, text_value=NAME) for n in range(1, 6)),
            *(event(n, subject=STAYS) for n in range(11, 16))]))  # fmt: skip


def _second_load(lake: Lake) -> None:
    sheet = f"wfdb_record,patient_id\nicu-1,{NUMBER}\nicu-2,MRN-1\n".encode()
    about = b'{"target":{"reference":"Patient/gone"},"text":"Quillfeather"}'
    both = b'{"member":[{"entity":{"reference":"Patient/gone"}},{"x":"Patient/stays"}]}'
    with lake.bulk(SYSTEM) as load:
        load.write("resource", arrow("resource", [
            resource(41, subject=GONE, body=f'{{"name":"{NAME}","id":"{NUMBER}"}}'.encode()),
            resource(42, subject=STAYS, body=b'{"name":"Ottoline"}'),
            resource(43, subject=None, body=about), resource(44, subject=None, body=both),
            resource(45, subject=None, body=sheet)]))  # fmt: skip
        load.write("resource_key", arrow("resource_key", [
            key(41, GONE, "Patient/gone"), key(42, STAYS, "Patient/stays"),
            key(43, None, "Provenance/p")]))  # fmt: skip
        load.write("person_link", arrow("person_link", [link(1, subject=TWIN, person=GONE)]))
        load.write("event", arrow("event", [
            event(21, subject=TWIN, text_value=WORDS), event(22, subject=STAYS)]))  # fmt: skip
        load.write("retirement", arrow("retirement", [
            retirement(1, scope="event", target=1, subject=None),
            retirement(2, scope="event", target=11, subject=STAYS)]))  # fmt: skip
        load.write("look_alike", arrow("look_alike", [
            alike(51, ALIKE, GONE), alike(52, TWIN, STAYS), alike(53, ALIKE, STAYS)]))  # fmt: skip
        load.write("pair_verdict", arrow("pair_verdict", [
            verdict(54, ALIKE, TWIN), verdict(55, ALIKE, STAYS)]))  # fmt: skip


def _beside(lake: Lake) -> None:
    lake.desk.break_glass(
        name="vega",
        role="clinician",
        person_id=GONE,
        reason="glass for Quillfeather",
        policy=lake.policy,
    )
    lake.accounts.seen("vega", person_id=GONE, at=system_clock())
    memory = Memory(lake.path)
    cards = [Shown(f"u{p}", "i", "c", str(p), "h", "g", "x") for p in (GONE, STAYS)]
    memory.show(cards, now=system_clock())
    said = [Feedback(f"u{p}", "s", "overridden", "r", words, "", "") for p, words in
            ((GONE, f"{NAME} refused"), (STAYS, "fine"))]  # fmt: skip
    memory.take(said, now=system_clock())
    memory.close()


def erase(path: Path) -> Any:
    """Ask and approve."""
    with Lake.open(path) as lake:
        eraser = Eraser(lake)
        request = eraser.ask(ASKS, GONE, ground="objection")
        done = eraser.approve(APPROVES, request.id)
        eraser.close()
    return done


def hits(root: Path) -> dict[str, set[str]]:
    """Which files hold which planted words, in raw bytes or in unpacked Parquet."""
    found: dict[str, set[str]] = {}
    for path, body in bodies_of(root):
        for word in PLANTED:
            if word.encode() in body:
                found.setdefault(word, set()).add(path.name)
    return found


def bodies_of(root: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file, in raw bytes and as unpacked Parquet."""
    for path in root.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
        if path.suffix == ".parquet":
            yield path, repr(pq.read_table(path).to_pylist()).encode()


def answers(lake: Lake, **as_of: Any) -> dict[str, list[str]]:
    """Everything that every table says of the patient who stays, every version, every column."""
    with lake.read(SYSTEM, **as_of) as reader:
        return {
            name: sorted(map(repr, reader.history(name, subjects=[STAYS]).to_pylist()))
            for name, table in TABLES.items()
            if "subject_id" in table.column_names
        }
