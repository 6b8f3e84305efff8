"""Leaving a zone: refused first, then by a second person, then by rule; always in the audit."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("re2", reason="identifiers in what leaves are found with google-re2")

from tests.lake.erase.ward import patient
from tests.lake.rows import arrow
from tests.lakes import empty_lake
from vitruvian.lake import Lake
from vitruvian.lake.errors import NoAccount
from vitruvian.lake.permit.consents import left_of
from vitruvian.research.airlock import Airlock, Wish
from vitruvian.research.airlock.door import Purpose
from vitruvian.research.airlock.errors import (
    FolderInUse,
    MayNotRelease,
    MustNotLeave,
    NeedsSecondPerson,
    NoSuchColumn,
    NoSuchRelease,
    NoTable,
    NothingToRelease,
    OtherFiles,
)
from vitruvian.trust import SYSTEM, Access

ASKS = Access("hearty", "researcher", "research")
DECIDES = Access("stew", "data steward", "operations")
WHY = Purpose("heart", "University X")
COUNTS = Wish(counts=("n",))
SITES = [f"Mercy {n:03}" for n in range(200)]
FINE = "sex,n\nf,120\nm,130\n"


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="st-elsewhere") as made:
        for who in (ASKS, DECIDES):
            made.accounts.create(who.who, display_name=who.who, role=who.role)
        made.accounts.create("rossi", display_name="Rossi", role="clinician")
        with made.bulk(SYSTEM) as load:
            load.write("patient", arrow("patient", [patient(17, "Quillfeather", "MRN-55512907")]))
        yield made


def file(folder: Path, name: str, body: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def packed(columns: dict[str, list[object]]) -> bytes:
    """A Parquet file whose bytes do not spell what its cells hold."""
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written, compression="zstd")
    assert b"55512907" not in written.getvalue()
    return written.getvalue()


def found(lake: Lake, path: Path, wish: Wish = COUNTS) -> dict[str, str]:
    request = Airlock(lake).ask(ASKS, [path], WHY, wish)
    return {one.what: one.weight for one in request.findings}


@pytest.mark.parametrize("role", ["clinician", "patient", "auditor"])
def test_asking__is_for_those_who_do_research(role: str, lake: Lake, tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", FINE)
    with pytest.raises(MayNotRelease):
        Airlock(lake).ask(Access("rossi", role, "treatment"), [path], WHY, COUNTS)
    with pytest.raises(NoAccount):
        Airlock(lake).ask(Access("nobody", "researcher", "research"), [path], WHY, COUNTS)


def test_asking__needs_files_a_project_a_recipient_and_columns_that_exist(
    lake: Lake, tmp_path: Path
) -> None:
    airlock, path = Airlock(lake), file(tmp_path, "a.csv", FINE)
    for paths, why in (([], WHY), ([path], Purpose("", "X")), ([path], Purpose("p", " "))):
        with pytest.raises(NothingToRelease):
            airlock.ask(ASKS, paths, why, COUNTS)
    with pytest.raises(NoSuchColumn):
        airlock.ask(ASKS, [path], WHY, Wish(counts=("count",)))
    with pytest.raises(NoTable):
        airlock.ask(ASKS, [file(tmp_path, "b.csv", b"\xff\xfe\x00")], WHY, Wish())
    with pytest.raises(NoTable):
        airlock.ask(ASKS, [file(tmp_path, "c.csv", "sex,n\nf,120,Quillfeather\n")], WHY, COUNTS)


def test_identifier_of_a_patient__is_released_by_nobody(lake: Lake, tmp_path: Path) -> None:
    airlock = Airlock(lake)
    for name, body in (
        ("a.csv", "site,n\nMRN-55512907,120\n"),
        ("w.onnx", b"\x08\x07x/MRN-55512907\x00\xff"),
        ("p.parquet", packed({"site": ["A", *SITES, "MRN-55512907", "Z"], "n": [120] * 203})),
    ):
        path = file(tmp_path, name, body)
        request = airlock.ask(ASKS, [path], WHY, Wish())
        for who in (ASKS, DECIDES):
            with pytest.raises(MustNotLeave):
                airlock.release(who, request.id, [path], to=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_pickle_and_archive__are_released_by_nobody_whatever_they_are_called(
    lake: Lake, tmp_path: Path
) -> None:
    assert found(lake, file(tmp_path, "a.csv", pickle.dumps([1])), Wish())["runs"] == "stop"
    assert found(lake, file(tmp_path, "b.csv", b"PK\x03\x04rest"), Wish())["closed"] == "stop"


@pytest.mark.parametrize(
    "case",
    [
        ("a.csv", "sex,n\nf,120\nm,3\n", COUNTS, "small-cell"),
        ("a.csv", "sex,n\nf,120\nm,<10\ntotal,124\n", COUNTS, "total"),
        ("a.csv", "name,n\nx,120\n", COUNTS, "named-column"),
        ("a.csv", "what,n\n=1+1,120\n", COUNTS, "formula"),
        ("a.csv", f"what,n\n{'a long remark about somebody ' * 3},120\n", COUNTS, "free-text"),
        ("a.csv", "who,n\nanna.berg@example.org,120\n", COUNTS, "looks-like-email"),
        ("a.csv", "age,ill\n40,flu\n41,flu\n", Wish(quasi=("age",)), "k-anonymity"),
        ("a.csv", "age,ill\n40,flu\n40,flu\n", Wish(quasi=("age",), sensitive=("ill",)), "l-diversity"),
        ("a.csv", "age,ill\n40,flu\n", Wish(), "no-quasi"),
        ("a.txt", "Seen by Dr. Quimbleton on 12 March 2024.", Wish(), "looks-like-date"),
        ("a.png", b"\x89PNG....", Wish(), "image"),
        ("a.onnx", b"\x08\x07weights", Wish(), "model"),
    ],
)  # fmt: skip
def test_what_is_found__needs_a_second_person(
    case: tuple[str, str | bytes, Wish, str], lake: Lake, tmp_path: Path
) -> None:
    name, body, wish, what = case
    airlock, path = Airlock(lake), file(tmp_path, name, body)
    request = airlock.ask(ASKS, [path], WHY, wish)
    assert what in {one.what for one in request.findings}
    with pytest.raises(NeedsSecondPerson):
        airlock.release(ASKS, request.id, [path], to=tmp_path / "out")
    with pytest.raises(MayNotRelease):
        airlock.release(
            Access("rossi", "clinician", "treatment"), request.id, [path], to=tmp_path / "out"
        )
    airlock.release(DECIDES, request.id, [path], to=tmp_path / "out", words="looked at it")
    assert [one.name for one in (tmp_path / "out").iterdir()] == [f"file-1{path.suffix}"]


def test_own_request__is_not_approved_under_another_spelling_of_the_name(
    lake: Lake, tmp_path: Path
) -> None:
    airlock, path = Airlock(lake), file(tmp_path, "a.csv", "sex,n\nf,3\n")
    request = airlock.ask(ASKS, [path], WHY, COUNTS)
    lake.accounts.create("HEARTY", display_name="The same", role="data steward")
    again = Access("HEARTY", "data steward", "operations")
    with pytest.raises(NeedsSecondPerson):
        airlock.release(again, request.id, [path], to=tmp_path / "out")


def test_by_rule__a_clean_table_is_released_by_whoever_asked_and_stands_in_the_audit(
    lake: Lake, tmp_path: Path
) -> None:
    airlock, path = Airlock(lake), file(tmp_path, "a.csv", FINE)
    request = airlock.ask(ASKS, [path], WHY, COUNTS)
    assert request.by_rule
    done = airlock.release(ASKS, request.id, [path], to=tmp_path / "out")
    assert (tmp_path / "out" / "file-1.csv").read_text() == FINE
    assert (done.state, airlock.register.get(request.id).decided_by) == ("released", "hearty")
    (left,) = left_of([17], lake.audit)
    assert (left.who, left.certain) == ("hearty", False)
    assert left.what == f"airlock {request.id}: 1 files of project heart to University X"
    with pytest.raises(NoSuchRelease):
        airlock.release(ASKS, request.id, [path], to=tmp_path / "again")


def test_other_bytes__are_not_what_was_checked(lake: Lake, tmp_path: Path) -> None:
    airlock, path = Airlock(lake), file(tmp_path, "a.csv", FINE)
    request = airlock.ask(ASKS, [path], WHY, COUNTS)
    file(tmp_path, "a.csv", FINE + "u,3\n")
    with pytest.raises(OtherFiles):
        airlock.release(ASKS, request.id, [path], to=tmp_path / "out")
    file(tmp_path, "a.csv", FINE)
    with pytest.raises(FolderInUse):
        airlock.release(ASKS, request.id, [path], to=tmp_path)


def test_difference_to_what_left_before__is_found_for_the_project_and_for_the_recipient(
    lake: Lake, tmp_path: Path
) -> None:
    airlock, path = Airlock(lake), file(tmp_path, "a.csv", FINE)
    first = airlock.ask(ASKS, [path], WHY, COUNTS)
    later = file(tmp_path, "b.csv", "sex,n\nf,120\nm,127\n")
    assert airlock.ask(ASKS, [later], WHY, COUNTS).by_rule  # nothing has left yet
    airlock.release(ASKS, first.id, [path], to=tmp_path / "out")
    for why in (WHY, Purpose("other", "university x"), Purpose("HEART", "somebody else")):
        assert {one.what for one in airlock.ask(ASKS, [later], why, COUNTS).findings} == {
            "difference"
        }
    assert airlock.ask(ASKS, [later], Purpose("other", "somebody else"), COUNTS).by_rule


def test_difference__is_found_within_one_request_and_between_two_that_waited_together(
    lake: Lake, tmp_path: Path
) -> None:
    airlock, path = Airlock(lake), file(tmp_path, "a.csv", FINE)
    later = file(tmp_path, "b.csv", "sex,n\nf,120\nm,127\n")
    both = airlock.ask(ASKS, [path, later], WHY, COUNTS)
    assert {one.what for one in both.findings} == {"difference"}
    first, second = (airlock.ask(ASKS, [one], WHY, COUNTS) for one in (path, later))
    assert first.by_rule
    assert second.by_rule
    airlock.release(ASKS, first.id, [path], to=tmp_path / "out")
    with pytest.raises(NeedsSecondPerson):
        airlock.release(ASKS, second.id, [later], to=tmp_path / "more")


def test_refused__stays_refused_and_a_stranger_cannot_refuse(lake: Lake, tmp_path: Path) -> None:
    airlock, path = Airlock(lake), file(tmp_path, "a.csv", FINE)
    request = airlock.ask(ASKS, [path], WHY, COUNTS)
    with pytest.raises(MayNotRelease):
        airlock.refuse(Access("rossi", "clinician", "treatment"), request.id, words="")
    airlock.refuse(DECIDES, request.id, words="not this year")
    with pytest.raises(NoSuchRelease):
        airlock.release(ASKS, request.id, [path], to=tmp_path / "out")


def test_register__holds_no_cell_of_a_table_of_rows(lake: Lake, tmp_path: Path) -> None:
    path = file(tmp_path, "Quillfeather.csv", "age,ill\n40,zygomycosis\n")
    assert Airlock(lake).ask(ASKS, [path], WHY, Wish(quasi=("age",))).findings
    kept = b"".join(one.read_bytes() for one in lake.path.glob("airlock*"))
    assert b"zygomycosis" not in kept
    assert b"Quillfeather" not in kept
