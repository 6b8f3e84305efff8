"""An adult's ordinary record: check-ups, blood pressure, cholesterol, colds, vaccines.

Told alone it is a healthy life; it is also the background of every other adult storyline.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import concept, drug
from vitruvian.demo.chart import (
    Plan,
    answer,
    bedside,
    lab,
    note,
    prescribe,
    refill,
    reports_taking,
    vital,
)
from vitruvian.demo.life import (
    Allergy,
    Condition,
    Consent,
    Encounter,
    ImagingStudy,
    Immunisation,
    Prescription,
    Team,
)

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart

_PENICILLINS = ("amoxicillin", "piperacillin and tazobactam")
_CHECK_UP = Plan("check_up", (("clinic", 0.5),), "ito")
_COMPLAINT = Plan("complaint", (("clinic", 0.4),), "ito")
_COMPLAINTS = {"pharyngitis": "paracetamol", "bronchitis": "salbutamol", "back_pain": "ibuprofen"}


def tell(chart: Chart) -> None:
    """Tell an adult's ordinary years in this hospital."""
    set_build(chart, lowest=19.5, highest=33.0)
    years = chart.rng.randint(2, 6) if chart.storylines == ["healthy"] else chart.rng.randint(1, 3)
    first = chart.days_ago_free(shortest=years * 365, longest=years * 365 + 300)
    smoking = chart.rng.choices(
        ["never_smoked", "former_smoker", "smokes_daily"], weights=[58, 25, 17]
    )[0]
    _long_term_drugs(chart, first)
    _allergy(chart, first)
    _papers(chart, first)
    for year in range(years + 1):
        at = chart.office(first + timedelta(days=year * 365) + chart.jitter(0, 400))
        if not _gravely_ill(chart, at):
            _check_up(chart, at, first_one=year == 0, smoking=smoking)
        later = chart.office(at + chart.jitter(800, 6000))
        if chart.rng.random() < 0.35 and not _gravely_ill(chart, later):
            _complain(chart, later)


def _gravely_ill(chart: Chart, at: datetime) -> bool:
    """Tell whether the patient is in hospital, just home again, or treated for cancer."""
    near = timedelta(days=30)
    cancer = concept("problems.colon_cancer")
    stays = [one for one in chart.facts[Encounter] if one.setting == "IMP" and one.end]
    found = [one for one in chart.facts[Condition] if one.concept is cancer]
    return any(one.start - near <= at <= one.end + near for one in stays) or any(
        at > one.recorded - 2 * near for one in found
    )


def set_build(chart: Chart, *, lowest: float, highest: float) -> None:
    """Fix height and weight once, from a body mass index between two bounds."""
    if "weight" in chart.body.baselines:
        return
    mean = 165 if chart.person.sex == "female" else 178
    height_cm = max(145.0, min(208.0, chart.rng.gauss(mean, 6.5)))
    chart.body.set_baseline("height", height_cm)
    bmi = chart.rng.triangular(lowest, highest)
    chart.body.set_baseline("weight", bmi * (height_cm / 100) ** 2)


def _check_up(chart: Chart, at: datetime, *, first_one: bool, smoking: str) -> None:
    visit = chart.visit(_CHECK_UP, start=at)
    soon = at + timedelta(minutes=6)
    bedside(chart, "visit", at=soon, visit=visit)
    if first_one:
        _measure_height(chart, soon, visit)
        answer(chart, "smoking", smoking, at=soon, visit=visit)
    drawn = at + timedelta(minutes=18)
    lab(chart, "chemistry", at=drawn, visit=visit)
    lab(chart, "blood_count", at=drawn, visit=visit)
    if "tsh" in chart.body.baselines:
        lab(chart, "thyroid", at=drawn, visit=visit)
    if chart.rng.random() < 0.5:
        lab(chart, "lipids", at=drawn, visit=visit)
    if first_one and chart.age_at(at) > 75 and chart.rng.random() < 0.4:
        wish = chart.rng.choice(["resuscitate", "resuscitate", "do_not_resuscitate"])
        answer(chart, "code_status", wish, at=soon, visit=visit)
    if chart.age_at(at) > 60 and chart.rng.random() < 0.3:
        vital(chart, "low_mood_score", at=soon, visit=visit)
    words = concept(f"answers.{smoking}").text.lower()
    note(chart, "check_up", at=at + timedelta(minutes=25), visit=visit, smoking=words)
    if chart.rng.random() < 0.5:
        vaccinate(chart, "influenza", at=at + timedelta(minutes=27), visit=visit)


def _measure_height(chart: Chart, at: datetime, visit: Encounter) -> None:
    vital(chart, "height", at=at, visit=visit)
    metres = chart.body.baselines["height"] / 100
    vital(chart, "bmi", at=at, visit=visit, level=chart.body.baselines["weight"] / metres**2)


def vaccinate(
    chart: Chart, vaccine: str, *, at: datetime, visit: Encounter, dose: int | None = 1
) -> None:
    """Write a vaccine given; no dose means that it was refused."""
    chart.write(
        Immunisation(
            chart.next_id("vaccine"),
            concept(f"vaccines.{vaccine}"),
            at,
            dose or 0,
            f"L{chart.rng.randrange(100_000):05d}",
            "completed" if dose else "not-done",
            visit.id,
        )
    )


def _complain(chart: Chart, at: datetime) -> None:
    problem = chart.rng.choice(sorted(_COMPLAINTS))
    visit = chart.visit(_COMPLAINT, start=at)
    over = at + timedelta(days=chart.rng.randrange(5, 21))
    bedside(chart, "visit", at=at + timedelta(minutes=5), visit=visit)
    chart.diagnose(
        problem,
        at=at + timedelta(minutes=10),
        visit=visit,
        abated=over,
        category="encounter-diagnosis",
    )
    name = _COMPLAINTS[problem]
    ordered = prescribe(chart, name, at=at + timedelta(minutes=12), visit=visit, until=over)
    refill(chart, ordered, days=14)
    words = {"complaint": concept(f"problems.{problem}").text.lower(), "drug": name}
    note(chart, "complaint", at=at + timedelta(minutes=15), visit=visit, days=3, **words)


def _long_term_drugs(chart: Chart, first: datetime) -> None:
    age = chart.age_at(first)
    if chart.rng.random() < (age - 35) / 90:
        _treat(chart, first, ("hypertension", chart.rng.choice(["ramipril", "amlodipine"])))
        _raise_pressure(chart, first)
    if chart.rng.random() < (age - 35) / 120:
        _treat(chart, first, ("hyperlipidaemia", "atorvastatin"))
        chart.body.set_baseline("ldl", chart.rng.uniform(3.6, 5.2))
        chart.body.shift("ldl", start=first, over=timedelta(days=35), factor=0.55)
        chart.body.shift("cholesterol", start=first, over=timedelta(days=35), factor=0.75)
    if chart.person.sex == "female" and chart.rng.random() < 0.07:
        chart.body.set_baseline("tsh", chart.rng.uniform(9, 18))
        start = first + timedelta(days=41)
        chart.body.shift("tsh", start=start, over=timedelta(days=60), factor=0.14)
        _treat(chart, first, ("hypothyroidism", "levothyroxine"))
    if chart.rng.random() < 0.15:
        reports_taking(
            chart, "ibuprofen", since=(first - timedelta(days=200)).date(), asserted=first
        )


def _raise_pressure(chart: Chart, first: datetime) -> None:
    years_before, month = first - timedelta(days=700), timedelta(days=30)
    for key in ("systolic", "diastolic"):
        rise = chart.rng.uniform(1.18, 1.34)
        chart.body.shift(key, start=years_before, over=20 * month, factor=rise)
        chart.body.shift(key, start=first + month, over=month, factor=0.84)


def _treat(chart: Chart, first: datetime, what: tuple[str, str]) -> None:
    problem, name = what
    at = chart.office(first + timedelta(days=chart.rng.randrange(9, 40)))
    visit = chart.visit(_COMPLAINT, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=4), visit=visit)
    reason = chart.diagnose(problem, at=at + timedelta(minutes=9), visit=visit)
    if problem == "hypothyroidism":
        lab(chart, "thyroid", at=at + timedelta(minutes=11), visit=visit)
    ordered = prescribe(chart, name, at=at + timedelta(minutes=14), visit=visit, reason=reason)
    refill(chart, ordered)


def _allergy(chart: Chart, at: datetime) -> None:
    drawn = chart.rng.random()
    if drawn > 0.75:
        return  # never asked: the record says nothing
    kind = chart.rng.choice(_tolerable(chart)) if drawn > 0.6 else "none"
    severe = kind == "peanut"
    reaction = concept(f"reactions.{'anaphylaxis' if severe else 'rash'}")
    chart.write(
        Allergy(
            id=chart.next_id("allergy"),
            concept=concept(f"allergies.{kind}"),
            recorded=at + timedelta(minutes=7),
            criticality="" if kind == "none" else ("high" if severe else "low"),
            reaction=None if kind == "none" else reaction,
            none_known=kind == "none",
        )
    )


def _tolerable(chart: Chart) -> list[str]:
    """Give the allergies that what was already given does not contradict."""
    given = {one.drug.text for one in chart.facts[Prescription]}
    penicillins = {drug(name).concept.text for name in _PENICILLINS}
    kinds = ["peanut", "latex"]
    kinds += [] if given & penicillins else ["penicillin"]
    return kinds + ([] if chart.facts[ImagingStudy] else ["contrast"])


def _papers(chart: Chart, at: datetime) -> None:
    if chart.rng.random() < 0.2:
        decision = chart.rng.choice(["permit", "permit", "deny"])
        chart.write(Consent(chart.next_id("consent"), "research", decision, at, "active"))
    if len(chart.storylines) > 1 or chart.storylines != ["healthy"]:
        members = ("ito", chart.rng.choice(["brandt", "rahman", "okonkwo"]))
        chart.write(Team(chart.next_id("team"), "Long-term care team", at, members))
    if chart.age_at(at) > 78:
        chart.warn("fall_risk", start=at)
