"""Tests with an answer in words: PCR, gene, culture with its susceptibilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import concept, specimen_kind
from vitruvian.demo.life import Concept, Measurement, Report, Specimen

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart.core import Chart
    from vitruvian.demo.life import Encounter


@dataclass(frozen=True, slots=True)
class Finding:
    """A test and its answer in words; `words` is free text where no answer has a code."""

    test: str
    answer: str = ""
    words: str = ""
    flag: str = ""
    specimen: str = "blood"

    @property
    def concept(self) -> Concept:
        """Give the answer as a concept."""
        return concept(f"answers.{self.answer}") if self.answer else Concept(self.words)


@dataclass(frozen=True, slots=True)
class _Drawn:
    time: datetime
    known_at: datetime
    encounter: str
    specimen: str


def single_test(
    chart: Chart,
    finding: Finding,
    *,
    at: datetime,
    visit: Encounter,
    hours: tuple[float, float],
) -> str:
    """Write one test with an answer in words, known between `hours` later."""
    drawn = _draw(chart, at, visit, at + chart.jitter(*hours), finding.specimen)
    return _write(chart, finding, drawn).id


def culture(chart: Chart, findings: tuple[Finding, ...], *, at: datetime, visit: Encounter) -> None:
    """Write a blood culture: growth is reported after a day, susceptibilities after two."""
    drawn = _draw(chart, at, visit, at + chart.jitter(18, 30), "blood")
    grown, *panel = findings
    results = [_write(chart, grown, drawn).id]
    later = replace(drawn, known_at=drawn.known_at + timedelta(hours=22))
    results += [_write(chart, one, later).id for one in panel]
    chart.write(
        Report(
            id=chart.next_id("report"),
            concept=concept("documents.microbiology"),
            category="MB",
            time=at,
            known_at=later.known_at,
            results=tuple(results),
            conclusion=f"{grown.concept.text} in two of two bottle sets." if panel else "",
            encounter=visit.id,
            specimen=drawn.specimen,
            order=None,
            imaging=None,
        )
    )


def _draw(
    chart: Chart, at: datetime, visit: Encounter, known_at: datetime, specimen: str
) -> _Drawn:
    taken = chart.write(Specimen(chart.next_id("specimen"), specimen_kind(specimen), at))
    return _Drawn(at, known_at, visit.id, taken.id)


def _write(chart: Chart, finding: Finding, drawn: _Drawn) -> Measurement:
    return chart.write(
        Measurement(
            id=chart.next_id("lab"),
            concept=concept(f"questions.{finding.test}"),
            category="laboratory",
            time=drawn.time,
            known_at=drawn.known_at,
            value="",
            comparator="",
            unit="",
            ucum="",
            low="",
            high="",
            interpretation=finding.flag,
            finding=finding.concept,
            components=(),
            encounter=drawn.encounter,
            specimen=drawn.specimen,
            status="final",
        )
    )
