"""Metastatic colorectal cancer: anaemia, colonoscopy, pathology, lines of chemotherapy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.body import Episode
from vitruvian.demo.chart import (
    Finding,
    Plan,
    Study,
    bedside,
    give,
    image,
    lab,
    note,
    pathology,
    prescribe,
    refill,
    single_test,
    vital,
    withhold,
)

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart
    from vitruvian.demo.life import Encounter

_CLINIC = Plan("complaint", (("clinic", 1.0),), "ito")
_ENDOSCOPY = Plan("follow_up", (("clinic", 3.0),), "delacroix")
_SURGERY = Plan("admission", (("surgery", 200.0),), "delacroix", "IMP", "home")
_INFUSION = Plan("day_clinic", (("oncology", 6.5),), "delacroix")
_SERIES = (("Arterial phase", 120), ("Portal venous phase", 184), ("Lung window", 210))
_PREMEDICATION = ("ondansetron", "dexamethasone")
_TOXICITY = (
    "no nausea",
    "mild nausea",
    "tingling in the fingers in the cold",
    "tired for two days",
)


@dataclass(frozen=True, slots=True)
class Tumour:
    """What the tumour carries."""

    kras: str
    braf: bool
    unstable: bool

    @property
    def words(self) -> str:
        """Give the biology in the words of the tumour board."""
        kras = f"KRAS {self.kras}" if self.kras else "KRAS wild type"
        braf = "BRAF V600E mutated" if self.braf else "BRAF wild type"
        return f"{kras}, {braf}, {'MSI-H' if self.unstable else 'MSS'}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of treatment: a name, its drugs, days between cycles, how many cycles."""

    name: str
    drugs: tuple[str, ...]
    days: int
    cycles: int


def tell(chart: Chart) -> None:
    """Tell the way from the anaemia to the present line of treatment."""
    first = chart.days_ago(shortest=90, longest=1500)
    tumour = _tumour(chart)
    start = first + timedelta(days=62)
    works = chart.days(200, 330)
    _change_body(chart, first, (start, start + works))
    _anaemia(chart, first)
    scope = first + timedelta(days=9)
    _colonoscopy(chart, scope, tumour)
    _operate(chart, scope + timedelta(days=21))
    first_line = _first_line(tumour)
    _board(chart, start - timedelta(days=4), tumour, first_line)
    at = _treat(chart, start, first_line)
    at = max(at, start + works) + timedelta(days=10)
    _progress(chart, at)
    end = _treat(chart, at + timedelta(days=14), _second_line(tumour))
    if chart.anchor_days is None and chart.rng.random() < 0.6:
        chart.die(end + chart.days(30, 400))


def _tumour(chart: Chart) -> Tumour:
    unstable = chart.rng.random() < 0.06
    kras = chart.rng.choice(["", "", "p.Gly12Asp", "p.Gly13Asp", "p.Gly12Val"])
    return Tumour(kras, braf=not kras and chart.rng.random() < 0.12, unstable=unstable)


def _first_line(tumour: Tumour) -> Line:
    if tumour.unstable:
        return Line("pembrolizumab", ("pembrolizumab",), 21, 17)
    partner = "bevacizumab" if tumour.kras or tumour.braf else "cetuximab"
    drugs = (partner, "oxaliplatin", "folinic acid", "fluorouracil")
    return Line(f"FOLFOX and {partner}", drugs, 14, 12)


def _second_line(tumour: Tumour) -> Line:
    del tumour
    drugs = ("bevacizumab", "irinotecan", "folinic acid", "fluorouracil")
    return Line("FOLFIRI and bevacizumab", drugs, 14, 10)


def _change_body(chart: Chart, first: datetime, lines: tuple[datetime, datetime]) -> None:
    start, failing = lines
    body, days = chart.body, timedelta(days=1)
    body.set_baseline("haemoglobin", chart.rng.uniform(8.6, 10.4))
    body.shift("haemoglobin", start=first + 20 * days, over=90 * days, factor=1.2)
    body.set_baseline("ferritin", chart.rng.uniform(5, 11))
    body.shift("ferritin", start=first + 20 * days, over=120 * days, factor=8)
    body.set_baseline("mcv", 75)
    body.shift("mcv", start=first + 20 * days, over=120 * days, factor=1.17)
    body.set_baseline("cea", chart.rng.uniform(35, 320))
    body.shift("cea", start=start, over=100 * days, factor=0.12)
    body.shift("cea", start=failing - 60 * days, over=120 * days, factor=7)
    body.shift("cea", start=failing + 40 * days, over=90 * days, factor=0.4)
    body.set_baseline("alkaline_phosphatase", chart.rng.uniform(120, 240))
    body.shift("alkaline_phosphatase", start=start, over=120 * days, factor=0.55)
    body.shift("weight", start=first - 90 * days, over=200 * days, factor=0.92)


def _anaemia(chart: Chart, at: datetime) -> None:
    visit = chart.visit(_CLINIC, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=5), visit=visit)
    for key in ("blood_count", "iron", "chemistry"):
        lab(chart, key, at=at + timedelta(minutes=15), visit=visit)
    told = at + timedelta(days=2)
    back = chart.visit(_CLINIC, start=told)
    reason = chart.diagnose("iron_deficiency", at=told + timedelta(minutes=5), visit=back)
    stop = told + timedelta(days=120)
    iron = prescribe(chart, "ferrous sulfate", at=told, visit=back, until=stop, reason=reason)
    refill(chart, iron)


def _colonoscopy(chart: Chart, at: datetime, tumour: Tumour) -> None:
    visit = chart.visit(_ENDOSCOPY, start=at)
    done = at + timedelta(minutes=40)
    chart.perform("colonoscopy", at=done, visit=visit, hours=0.7, site="colon")
    size = chart.rng.randrange(32, 65)
    note(chart, "colonoscopy", at=done + timedelta(hours=1), visit=visit, size=size)
    words = {
        "repair": "loss of MLH1 and PMS2" if tumour.unstable else "retained",
        "kras": tumour.kras or "wild type",
        "braf": "mutated" if tumour.braf else "wild type",
    }
    paper = pathology(chart, "colon_pathology", at=done, visit=visit, **words)
    _molecular(chart, done, visit, tumour)
    seen = paper.known_at + timedelta(hours=3)
    chart.diagnose("colon_cancer", at=seen, onset=at.date(), stage="IV (pT3 pN1b cM1a)")
    _stage(
        chart,
        at + timedelta(days=5),
        "Tumour of the ascending colon; two liver lesions, "
        "34 and 21 mm, suspicious for metastases. No pulmonary nodules.",
    )
    chart.diagnose("liver_metastases", at=at + timedelta(days=7))


def _molecular(chart: Chart, at: datetime, visit: Encounter, tumour: Tumour) -> None:
    tests = (
        Finding(
            "kras", words=tumour.kras or "No mutation found in exons 2 to 4", specimen="tissue"
        ),
        Finding("braf", "detected" if tumour.braf else "not_detected", specimen="tissue"),
        Finding("microsatellites", "unstable" if tumour.unstable else "stable", specimen="tissue"),
    )
    for one in tests:
        single_test(chart, one, at=at, visit=visit, hours=(120, 260))


def _stage(chart: Chart, at: datetime, report: str) -> None:
    at = chart.office(at)
    visit = chart.visit(_ENDOSCOPY, start=at)
    lab(chart, "tumour_marker", at=at + timedelta(minutes=15), visit=visit)
    study = Study("ct_chest_abdomen", "CT", "abdomen", _SERIES, report)
    image(chart, study, at=at + timedelta(minutes=50), visit=visit)


def _operate(chart: Chart, at: datetime) -> None:
    visit = chart.visit(_SURGERY, start=at)
    done = at + timedelta(hours=22)
    for day in range(8):
        bedside(chart, "ward", at=at + timedelta(hours=2 + 24 * day), visit=visit)
    lab(chart, "clotting", at=at + timedelta(hours=1), visit=visit)
    chart.body.swell(
        Episode(done, done + timedelta(hours=40), done + timedelta(days=9)),
        {"crp": 60.0, "leukocytes": 1.8},
    )
    chart.perform("hemicolectomy", at=done, visit=visit, hours=3.2, site="colon")
    for day in (1, 2, 4, 7):
        for key in ("blood_count", "renal", "inflammation"):
            lab(chart, key, at=at + timedelta(days=day, hours=21), visit=visit)
    nodes = chart.rng.randrange(14, 32)
    words = {"nodes": nodes, "positive": chart.rng.randint(2, 3)}
    pathology(chart, "resection_pathology", at=done + timedelta(hours=3), visit=visit, **words)
    stop = visit.end
    thrombosis = prescribe(
        chart, "enoxaparin", at=at + timedelta(hours=30), visit=visit, until=stop
    )
    for day in range(6):
        give(chart, thrombosis, at=thrombosis.start + timedelta(days=day, minutes=10))


def _board(chart: Chart, at: datetime, tumour: Tumour, line: Line) -> None:
    visit = chart.visit(_ENDOSCOPY, start=at)
    lab(chart, "tumour_marker", at=at - timedelta(days=2), visit=None)
    ecog = chart.rng.choice([0, 1, 1])
    vital(chart, "performance_status", at=at + timedelta(minutes=8), visit=visit, level=ecog)
    words = {
        "biology": tumour.words,
        "ecog": ecog,
        "cea": chart.last("cea"),
        "plan": line.name,
    }
    note(chart, "oncology_first", at=at + timedelta(minutes=30), visit=visit, **words)


def _treat(chart: Chart, start: datetime, line: Line) -> datetime:
    at = start
    for cycle in range(1, line.cycles + 1):
        _cycle(chart, at, line, cycle)
        if cycle % 4 == 0:
            _restage(chart, at + timedelta(days=8), cycle * line.days // 7)
        at += timedelta(days=line.days + (7 if chart.rng.random() < 0.15 else 0))
        if at > chart.now:
            break
    return at


def _cycle(chart: Chart, at: datetime, line: Line, cycle: int) -> None:
    at = chart.office(at) - timedelta(hours=2)
    visit = chart.visit(_INFUSION, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=5), visit=visit)
    for key in ("blood_count", "chemistry"):
        lab(chart, key, at=at - timedelta(days=1), visit=None)
    if cycle % 2 == 1:
        lab(chart, "tumour_marker", at=at + timedelta(minutes=10), visit=visit)
    nadir = Episode(at, at + timedelta(days=9), at + timedelta(days=16))
    chart.body.swell(nadir, {"leukocytes": 0.45, "platelets": 0.6})
    chart.perform("infusion", at=at + timedelta(hours=1), visit=visit, hours=4.5)
    hour = 1.0
    for name in (*_PREMEDICATION, *line.drugs):
        ordered = prescribe(
            chart, name, at=at + timedelta(minutes=30), visit=visit, until=visit.end
        )
        neuropathy = name == "oxaliplatin" and cycle > 9
        given = at + timedelta(minutes=round(hour * 60))
        if neuropathy:
            withhold(chart, ordered, at=given, why="Neuropathy grade 2, oxaliplatin omitted")
        else:
            give(chart, ordered, at=given, hours=0.7)
        hour += 0.75
    words = {"cycle": cycle, "regimen": line.name, "toxicity": chart.rng.choice(_TOXICITY)}
    note(chart, "oncology_cycle", at=at + timedelta(hours=6), visit=visit, **words)


def _restage(chart: Chart, at: datetime, weeks: int) -> None:
    _stage(chart, at, "Liver metastases smaller than before (19 and 11 mm). No new lesions.")
    visit = chart.visit(_ENDOSCOPY, start=at + timedelta(days=3))
    words = {"weeks": weeks, "response": "partial response", "cea": chart.last("cea")}
    soon = visit.start + timedelta(minutes=20)
    note(chart, "oncology_response", at=soon, visit=visit, plan="Continue.", **words)


def _progress(chart: Chart, at: datetime) -> None:
    _stage(chart, at, "New liver lesion in segment VI, 17 mm; known lesions larger. Progression.")
    visit = chart.visit(_ENDOSCOPY, start=at + timedelta(days=3))
    vital(chart, "performance_status", at=visit.start + timedelta(minutes=5), visit=visit, level=1)
    words = {"weeks": 52, "response": "progression", "cea": chart.last("cea")}
    soon = visit.start + timedelta(minutes=20)
    plan = "Second line: FOLFIRI and bevacizumab."
    note(chart, "oncology_response", at=soon, visit=visit, plan=plan, **words)
