"""Deriving over a lake: lineage, only what is new, shares that survive a kill, supersession."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.derive.lakes import SEEN, add, facts, note
from tests.lakes import empty_lake
from vitruvian.base.ids import stable_id
from vitruvian.derive import Advance, Pace, derive, trace
from vitruvian.derive.engine.extractor import Extractor, Finding
from vitruvian.derive.engine.kept import BEGINNING
from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.engine.run import Run
from vitruvian.derive.errors import NoSuchExtractor, NotDerived
from vitruvian.derive.text import Terms
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="test") as opened:
        yield opened


@dataclass(frozen=True)
class Newer:
    """The extractor of problems as another version of itself."""

    inner: Extractor
    version: str

    @property
    def manifest(self) -> Any:
        return replace(self.inner.manifest, version=self.version)

    @property
    def release(self) -> str:
        return self.inner.release

    def terms(self, language: str) -> tuple[Terms, ...]:
        return self.inner.terms(language)

    def extract(self, read: Any) -> list[Finding]:
        return list(self.inner.extract(read))


class Killed(Exception):
    """The plug was pulled."""


def problems(lake: Lake, **how: Any) -> Any:
    return derive(lake, access=SYSTEM, only=["problems"], pace=Pace(**how))


def test_unknown_extractor__is_refused_with_the_names_there_are(lake: Lake) -> None:
    with pytest.raises(NoSuchExtractor, match="problems"):
        derive(lake, access=SYSTEM, only=["horoscopes"])


def test_event_that_was_not_derived__cannot_be_read_again(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader, pytest.raises(NotDerived, match="no such event"):
        trace(reader, 7)


def test_note_entered_in_error__is_not_read(lake: Lake) -> None:
    add(lake, "note", [note("Fever.", status="entered-in-error")])
    problems(lake)
    assert facts(lake) == []


def test_fact__carries_its_note_s_clocks_and_its_span(lake: Lake) -> None:
    text = "Seen today.\r\n\r\nNo fe\u0301ver,\nbut  chest\n   pain."
    add(lake, "note", [note(text, encounter_id=5)])
    problems(lake)
    (fact,) = facts(lake)
    assert (fact["code"], fact["polarity"], fact["modality"]) == (
        "ICD10//R07.4",
        "affirmed",
        "note",
    )
    assert (fact["time"], fact["known_at"], fact["encounter_id"]) == (SEEN, SEEN, 5)
    assert fact["version_id"] == stable_id("version", "1", "1")
    with lake.read(SYSTEM) as reader:
        read = trace(reader, fact["event_id"])
    assert read.text[read.start : read.end] == "chest\n   pain"
    assert (read.extractor, read.recomputed) == ("problems", "same")


def test_second_run__reads_only_what_is_new(lake: Lake) -> None:
    add(lake, "note", [note("Fever.")])
    assert problems(lake).notes == 1
    assert problems(lake).notes == 0
    add(lake, "note", [note("Cough.", subject=2)])
    assert problems(lake).notes == 1
    assert [fact["code"] for fact in facts(lake)] == ["ICD10//R50.9", "ICD10//R05"]


def test_lake_without_notes__has_nothing_to_derive(lake: Lake) -> None:
    assert problems(lake).as_json() == {
        "notes": 0, "facts": {}, "retired_derivations": 0, "shares": 0, "seconds": 0.0,
        "left_out": {},
    }  # fmt: skip


def test_shares__cover_every_subject_once(lake: Lake) -> None:
    subjects = [0, 1, 2**62 - 1, 2**62, 2**63 - 1, stable_id("a"), stable_id("b")]
    add(lake, "note", [note("Fever.", subject=subject) for subject in subjects])
    assert problems(lake, notes_a_share=2).shares == 4
    assert sorted(fact["subject_id"] for fact in facts(lake)) == sorted(subjects)


def test_killed_run__goes_on_with_the_next_share(lake: Lake) -> None:
    subjects = [stable_id(str(number)) for number in range(12)]
    add(lake, "note", [note("Fever.", subject=subject) for subject in subjects])
    seen: list[int] = []

    def pull_the_plug(now: Advance) -> None:
        seen.append(now.notes)
        if len(seen) == 3:
            raise Killed

    with pytest.raises(Killed):
        problems(lake, notes_a_share=3, progress=pull_the_plug)
    kept = {fact["subject_id"] for fact in facts(lake)}
    assert 0 < len(kept) < 12
    add(lake, "note", [note("Cough.", subject=3)])
    rest = problems(lake, notes_a_share=3)
    assert rest.notes == 12 - len(kept) + 1
    assert [fact["subject_id"] for fact in facts(lake)] == sorted([*subjects, 3])


def test_newer_version__replaces_facts_and_the_old_ones_stay_as_recorded_then(lake: Lake) -> None:
    add(lake, "note", [note("Fever.")])
    problems(lake)
    (old,) = facts(lake)
    with lake.read(SYSTEM) as reader:
        before = reader.snapshot.published_at
    newer = Newer(extractor_named("problems"), "newer")
    report = Run(lake, SYSTEM, (newer,)).run()
    assert (report.notes, report.retired) == (1, 1)
    (new,) = facts(lake)
    assert new["derivation_id"] != old["derivation_id"]
    assert new["event_id"] == old["event_id"]
    assert [fact["derivation_id"] for fact in facts(lake, recorded_at=before)] == [
        old["derivation_id"]
    ]
    assert [fact["derivation_id"] for fact in facts(lake, known_at=SEEN)] == [new["derivation_id"]]
    assert Run(lake, SYSTEM, (newer,)).run().retired == 0


def test_known_at__of_a_fact_is_its_note_s(lake: Lake) -> None:
    add(lake, "note", [note("Fever.")])
    problems(lake)
    assert facts(lake, known_at=BEGINNING) == []


def test_retired_note__takes_its_facts_along(lake: Lake) -> None:
    add(lake, "note", [note("Fever.")])
    problems(lake)
    gone = {
        "retirement_id": 1, "subject_id": 1, "site": "test", "source_id": "x", "known_at": SEEN,
        "known_at_basis": "stated", "scope": "version", "reason": "superseded",
        "target_id": stable_id("version", "1", "1"),
    }  # fmt: skip
    add(lake, "retirement", [gone])
    assert facts(lake) == []


def test_extractor_beside_others__gives_the_same_facts(lake: Lake, tmp_path: Path) -> None:
    text = "Fever. Takes metformin 500 mg. BP 120/80."
    add(lake, "note", [note(text)])
    derive(lake, access=SYSTEM, only=["measurements", "medicines", "problems"])
    together = facts(lake)
    with empty_lake(tmp_path / "other", site="test") as other:
        add(other, "note", [note(text)])
        for name in ("problems", "medicines", "measurements"):
            derive(other, access=SYSTEM, only=[name])
        alone = facts(other)
    keys = ("event_id", "code", "numeric_value", "locator", "fact_key")
    assert [[f[k] for k in keys] for f in together] == [[f[k] for k in keys] for f in alone]


def test_two_processes__read_what_one_reads(lake: Lake, tmp_path: Path) -> None:
    notes = [note(f"No fever. Takes metformin {n} mg.", subject=n) for n in range(1, 30)]
    add(lake, "note", notes)
    derive(lake, access=SYSTEM, only=["problems", "medicines"], pace=Pace(workers=2))
    with empty_lake(tmp_path / "other", site="test") as other:
        add(other, "note", notes)
        derive(other, access=SYSTEM, only=["problems", "medicines"])
        alone = facts(other)
    unlike = {"recorded_at", "derivation_id"}
    assert [{k: v for k, v in f.items() if k not in unlike} for f in facts(lake)] == [
        {k: v for k, v in f.items() if k not in unlike} for f in alone
    ]
