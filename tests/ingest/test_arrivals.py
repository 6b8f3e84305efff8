"""What came in, what was wrong with it, and what a record became."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.library.hl7v2.samples import message, write
from tests.ingest.support import PATIENT, SYSTEM, bundle, ndjson, potassium, rows, take
from vitruvian.ingest import trace
from vitruvian.ingest.arrivals import Arrivals, arrivals
from vitruvian.ingest.became import Became, NoSuchStored, became, stored_at
from vitruvian.lake import Lake

NOBODY = message("ADT^A08", "PID|1||||Ward^Test", control="N")


def seen(lake: Lake) -> Arrivals:
    with lake.read(SYSTEM) as reader:
        return arrivals(reader)


def cut(path: Path) -> Path:
    whole = bundle(path, {"resource": PATIENT})
    whole.write_bytes(whole.read_bytes()[:-30])
    return whole


def test_record_nobody_stored__is_a_sentence(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader:
        with pytest.raises(NoSuchStored):
            became(reader, 1)
        with pytest.raises(NoSuchStored):
            stored_at(reader, source_id="5c", record=0)


def test_empty_lake__has_no_arrival(lake: Lake) -> None:
    assert seen(lake) == Arrivals([], [], [], [], [])


def test_counts_of_a_feed__add_up_over_its_sources(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", PATIENT, potassium("k1")))
    take(lake, ndjson(inbox / "b.ndjson", PATIENT, potassium("k2"), potassium("k3")))
    (feed,) = seen(lake).feeds
    assert (feed.adapter, feed.sources, feed.refused) == ("fhir", 2, 0)
    assert (feed.offered, feed.loaded, feed.skipped, feed.rejected) == (5, 4, 1, 0)
    sizes = (inbox / "a.ndjson").stat().st_size + (inbox / "b.ndjson").stat().st_size
    assert feed.byte_count == sizes
    found = seen(lake)
    assert sum(hour.loaded for hour in found.throughput) == 4
    assert [each.offered for each in found.latest] == [3, 2]
    assert feed.last_arrival == found.latest[0].received_at


def test_fault__is_told_by_kind_with_its_places_and_no_content(lake: Lake, inbox: Path) -> None:
    path = ndjson(inbox / "a.ndjson", PATIENT)
    broken = "".join(f'{{"Zaphod": {number}\n' for number in range(9))
    path.write_text(path.read_text("utf-8") + broken, "utf-8")
    report = take(lake, path)
    kind, zone = seen(lake).problems
    assert (zone.code, zone.count) == ("assumed-zone", 1)  # of the birth date
    assert (kind.adapter, kind.count, kind.sources) == ("fhir", 9, 1)
    assert kind.code == report.sources[0].problems[0].code
    assert [each.record for each in kind.examples] == [1, 2, 3, 4, 5]
    assert {each.source_id for each in kind.examples} == {report.sources[0].source_id}
    assert seen(lake).latest[0].problem_count == 9
    assert "Zaphod" not in str(rows(lake, "source"))


def test_source_refused_whole__is_told_once_and_may_come_again_mended(
    lake: Lake, inbox: Path
) -> None:
    path = cut(inbox / "a.json")
    assert take(lake, path).sources[0].outcome == "refused"
    assert take(lake, path).sources[0].outcome == "refused"
    found = seen(lake)
    assert [(each.outcome, each.problem_count) for each in found.latest] == [("refused", 1)]
    assert [(each.code, each.count) for each in found.problems] == [("truncated", 1)]
    assert found.feeds[0].refused == 1
    bundle(path, {"resource": PATIENT})
    assert take(lake, path).loaded == 1
    assert [each.outcome for each in seen(lake).latest] == ["loaded", "refused"]


def test_quarantine__is_told_by_kind_and_leads_to_the_record(lake: Lake, inbox: Path) -> None:
    take(lake, write(inbox / "a.hl7", NOBODY))
    (kind,) = seen(lake).waiting
    assert (kind.kind, kind.reason, kind.count) == ("HL7v2/ADT_A08", "no-patient", 1)
    told = of(lake, int(kind.examples[0].number))
    assert told.text.encode() == NOBODY.rstrip(b"\r")
    assert (told.events, told.event_count, told.cut) == ([], 0, False)


def of(lake: Lake, number: int) -> Became:
    with lake.read(SYSTEM) as reader:
        return became(reader, number)


def test_record_and_events__lead_to_each_other(lake: Lake, inbox: Path) -> None:
    report = take(lake, ndjson(inbox / "a.ndjson", PATIENT, potassium("k1")))
    source = report.sources[0].source_id
    with lake.read(SYSTEM) as reader:
        (head,) = stored_at(reader, source_id=source, record=1)
        told = became(reader, int(head.number))
        assert told.record == head
        assert (head.resource_type, head.resource_id) == ("Observation", "k1")
        (event,) = told.events
        back, _ = trace(reader, int(event.event_id))
        assert str(back["version_id"]) == head.number
        assert back["bytes"].decode() == told.text
    assert (event.value, event.holds) == ("4.1 mmol/L", True)


def test_event_that_was_superseded__is_told_and_no_longer_holds(lake: Lake, inbox: Path) -> None:
    first = potassium("k1") | {"meta": {"versionId": "1"}}
    second = first | {
        "meta": {"versionId": "2"},
        "valueQuantity": first["valueQuantity"] | {"value": 4.4},
    }
    report = take(lake, ndjson(inbox / "a.ndjson", PATIENT, first))
    take(lake, ndjson(inbox / "b.ndjson", PATIENT, second))
    with lake.read(SYSTEM) as reader:
        (head,) = stored_at(reader, source_id=report.sources[0].source_id, record=1)
        assert [each.holds for each in became(reader, int(head.number)).events] == [False]
