"""What is refused, and in which words; one bad message never stops a file."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.library.hl7v2.samples import PID, batch, message, potassium, visit, write
from tests.ingest.support import rows, take
from vitruvian.ingest.library.hl7v2.reading.message import NotAMessage, parse_message
from vitruvian.lake import Lake


def codes(report: object) -> list[str]:
    return [problem.code for source in report.sources for problem in source.problems]  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["T", "D", "training"])
def test_processing_id__other_than_production_is_not_stored(
    lake: Lake, inbox: Path, word: str
) -> None:
    path = write(inbox / "a.hl7", message("ADT^A01", PID, msh=f"{word}|2.5"), potassium("4.1"))
    report = take(lake, path)
    assert (report.offered, report.loaded, report.rejected) == (2, 1, 1)
    assert codes(report) == ["not-production"]
    assert len(rows(lake, "resource")) == 1


@pytest.mark.parametrize("data", ["JVBERi0xLjcgbWFkZ", "JVBERi0x!!LjcgbWFkZSB1cA=="])
def test_attachment_that_is_no_base64__is_told_at_its_place(
    lake: Lake, inbox: Path, data: str
) -> None:
    report = take(lake, write(inbox / "a.hl7", letter_with(data)))
    assert (report.loaded, codes(report)) == (1, ["attachment-unread"])
    assert report.sources[0].problems[0].pointer == "/OBX/2/5"
    (note,) = rows(lake, "note")
    assert (note["text"], note["blob_sha256"]) == ("See attached.", None)


def test_attachment_on_several_lines__is_whole(lake: Lake, inbox: Path) -> None:
    data = r"JVBERi0xLjcg\X0D0A\bWFkZSB1cA=="
    report = take(lake, write(inbox / "a.hl7", letter_with(data, words="")))
    assert codes(report) == []
    (note,) = rows(lake, "note")
    assert note["blob_sha256"] == hashlib.sha256(b"%PDF-1.7 made up").hexdigest()


def letter_with(data: str, *, words: str = "See attached.") -> bytes:
    return message(
        "MDM^T02",
        PID,
        "TXA|1|DS|ED|20240305||||||||D-1",
        f"OBX|1|TX|18842-5^Summary^LN||{words}||||||F",
        f"OBX|2|ED|18842-5^Summary^LN||^application^pdf^Base64^{data}||||||F",
    )


def test_message_without_type__is_refused_and_the_next_one_loads(lake: Lake, inbox: Path) -> None:
    report = take(lake, write(inbox / "a.hl7", message("", PID), potassium("4.1")))
    assert codes(report) == ["no-type"]
    assert report.loaded == 1


def test_message_with_unusable_delimiters__is_refused_alone(lake: Lake, inbox: Path) -> None:
    broken = rb"MSH|^^^^|LAB|WARD|||20240305||ADT^A01|1|P|2.5" + b"\r"
    report = take(lake, write(inbox / "a.hl7", potassium("4.1"), broken, potassium("4.2")))
    assert codes(report) == ["not-a-message"]
    assert (report.loaded, report.rejected) == (2, 1)


def test_message_about_nobody__is_kept_and_reported(lake: Lake, inbox: Path) -> None:
    report = take(lake, write(inbox / "a.hl7", message("ADT^A08", "PID|1||||Ward^Test")))
    assert codes(report) == ["no-patient"]
    assert [row["subject_id"] for row in rows(lake, "resource")] == [None]
    assert rows(lake, "event") == []


def test_message_of_a_type_not_mapped__is_kept_and_reported(lake: Lake, inbox: Path) -> None:
    report = take(lake, write(inbox / "a.hl7", message("MFN^M02", PID)))
    assert codes(report) == ["type-not-mapped"]
    assert report.loaded == 1


def test_batch_without_its_trailer__is_refused_whole(lake: Lake, inbox: Path) -> None:
    path = batch(inbox / "a.hl7", potassium("4.1"))
    path.write_bytes(path.read_bytes().split(b"BTS")[0])
    (source,) = take(lake, path).sources
    assert source.outcome == "refused"
    assert source.problems[0].code == "truncated"


def test_frame_without_its_end__is_refused_whole(lake: Lake, inbox: Path) -> None:
    (source,) = take(lake, write(inbox / "a.hl7", b"\x0b" + potassium("4.1"))).sources
    assert (source.outcome, source.problems[0].code) == ("refused", "truncated")


def test_problem__repeats_nothing_of_the_message(lake: Lake, inbox: Path) -> None:
    path = write(inbox / "Ward_Test.hl7", message("MFN^M02", PID), message("", PID))
    said = str(take(lake, path).as_json())
    assert not any(word in said for word in ("Ward", "Test", "M-1", "1950"))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.integers(0, 400), junk=st.binary(max_size=12), at=st.integers(0, 400))
def test_mutated_message__is_read_or_refused_and_never_fails(
    cut: int, junk: bytes, at: int
) -> None:
    good = potassium("4.1") + visit("A01", at="20240304080000+0100")
    data = good[:at] + junk + good[at + cut :]
    with contextlib.suppress(NotAMessage):
        assert parse_message(data).segments[0].name == "MSH"
