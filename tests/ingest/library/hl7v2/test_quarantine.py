"""What cannot be mapped is kept, listed with a reason, and mapped once the mapping is mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.hl7v2.samples import PID, message, potassium, write
from tests.ingest.support import SYSTEM, rows, take
from tests.lakes import empty_lake
from vitruvian.cli import main
from vitruvian.ingest.engine.listeners import Feed, Receiver, receiver_of
from vitruvian.ingest.library.hl7v2 import mapping
from vitruvian.ingest.library.hl7v2.facts import results
from vitruvian.ingest.library.hl7v2.reading.message import Segment
from vitruvian.ingest.quarantine import quarantined, replay
from vitruvian.lake import Lake

MASTER_FILE = message("MFN^M02", PID, "OBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L|||||F", control="M")
NOBODY = message("ADT^A08", "PID|1||||Ward^Test", control="N")


def waiting(lake: Lake) -> list[tuple[str, str]]:
    with lake.read(SYSTEM) as reader:
        return [(each.kind, each.reason) for each in quarantined(reader)]


def receiver(lake: Lake, *, tell_unmapped: bool = False) -> Receiver:
    found = receiver_of("hl7v2", Feed(lake, SYSTEM, "test", "Europe/Berlin", tell_unmapped))
    assert found is not None
    return found


def codes(lake: Lake) -> list[str]:
    return [event["code"] for event in rows(lake, "event")]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A mapping that fails on one value."""
    real = results._number

    def fails(obx: Segment, code: str, said: tuple[str | None, str]) -> Mapping[str, Any]:
        if said[1] == "4.2":
            raise ValueError
        return real(obx, code, said)

    monkeypatch.setattr(results, "_number", fails)
    yield monkeypatch
    monkeypatch.undo()


def test_message_not_mapped__waits_with_its_bytes_and_gives_no_fact(
    lake: Lake, inbox: Path
) -> None:
    report = take(lake, write(inbox / "a.hl7", MASTER_FILE, NOBODY))
    assert (report.offered, report.loaded, report.rejected) == (2, 2, 0)
    assert sorted(waiting(lake)) == [
        ("HL7v2/ADT_A08", "no-patient"),
        ("HL7v2/MFN_M02", "type-not-mapped"),
    ]
    assert rows(lake, "event") == rows(lake, "patient") == []
    kept = {row["bytes"] for row in rows(lake, "resource")}
    assert kept == {MASTER_FILE.rstrip(b"\r"), NOBODY.rstrip(b"\r")}


def test_message_in_quarantine__sent_again_is_skipped(lake: Lake, inbox: Path) -> None:
    take(lake, write(inbox / "a.hl7", MASTER_FILE))
    report = take(lake, write(inbox / "b.hl7", MASTER_FILE, potassium("4.1")))
    assert (report.loaded, report.skipped) == (1, 1)
    assert len(waiting(lake)) == 1


def test_replay_without_a_mended_mapping__leaves_everything_as_it_is(
    lake: Lake, inbox: Path
) -> None:
    take(lake, write(inbox / "a.hl7", MASTER_FILE, NOBODY))
    before = waiting(lake)
    done = replay(lake, access=SYSTEM)
    assert (done.tried, done.mapped) == (2, 0)
    assert waiting(lake) == before
    assert len(rows(lake, "resource")) == 2


def test_replay_after_the_mapping_is_mended__gives_what_a_first_load_would_have(
    lake: Lake, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(lake, write(inbox / "a.hl7", MASTER_FILE))
    mapped = mapping.listed("messages", "mapped")
    monkeypatch.setitem(mapping._said()["messages"], "mapped", [*mapped, "MFN"])
    done = replay(lake, access=SYSTEM)
    assert (done.tried, done.mapped, waiting(lake)) == (1, 1, [])
    with empty_lake(tmp_path / "other", site="test") as other:
        take(other, inbox / "a.hl7")
        assert "LOINC//2823-3" in codes(lake)
        for table, key in (("event", "event_id"), ("resource", "version_id")):
            found, wanted = (sorted(r[key] for r in rows(each, table)) for each in (lake, other))
            assert found == wanted
    assert replay(lake, access=SYSTEM).tried == 0


def test_mapping_that_fails_on_one_message__keeps_it_back_and_goes_on(
    lake: Lake, inbox: Path, broken: pytest.MonkeyPatch
) -> None:
    good, bad = potassium("4.1", at="20240305104000+0100"), potassium("4.2", at="20240305105000")
    report = take(lake, write(inbox / "a.hl7", bad, good))
    assert [problem.code for problem in report.sources[0].problems] == ["mapping-failed"]
    assert waiting(lake) == [("HL7v2/ORU_R01", "mapping-failed")]
    assert [e["numeric_value"] for e in rows(lake, "event") if e["numeric_value"]] == [4.1]
    broken.undo()
    assert replay(lake, access=SYSTEM).mapped == 1
    assert [e["numeric_value"] for e in rows(lake, "event") if e["numeric_value"]] == [4.2]


def test_message_that_fails__does_not_stop_a_live_feed(
    lake: Lake, broken: pytest.MonkeyPatch
) -> None:
    feed = receiver(lake)
    answers = feed.receive([potassium("4.2"), MASTER_FILE, NOBODY, potassium("4.1")])
    assert all(b"\rMSA|AA|" in (answer or b"") for answer in answers)
    assert feed.absorb() == 4
    assert sorted(reason for _, reason in waiting(lake)) == [
        "mapping-failed", "no-patient", "type-not-mapped",
    ]  # fmt: skip
    assert codes(lake).count("LOINC//2823-3") == 1
    assert feed.absorb() == 0


def test_site_that_wants_it__tells_the_sender_with_ae_and_keeps_the_message(
    lake: Lake, broken: pytest.MonkeyPatch
) -> None:
    feed = receiver(lake, tell_unmapped=True)
    sent = [potassium("4.2"), MASTER_FILE, NOBODY, potassium("4.1"), message("", PID)]
    answers = [(answer or b"").split(b"MSA|")[1][:2] for answer in feed.receive(sent)]
    assert answers == [b"AE", b"AE", b"AE", b"AA", b"AR"]
    feed.absorb()
    assert len(waiting(lake)) == 3


def test_enhanced_mode__accepts_what_is_durable_and_says_ae_only_as_application(
    lake: Lake,
) -> None:
    feed = receiver(lake, tell_unmapped=True)
    wishes = {"|||AL|AL": b"CA", "|||NE|AL": b"AE", "|||ER|ER": b"AE", "|||ER|SU": None}
    for wish, wanted in wishes.items():
        (answer,) = feed.receive([message("MFN^M02", PID, msh=f"P|2.5{wish}")])
        assert (answer and answer.split(b"MSA|")[1][:2]) == wanted


def test_list_and_replay_by_the_command__say_what_waits_and_nothing_of_the_patient(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "lake")
    with empty_lake(tmp_path / "lake", site="test") as lake:
        take(lake, write(tmp_path / "a.hl7", MASTER_FILE, NOBODY))
    assert main(["quarantine", "list", "--lake", folder]) == 0
    said = capsys.readouterr().out
    assert "type-not-mapped (1)" in said
    assert not any(word in said for word in ("Ward", "M-1", "1950"))
    assert main(["quarantine", "replay", "--lake", folder]) == 1
    assert "tried 2 records: 0 mapped, 2 still wait" in capsys.readouterr().out
