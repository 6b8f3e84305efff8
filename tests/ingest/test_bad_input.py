"""Broken, hostile and foreign files: one clear sentence, nothing half-written, the rest loads."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.ingest.support import PATIENT, bundle, ndjson, potassium, rows, take
from vitruvian.ingest import Limits
from vitruvian.ingest.errors import (
    NoSuchPath,
    NothingRecognised,
    NothingToRead,
    UnknownZone,
)
from vitruvian.lake import Lake

SMALL = Limits(line_bytes=2_000, document_bytes=20_000, ratio_from_bytes=100_000)


def one_problem(lake: Lake, broken: Path, limits: Limits | None = None) -> str:
    """What is said of a broken source that is offered beside a good one."""
    good = ndjson(broken.parent / "good.ndjson", PATIENT, potassium("k1"))
    report = take(lake, broken, good, limits=limits)
    by_outcome = {source.outcome: source for source in report.sources}
    assert by_outcome["loaded"].loaded == 2
    assert len(rows(lake, "resource")) == 2
    (problem,) = by_outcome["refused"].problems
    assert problem.message.startswith(f"Source {by_outcome['refused'].source_id}")
    return problem.code


def test_path__that_does_not_exist_is_a_sentence(lake: Lake, inbox: Path) -> None:
    with pytest.raises(NoSuchPath, match="number 1"):
        take(lake, inbox / "absent")


def test_folder__that_is_empty_is_a_sentence(lake: Lake, inbox: Path) -> None:
    with pytest.raises(NothingToRead):
        take(lake, inbox)


def test_folder__of_images_is_a_sentence(lake: Lake, inbox: Path) -> None:
    for number in range(5):
        (inbox / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(NothingRecognised, match="none of 5 file"):
        take(lake, inbox)
    assert rows(lake, "source") == []


def test_zone__that_is_unknown_is_a_sentence(lake: Lake, inbox: Path) -> None:
    with pytest.raises(UnknownZone, match="Europe/Rome"):
        take(lake, ndjson(inbox / "a.ndjson", PATIENT), zone="Mars/Olympus")


def test_document__cut_short_is_refused_whole(lake: Lake, inbox: Path) -> None:
    path = bundle(inbox / "cut.json", {"resource": PATIENT}, {"resource": potassium("k2")})
    path.write_bytes(path.read_bytes()[:-30])
    assert one_problem(lake, path) == "truncated"


def test_gzip__cut_short_is_refused_whole(lake: Lake, inbox: Path) -> None:
    lines = "".join(json.dumps(potassium(f"c{n}")) + "\n" for n in range(3_000))
    packed = gzip.compress(lines.encode())
    path = inbox / "cut.ndjson.gz"
    path.write_bytes(packed[: len(packed) // 2])
    assert one_problem(lake, path) == "truncated"


def test_ndjson__whose_last_line_is_cut_is_refused_whole(lake: Lake, inbox: Path) -> None:
    path = ndjson(inbox / "cut.ndjson", potassium("c1"), potassium("c2"))
    path.write_bytes(path.read_bytes()[:-40])
    assert one_problem(lake, path) == "truncated"


def test_zip__cut_short_is_refused_whole(lake: Lake, inbox: Path) -> None:
    path = inbox / "cut.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.ndjson", json.dumps(potassium("z1")) + "\n")
    path.write_bytes(path.read_bytes()[:-10])
    assert one_problem(lake, path) == "malformed"


def test_document__broken_and_offered_twice_is_refused_twice_and_told_once(
    lake: Lake, inbox: Path
) -> None:
    cut = bundle(inbox / "a.json", {"resource": PATIENT}, {"resource": potassium("k2")})
    cut.write_bytes(cut.read_bytes()[:-30])
    again = inbox / "b.json"
    again.write_bytes(cut.read_bytes())
    report = take(lake, cut, again)
    assert [source.outcome for source in report.sources] == ["refused", "refused"]
    assert [row["outcome"] for row in rows(lake, "source")] == ["refused"]


def test_line__longer_than_the_limit_is_refused_whole(lake: Lake, inbox: Path) -> None:
    path = ndjson(inbox / "long.ndjson", potassium("l1"), potassium("l2", note=["x" * 5_000]))
    assert one_problem(lake, path, SMALL) == "line-too-long"


def test_line__of_two_gibibytes_is_refused_without_reading_it_all(lake: Lake, inbox: Path) -> None:
    path = inbox / "sparse.ndjson"
    with path.open("wb") as stream:
        stream.write(json.dumps(potassium("s1")).encode() + b"\n" + b'{"resourceType":"')
        stream.truncate(64 << 20)  # a hole of zeros without a line end, stands for 2 GiB
    limits = Limits(line_bytes=1 << 20)
    assert one_problem(lake, path, limits) == "line-too-long"


def test_document__larger_than_the_limit_is_refused(lake: Lake, inbox: Path) -> None:
    entries = [{"resource": potassium(f"d{n}")} for n in range(60)]
    assert one_problem(lake, bundle(inbox / "big.json", *entries), SMALL) == "document-too-large"


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_bomb__is_refused_before_it_unpacks(lake: Lake, inbox: Path, kind: str) -> None:
    zeros = b'{"resourceType":"' + bytes(50_000_000)
    path = inbox / "bomb"
    if kind == "gzip":
        path.write_bytes(gzip.compress(zeros))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.json", zeros)
    assert one_problem(lake, path, Limits(ratio_from_bytes=1_000_000)) == "unpacks-too-far"


def test_archive__nested_too_deep_is_refused(lake: Lake, inbox: Path) -> None:
    inner = (json.dumps(PATIENT) + "\n").encode()
    for depth in range(5):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.ndjson" if depth == 0 else "in.zip", inner)
        inner = packed.getvalue()
    path = inbox / "nest.zip"
    path.write_bytes(inner)
    assert one_problem(lake, path) == "unpacks-too-far"


def test_file__that_cannot_be_read_is_refused(lake: Lake, inbox: Path) -> None:
    path = inbox / "gone.ndjson"
    path.symlink_to(inbox / "nowhere")
    good = ndjson(inbox / "good.ndjson", PATIENT)
    report = take(lake, inbox)
    assert [source.outcome for source in report.sources] == ["refused", "loaded"]
    assert report.sources[0].problems[0].code == "unreadable"
    assert good.exists()


def test_file__of_another_kind_beside_good_ones_is_named_and_left_out(
    lake: Lake, inbox: Path
) -> None:
    ndjson(inbox / "a.ndjson", PATIENT)
    (inbox / "b.xml").write_text("<Patient xmlns='http://hl7.org/fhir'/>")
    report = take(lake, inbox)
    assert sorted(source.outcome for source in report.sources) == ["loaded", "not-recognised"]


def test_report__never_holds_a_name_or_value(lake: Lake, inbox: Path) -> None:
    secret = "Xanthippe-7741"
    ndjson(
        inbox / f"{secret}.ndjson",
        PATIENT | {"name": secret},
        potassium("k", subject={"reference": f"urn:uuid:{secret}"}),
        potassium("n") | {"valueQuantity": secret, "code": secret},
    )
    (inbox / f"{secret}.json").write_text('{"resourceType": "Patient", "id": "' + secret)
    said = json.dumps(take(lake, inbox).as_json())
    assert '"problem_count": 3' in said
    assert secret not in said
