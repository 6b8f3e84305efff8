"""Papers and pictures: notes signed hours later, pathology, imaging with its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import concept, read_list, specimen_kind
from vitruvian.demo.life import Document, ImagingStudy, Order, Report, Series, Specimen

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart.core import Chart
    from vitruvian.demo.life import Encounter


@dataclass(frozen=True, slots=True)
class Study:
    """An imaging study to be done: what, with which series, and what is seen."""

    what: str
    modality: str
    site: str
    series: tuple[tuple[str, int], ...]
    report: str


def note(
    chart: Chart, template: str, *, at: datetime, visit: Encounter, **words: object
) -> Document:
    """Write a note from ``notes.toml``; it is known once signed, hours later."""
    row = read_list("notes")[template]
    shortest, longest = row.get("hours", (0.5, 9))
    years = int(chart.age_at(at))
    who = f"{years}-year-old {'woman' if chart.person.sex == 'female' else 'man'}"
    return chart.write(
        Document(
            id=chart.next_id("note"),
            kind=concept(f"documents.{row['kind']}"),
            time=at,
            known_at=at + chart.jitter(shortest, longest),
            author=row.get("author", visit.practitioner),
            text=row["text"].format(who=who, years=years, **words).strip() + "\n",
            encounter=visit.id,
        )
    )


def pathology(
    chart: Chart, template: str, *, at: datetime, visit: Encounter, **words: object
) -> Document:
    """Write a pathology report on tissue, known days later, with the note that holds it."""
    paper = note(chart, template, at=at, visit=visit, **words)
    tissue = chart.write(Specimen(chart.next_id("specimen"), specimen_kind("tissue"), at))
    conclusion = paper.text.split("Diagnosis:", 1)[-1].strip().splitlines()[0]
    chart.write(
        Report(
            id=chart.next_id("report"),
            concept=concept("documents.pathology"),
            category="PAT",
            time=at,
            known_at=paper.known_at,
            results=(),
            conclusion=conclusion,
            encounter=visit.id,
            specimen=tissue.id,
            order=None,
            imaging=None,
        )
    )
    return paper


def image(chart: Chart, study: Study, *, at: datetime, visit: Encounter) -> ImagingStudy:
    """Order, take and report an imaging study; the report follows hours later."""
    what = concept(f"imaging.{study.what}")
    asked = max(visit.start, at - timedelta(minutes=chart.rng.randrange(20, 55)))
    order = chart.write(
        Order(chart.next_id("order"), what, "imaging", asked, "completed", visit.id)
    )
    taken = chart.write(
        ImagingStudy(
            id=chart.next_id("imaging"),
            uid=_uid(chart, 0),
            modality=study.modality,
            concept=what,
            body_site=concept(f"sites.{study.site}"),
            time=at,
            series=_series(chart, study),
            order=order.id,
            encounter=visit.id,
        )
    )
    _report(chart, study, taken, visit)
    return taken


def _series(chart: Chart, study: Study) -> tuple[Series, ...]:
    return tuple(
        Series(_uid(chart, number), study.modality, words, instances)
        for number, (words, instances) in enumerate(study.series, start=1)
    )


def _uid(chart: Chart, series: int) -> str:
    study = chart.counts["imaging"]
    return f"2.25.{7_000_000_000 + chart.seed}.{chart.number}.{study}.{series}"


def _report(chart: Chart, study: Study, taken: ImagingStudy, visit: Encounter) -> None:
    known_at = taken.time + chart.jitter(0.5, 20)
    chart.write(
        Report(
            id=chart.next_id("report"),
            concept=taken.concept,
            category="RAD",
            time=taken.time,
            known_at=known_at,
            results=(),
            conclusion=study.report,
            encounter=visit.id,
            specimen=None,
            order=taken.order,
            imaging=taken.id,
        )
    )
    text = f"{taken.concept.text}\n\n{study.report}\n"
    kind = concept("documents.imaging")
    paper = Document(chart.next_id("note"), kind, taken.time, known_at, "papadakis", text, visit.id)
    chart.write(paper)
