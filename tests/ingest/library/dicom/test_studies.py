"""A study on the timeline: one event, its series, its geometry, its rejection notes."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from random import Random

import pytest

from tests.ingest.library.dicom.samples import SERIES, STUDY, Slice, rejection_note, stack
from tests.ingest.support import SYSTEM, every_version, rows, take
from tests.lakes import empty_lake
from vitruvian.ingest.library.dicom.mapping import rejection_titles
from vitruvian.lake import Lake

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")


def codes(lake: Lake, *paths: Path) -> set[str]:
    report = take(lake, *paths)
    return {problem.code for source in report.sources for problem in source.problems}


def test_study__is_one_event_with_time_words_and_accession(lake: Lake, inbox: Path) -> None:
    take(lake, *stack(inbox))
    (event,) = rows(lake, "event")
    assert event["code"] == "DCM//CT"
    assert event["code_text"] == "CT chest"
    assert event["text_value"] == "CT, 1 series, 4 images, accession ACC-1"
    assert event["time"] == datetime(2024, 3, 5, 6, 15, tzinfo=UTC)
    assert (event["utc_offset"], event["known_at_basis"]) == (60, "assumed")
    (series,) = rows(lake, "image")
    assert (series["study_uid"], series["series_uid"]) == (STUDY, SERIES)
    assert (series["accession"], series["instance_count"]) == ("ACC-1", 4)


def test_pixels__are_blobs_with_the_bytes_of_the_files(lake: Lake, inbox: Path) -> None:
    (path,) = stack(inbox, slices=1)
    take(lake, path)
    (instance,) = rows(lake, "resource", where="resource_type = 'DICOM/Instance'")
    with lake.read(SYSTEM) as reader:
        assert reader.blob(instance["content_hash"]) == path.read_bytes()
    assert b'"BulkDataURI"' in instance["bytes"]
    assert len(instance["bytes"]) < 4_000


def test_slices_that_come_later__make_the_study_anew_and_the_event_stays_one(
    lake: Lake, inbox: Path
) -> None:
    files = stack(inbox, slices=6)
    take(lake, *files[3:])
    take(lake, *files[:3])
    (event,) = rows(lake, "event")
    assert "6 images" in event["text_value"]
    assert len(every_version(lake, "event")) == 2
    assert [row["instance_count"] for row in rows(lake, "image")] == [6]


def test_order_of_arrival__makes_no_difference(tmp_path: Path) -> None:
    files = stack(tmp_path / "inbox", slices=5)
    told = []
    for seed in range(3):
        Random(seed).shuffle(files)
        with empty_lake(tmp_path / f"lake{seed}", site="test") as lake:
            for path in files:
                take(lake, path)
            (event,) = rows(lake, "event")
            told.append((event["event_id"], event["version_id"], event["text_value"]))
    assert len(set(told)) == 1


@pytest.mark.parametrize(
    "places, code",
    [
        ([0, 2, 4, 8, 10], "missing-slices"),
        ([0, 2, 4, 4, 6], "duplicate-slices"),
        ([0, 2, 4, 6.7, 9], "mixed-spacing"),
        ([0, 2, 4, 6, 8], None),
    ],
)
def test_geometry__is_checked(
    lake: Lake, inbox: Path, places: list[float], code: str | None
) -> None:
    files = [Slice(n, z=z).write(inbox) for n, z in enumerate(places, start=1)]
    assert codes(lake, *files) == ({code} if code else set())
    (event,) = rows(lake, "event")
    assert event["flags"] == ([code] if code else [])


def test_tilted_gantry__is_told_from_the_positions_alone(lake: Lake, inbox: Path) -> None:
    files = [
        Slice(n, more={0x00200032: ("DS", f"-10\\{n * 0.5:g}\\{n * 2}")}).write(inbox)
        for n in range(1, 5)
    ]
    assert codes(lake, *files) == {"gantry-tilt"}


def test_titles_of_rejection_notes__are_those_of_the_standard() -> None:
    standard = import_module("pydicom.sr.codedict").codes.cid7010
    titles = {getattr(standard, name).value: name for name in standard.dir()}
    assert {titles.get(title) for title in rejection_titles()} == {
        "RejectedForQualityReasons", "RejectedForPatientSafetyReasons",
        "IncorrectModalityWorklistEntry", "DataRetentionPolicyExpired",
    }  # fmt: skip


def test_rejection_note__hides_the_instances_it_names(lake: Lake, inbox: Path) -> None:
    take(lake, *stack(inbox, slices=4))
    note = inbox / "note"
    note.write_bytes(rejection_note(f"{SERIES}.2", f"{SERIES}.3"))
    assert take(lake, note).loaded == 1
    (event,) = rows(lake, "event")
    assert "2 images" in event["text_value"]
    kept = rows(lake, "resource", where="resource_type = 'DICOM/Instance'")
    assert {row["resource_id"] for row in kept} == {f"{SERIES}.1", f"{SERIES}.4", f"{STUDY}.9.1"}


def test_rejection_note_before_its_instances__hides_them_too(lake: Lake, inbox: Path) -> None:
    note = inbox / "note"
    note.write_bytes(rejection_note(f"{SERIES}.1"))
    take(lake, note)
    assert rows(lake, "event") == []
    take(lake, *stack(inbox / "later", slices=1))
    assert rows(lake, "event") == []
    again = take(lake, *stack(inbox / "again", slices=2))
    assert (again.loaded, again.skipped) == (1, 1)
    (event,) = rows(lake, "event")
    assert "1 image," in event["text_value"]


def test_note_with_another_title__rejects_nothing(lake: Lake, inbox: Path) -> None:
    note = inbox / "note"
    note.write_bytes(rejection_note(f"{SERIES}.1", title="113000"))
    take(lake, note, *stack(inbox / "slices", slices=1))
    (event,) = rows(lake, "event")
    assert "1 image" in event["text_value"]


def test_objects_of_two_patients_in_one_study__are_told_apart(lake: Lake, inbox: Path) -> None:
    one, other = Slice(1).write(inbox), Slice(2, patient="M-2").write(inbox)
    assert "study-of-several-patients" in codes(lake, one, other)
    assert len({event["subject_id"] for event in rows(lake, "event")}) == 2
