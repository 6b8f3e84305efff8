"""A report of a patient of the demo hospital, read, and asked of the guideline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.lake.rows import DOCTOR
from vitruvian.base.ids import stable_id
from vitruvian.demo import TODAY, Life
from vitruvian.demo.layouts import writer_for
from vitruvian.demo.mix import live
from vitruvian.derive import derive
from vitruvian.guides import Decision, decide, guide_named
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("ahocorasick_rs", reason="the extra 'notes' is not installed")

NOW = datetime.combine(TODAY, time(12), UTC)
WHEN = NOW - timedelta(days=2)
HEALTHY = 10
"""Which life of the demo hospital has no cancer, is over 35 and was seen."""
# MacMahon 2017, table 1: a report of CT, and the cell that it belongs to.
REPORTS = {
    "CT of the chest: solitary 12 mm solid nodule in the right lower lobe.": (
        "CT at 3 months, PET/CT or biopsy"
    ),
    "CT of the chest: solitary 12 mm ground-glass nodule in the right lower lobe.": (
        "CT at 6 to 12 months"
    ),
    "CT of the chest: solitary 12 mm ground-glass nodule in the right lower lobe. "
    "It has a solid component of 4 mm.": "CT at 3 to 6 months",
    "CT of the chest: multiple solid pulmonary nodules, the largest nodule of 7 mm in the "
    "right lower lobe.": "CT at 3 to 6 months",
    "CT of the chest: solitary 12 mm nodule in the right lower lobe.": None,
}


def with_report(life: Life, number: int, text: str) -> Life:
    """The same life as another person, with this report as its one note, and no tests beside it."""
    note = replace(life.documents[-1], id=f"report-{number}", time=WHEN, known_at=WHEN, text=text)
    return replace(
        life, number=number, documents=(note,), measurements=(), reports=(), orders=(), specimens=()
    )


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Decision]]:
    folder = tmp_path_factory.mktemp("nodules")
    patient = live(seed=1, number=HEALTHY, until=TODAY)
    lives = [with_report(patient, 900 + n, text) for n, text in enumerate(REPORTS)]
    with ExitStack() as files:
        writer = writer_for(folder / "fhir", "ndjson", files)
        writer.write_house()
        for life in lives:
            writer.write(life)
    guide = guide_named("fleischner_2017")
    with Lake.create(folder / "lake", site="test") as lake:
        assert ingest([folder / "fhir"], lake, access=SYSTEM).rejected == 0
        derive(lake, access=SYSTEM, only=["imaging"])
        lake.drain(SYSTEM)
        with lake.read(DOCTOR) as reader:
            yield {
                text: decide(
                    guide, reader, stable_id("test", f"Patient/{life.key}"),
                    instant=NOW, today=guide.card.review_by,
                )
                for text, life in zip(REPORTS, lives, strict=True)
            }  # fmt: skip


@pytest.mark.parametrize("text", REPORTS)
def test_report__leads_to_its_cell_of_the_table(answers: dict[str, Decision], text: str) -> None:
    assert answers[text].answer == REPORTS[text]


def test_kind_that_no_report_told__stays_unknown(answers: dict[str, Decision]) -> None:
    (text,) = (text for text, answer in REPORTS.items() if answer is None)
    assert (answers[text].status, answers[text].missing) == ("unknown", ("type_told",))
