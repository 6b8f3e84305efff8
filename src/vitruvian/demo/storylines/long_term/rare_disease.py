"""A rare disease: Marfan syndrome or Fabry disease, with features as HPO terms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import concept
from vitruvian.demo.chart import (
    Finding,
    Plan,
    bedside,
    echo,
    give,
    lab,
    note,
    prescribe,
    refill,
    single_test,
    withhold,
)
from vitruvian.demo.life import Coding

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart
    from vitruvian.demo.life import Encounter

_GENETICS = Plan("complaint", (("clinic", 1.5),), "mensah")
_CLINIC = Plan("follow_up", (("clinic", 1.0),), "brandt")
_INFUSION = Plan("day_clinic", (("clinic", 4.0),), "mensah")
_ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_MARFAN = ("aortic_dilatation", "arachnodactyly", "tall_stature", "ectopia_lentis", "scoliosis")
_FABRY = ("acroparesthesia", "anhidrosis", "angiokeratoma", "proteinuria")


def tell(chart: Chart) -> None:
    """Tell Marfan syndrome or, in men, sometimes Fabry disease."""
    first = chart.days_ago(shortest=400, longest=2200)
    if chart.person.sex == "male" and chart.rng.random() < 0.5:
        _fabry(chart, first)
    else:
        _marfan(chart, first)


def _marfan(chart: Chart, first: datetime) -> None:
    tall = (
        chart.rng.uniform(190, 202) if chart.person.sex == "male" else chart.rng.uniform(180, 190)
    )
    chart.body.set_baseline("height", tall)
    chart.body.set_baseline("weight", chart.rng.uniform(18, 21) * (tall / 100) ** 2)
    chart.body.set_baseline("aortic_root", chart.rng.uniform(40, 45))
    chart.body.shift("aortic_root", start=first, over=timedelta(days=2200), factor=1.09)
    visit = _consult(chart, first, ("marfan", _MARFAN, "FBN1 c.4082G>A p.(Cys1361Tyr)"))
    father = Coding(_ROLES, "FTH", "father")
    at = first + timedelta(minutes=30)
    chart.relate(father, at=at, affected="marfan", onset=41)
    chart.relate(
        Coding(_ROLES, "MTH", "mother"),
        at=at,
        affected=None,
        note="No family history of Marfan syndrome",
    )
    refill(chart, prescribe(chart, "losartan", at=first + timedelta(minutes=80), visit=visit))
    year = first + timedelta(days=365)
    while year < chart.now:
        year = chart.office(year)
        back = chart.visit(_CLINIC, start=year)
        bedside(chart, "visit", at=year + timedelta(minutes=5), visit=back)
        echo(chart, at=year + timedelta(minutes=25), visit=back)
        year += timedelta(days=365) + chart.jitter(-400, 400)


def _fabry(chart: Chart, first: datetime) -> None:
    body = chart.body
    body.set_baseline("alpha_galactosidase", chart.rng.uniform(0.4, 2.2))
    body.set_baseline("urine_albumin_creatinine", chart.rng.uniform(120, 700))
    body.set_baseline("wall_thickness", chart.rng.uniform(12, 15))
    body.shift("creatinine", start=first, over=timedelta(days=2500), factor=1.35)
    visit = _consult(chart, first, ("fabry", _FABRY, "GLA c.679C>T p.(Arg227Ter)"))
    uncle = Coding(_ROLES, "MUNCLE", "maternal uncle")
    chart.relate(uncle, at=first + timedelta(minutes=30), affected="fabry", onset=44, died=52)
    at = first + timedelta(days=45)
    ordered = prescribe(chart, "agalsidase beta", at=first + timedelta(days=38), visit=visit)
    while at < chart.now:
        _infuse(chart, at, ordered=ordered.drug.text)
        at += timedelta(days=14) + chart.jitter(-5, 5)


def _consult(chart: Chart, first: datetime, what: tuple[str, tuple[str, ...], str]) -> Encounter:
    disease, features, variant = what
    visit = chart.visit(_GENETICS, start=first)
    bedside(chart, "visit", at=first + timedelta(minutes=5), visit=visit)
    echo(chart, at=first + timedelta(minutes=20), visit=visit)
    drawn = first + timedelta(minutes=40)
    if disease == "fabry":
        for key in ("enzyme", "urine", "chemistry"):
            lab(chart, key, at=drawn, visit=visit)
    gene = "fibrillin_gene" if disease == "marfan" else "alpha_galactosidase_gene"
    single_test(chart, Finding(gene, words=variant), at=drawn, visit=visit, hours=(300, 700))
    seen = [one for one in features if chart.rng.random() < 0.8]
    for one in seen:
        chart.diagnose(f"features.{one}", at=first + timedelta(minutes=50), visit=visit)
    _conclude(chart, first + timedelta(days=36), (disease, seen, variant))
    return visit


def _conclude(chart: Chart, at: datetime, what: tuple[str, list[str], str]) -> None:
    disease, seen, variant = what
    visit = chart.visit(_GENETICS, start=at)
    chart.diagnose(disease, at=at + timedelta(minutes=10), visit=visit)
    words = {
        "features": ", ".join(concept(f"features.{one}").text.lower() for one in seen),
        "root": chart.last("aortic_root"),
        "activity": chart.last("alpha_galactosidase"),
        "variant": variant,
    }
    note(chart, disease, at=at + timedelta(minutes=50), visit=visit, **words)


def _infuse(chart: Chart, at: datetime, *, ordered: str) -> None:
    at = chart.office(at) - timedelta(hours=2)
    visit = chart.visit(_INFUSION, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=5), visit=visit)
    dose = prescribe(
        chart, ordered.lower(), at=at + timedelta(minutes=8), visit=visit, until=visit.end
    )
    if chart.rng.random() < 0.04:
        withhold(chart, dose, at=at + timedelta(minutes=30), why="Fever, infusion postponed")
    else:
        give(chart, dose, at=at + timedelta(minutes=30), hours=2.5)
    if chart.rng.random() < 0.15:
        lab(chart, "renal", at=at + timedelta(minutes=12), visit=visit)
        lab(chart, "urine", at=at + timedelta(minutes=12), visit=visit)
