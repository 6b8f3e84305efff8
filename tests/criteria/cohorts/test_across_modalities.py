"""One cohort over a coded diagnosis, a note, a gene test and an image, against the demo's truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lake.rows import DOCTOR
from vitruvian.base.ids import stable_id
from vitruvian.criteria.cohorts import Answer, Asked, ask, read_definition
from vitruvian.criteria.cohorts.why import why
from vitruvian.criteria.over_lake.on_spark import LakeOnSpark
from vitruvian.demo import TODAY, Life
from vitruvian.demo.layouts import writer_for
from vitruvian.demo.mix import live
from vitruvian.demo.render.beside import Beside
from vitruvian.derive import derive
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.lake.engines.spark import Spark
from vitruvian.trust import SYSTEM

pytest.importorskip("ahocorasick_rs", reason="the extra 'notes' is not installed")

SEEDS = range(1, 51)
HEART = 16
"""Which life of each hospital has hypertrophic cardiomyopathy, with markers of risk by chance."""
DAY = timedelta(days=1)
THICK_MM = 20.0
DEFINITION = f"""
metadata: {{title: "Hypertrophic cardiomyopathy, thick septum, no syncope, MYBPC3"}}
predicates:
  diagnosis: {{code: SNOMED//233873004}}
  thick_septum: {{code: LOINC//18154-5, value_min: {THICK_MM}, value_min_inclusive: true}}
  no_syncope: {{code: ICD10//R55, polarity: negated}}
  carrier: {{code: GENE//MYBPC3}}
trigger: diagnosis
windows:
  image: {{start: end - 1d, end: trigger, start_inclusive: true, end_inclusive: true, has: {{thick_septum: "(1, None)"}}}}
  note: {{start: trigger, end: start + 7d, start_inclusive: true, end_inclusive: true, has: {{no_syncope: "(1, None)"}}}}
  genes: {{start: trigger, end: start + 500d, start_inclusive: true, end_inclusive: true, has: {{carrier: "(1, None)"}}}}
"""


@dataclass(frozen=True)
class Heart:
    """One life, and what its gene tests truly found."""

    life: Life
    genes: tuple[dict[str, Any], ...]

    @property
    def person(self) -> int:
        return stable_id("test", f"Patient/{self.life.key}")

    @property
    def diagnosed(self) -> datetime:
        found = [one for one in self.life.conditions if has_code(one.concept, "233873004")]
        assert isinstance(found[0].onset, datetime)
        return found[0].onset

    def truth(self) -> dict[str, bool]:
        """Which lines of the definition truly hold."""
        at = self.diagnosed
        return {
            "image": any(
                float(one.value) >= THICK_MM
                for one in self.life.measurements
                if has_code(one.concept, "18154-5") and at - DAY <= one.time <= at
            ),
            "note": any(
                "No syncope." in one.text
                for one in self.life.documents
                if at <= one.time <= at + 7 * DAY
            ),
            "genes": any(
                any(said.startswith("MYBPC3 ") for said in test["findings"])
                for test in self.genes
                if at <= datetime.fromisoformat(test["collected"]) <= at + 500 * DAY
            ),
        }


def has_code(concept: Any, code: str) -> bool:
    return any(each.code == code for each in concept.codings)


def written(folder: Path, lives: list[Life]) -> list[Heart]:
    """The files of these lives: one export in FHIR, and the gene tests of each."""
    hearts = []
    with ExitStack() as files:
        writer = writer_for(folder / "fhir", "ndjson", files)
        writer.write_house()
        for life in lives:
            writer.write(life)
            beside = folder / life.key
            (beside / ".truth").mkdir(parents=True)
            Beside(beside).write(life)
            told = beside / ".truth" / "genomics.ndjson"
            lines = told.read_text("utf-8").splitlines() if told.exists() else []
            hearts.append(Heart(life, tuple(map(json.loads, lines))))
    return hearts


@dataclass(frozen=True)
class House:
    """A lake, and those whose files went in."""

    lake: Lake
    hearts: list[Heart]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("hearts")
    hearts = written(folder, [live(seed=seed, number=HEART, until=TODAY) for seed in SEEDS])
    genes = [path for heart in hearts if (path := folder / heart.life.key / "vcf").is_dir()]
    with Lake.create(folder / "lake", site="test") as lake:
        report = ingest([folder / "fhir", *genes], lake, access=SYSTEM)
        assert report.rejected == 0
        derive(lake, access=SYSTEM, only=["problems"])
        lake.drain(SYSTEM)
        yield House(lake, hearts)


def found_by(answer: Answer) -> dict[int, datetime]:
    return {int(each.person_id): each.trigger for each in answer.members}


def test_cohort__is_exactly_that_of_the_ground_truth(house: House) -> None:
    expected = {h.person: h.diagnosed for h in house.hearts if all(h.truth().values())}
    with house.lake.read(DOCTOR) as reader:
        found = found_by(ask(read_definition(DEFINITION), Asked(reader, {})))
    assert {one: at.replace(microsecond=0) for one, at in found.items()} == {
        one: at.replace(microsecond=0) for one, at in expected.items()
    }
    assert expected


@pytest.mark.parametrize("line", ["image", "note", "genes"])
def test_every_modality__keeps_somebody_out(house: House, line: str) -> None:
    """Those whom this line alone keeps out are out by it, and in without it."""
    alone = {
        heart.person
        for heart in house.hearts
        if [name for name, holds in heart.truth().items() if not holds] == [line]
    }
    assert alone
    lines = DEFINITION.splitlines(keepends=True)
    without = "".join(each for each in lines if not each.startswith(f"  {line}:"))
    with house.lake.read(DOCTOR) as reader:
        asked = Asked(reader, {})
        wider = found_by(ask(read_definition(without), asked))
        decided = {
            why(read_definition(DEFINITION), asked, one).triggers[0].decided_at for one in alone
        }
    assert alone <= set(wider)
    assert {str(at).split(".")[1] for at in decided} == {line}


def test_note_that_denies__is_told_from_one_that_affirms(house: House) -> None:
    affirmed = DEFINITION.replace(", polarity: negated", "")
    with house.lake.read(DOCTOR) as reader:
        asked = Asked(reader, {})
        found = set(found_by(ask(read_definition(affirmed), asked)))
    expected = {
        heart.person
        for heart in house.hearts
        if heart.truth() == {"image": True, "note": False, "genes": True}
    }
    assert found == expected
    assert expected


def test_cohort__is_the_same_on_spark(house: House, spark: Spark) -> None:
    definition = read_definition(DEFINITION)
    with house.lake.read(DOCTOR) as reader:
        here = ask(definition, Asked(reader, {}))
        there = ask(definition, Asked(LakeOnSpark(reader, spark), {}))
    assert there == here
    assert here.members
