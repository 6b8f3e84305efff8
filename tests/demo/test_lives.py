"""Lives are coherent and the same for a seed: properties over many of them."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.demo import TODAY, ImpossibleHospital, Life, lives
from vitruvian.demo.chart.horizon import _HAPPENED
from vitruvian.demo.mix import FIRST, STORIES, live

NOW = datetime.combine(TODAY, time(12), tzinfo=UTC)
NUMBERS = st.integers(1, 9_999_999)
SEEDS = st.integers(0, 99)
few = settings(max_examples=40, deadline=None)


@cache
def many_lives() -> tuple[Life, ...]:
    return tuple(lives(1, 200))


@cache
def first_lives() -> tuple[Life, ...]:
    return many_lives()[:60]


def lives_with(story: str) -> list[Life]:
    return [life for life in first_lives() if story in life.storylines]


def facts_of(life: Life) -> Iterable[Any]:
    for field in fields(life):
        shelf = getattr(life, field.name)
        if isinstance(shelf, tuple) and field.name != "storylines":
            yield from shelf


def instants_of(fact: Any) -> list[datetime]:
    values = [getattr(fact, field.name) for field in fields(fact)]
    return [value for value in values if isinstance(value, datetime)]


def series(life: Life, name: str) -> list[tuple[datetime, float]]:
    return [(one.time, float(one.value)) for one in life.measurements if one.concept.text == name]


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("seed", [-1, 100])
def test_lives__refuse_a_seed_outside_the_record_numbers(seed: int) -> None:
    with pytest.raises(ImpossibleHospital, match="0 to 99"):
        lives(seed, 1)


@pytest.mark.parametrize("patients", [0, -3, 10_000_000])
def test_lives__refuse_an_impossible_number_of_patients(patients: int) -> None:
    with pytest.raises(ImpossibleHospital, match="number of patients"):
        lives(1, patients)


# ---------------------------------------------------------------- the same for a seed


@few
@given(seed=SEEDS, number=NUMBERS)
def test_life__is_the_same_twice(seed: int, number: int) -> None:
    once = live(seed=seed, number=number, until=TODAY)
    assert once == live(seed=seed, number=number, until=TODAY)


def test_life__does_not_depend_on_how_many_are_made() -> None:
    assert list(lives(3, 2)) == list(itertools.islice(lives(3, 50), 2))


def test_lives__of_another_seed_are_others() -> None:
    assert next(lives(1, 1)).person != next(lives(2, 1)).person


def test_identifiers__never_repeat() -> None:
    people = [life.person for seed in (1, 2) for life in lives(seed, 60)]
    assert len({person.mrn for person in people}) == len(people)
    assert len({person.insurance_number for person in people}) == len(people)


def test_lives__are_not_kept_in_memory() -> None:
    told = lives(1, 150)
    for _ in itertools.islice(told, 40):
        pass  # lists and caches fill
    tracemalloc.start()
    for _ in itertools.islice(told, 40):
        pass
    before = tracemalloc.get_traced_memory()[0]
    for _ in told:
        pass
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 300_000


# ---------------------------------------------------------------- who is there


def test_first_thirty__tell_every_storyline() -> None:
    told = [life.storylines[0] for life in lives(5, 30)]
    assert told == [story for story, _ in FIRST]
    assert set(told) == set(STORIES)


def test_patients_in_hospital_today__have_an_open_stay() -> None:
    open_wards = {
        life.number: [stay.ward for stay in visit.stays if stay.end is None]
        for life in first_lives()[:30]
        for visit in life.encounters
        if visit.end is None
    }
    assert open_wards == {2: ["medicine"], 11: ["intensive"], 15: ["isolation"]}


def test_today__can_be_another_day() -> None:
    earlier = date(2024, 2, 1)
    life = live(seed=1, number=5, until=earlier)
    last = datetime.combine(earlier, time(12), tzinfo=UTC)
    assert max(one.known_at for one in life.measurements) <= last


# ---------------------------------------------------------------- clocks


@few
@given(seed=SEEDS, number=NUMBERS)
def test_nothing__is_known_before_it_happened(seed: int, number: int) -> None:
    life = live(seed=seed, number=number, until=TODAY)
    facts: list[Any] = [*life.measurements, *life.reports, *life.documents]
    assert all(fact.known_at >= fact.time for fact in facts)


@few
@given(seed=SEEDS, number=NUMBERS)
def test_nothing__happens_after_today(seed: int, number: int) -> None:
    life = live(seed=seed, number=number, until=TODAY)
    assert all(moment <= NOW for fact in facts_of(life) for moment in instants_of(fact))


@few
@given(seed=SEEDS, number=NUMBERS)
def test_nothing__happens_before_birth(seed: int, number: int) -> None:
    life = live(seed=seed, number=number, until=TODAY)
    born = datetime.combine(life.person.born, time(), tzinfo=UTC)
    assert all(moment >= born for fact in facts_of(life) for moment in instants_of(fact))


def test_nothing__happens_after_death_but_a_late_result_may_arrive() -> None:
    dead = [life for life in many_lives() if life.person.died is not None]
    assert len(dead) >= 3
    for life in dead:
        died = life.person.died or NOW
        for fact in facts_of(life):
            late = getattr(fact, "known_at", None)
            assert all(moment <= died for moment in instants_of(fact) if moment != late)


@few
@given(seed=SEEDS, number=NUMBERS)
def test_encounter__starts_before_what_happens_in_it(seed: int, number: int) -> None:
    life = live(seed=seed, number=number, until=TODAY)
    starts = {visit.id: visit.start for visit in life.encounters}
    for fact in facts_of(life):
        encounter = getattr(fact, "encounter", None)
        if encounter is not None:
            assert getattr(fact, _HAPPENED[type(fact)]) >= starts[encounter]


def test_laboratory__takes_hours_and_notes_are_signed_later() -> None:
    for life in first_lives():
        results = [one for one in life.measurements if one.specimen]
        assert all(one.known_at - one.time >= timedelta(minutes=2) for one in results)
        assert all(note.known_at > note.time for note in life.documents)


def test_stays__follow_one_another_within_the_encounter() -> None:
    for life in first_lives():
        for visit in life.encounters:
            assert visit.stays[0].start == visit.start
            assert visit.stays[-1].end == visit.end
            for left, entered in itertools.pairwise(visit.stays):
                assert left.end == entered.start


# ---------------------------------------------------------------- medicine


def test_warfarin__raises_the_inr_only_while_it_is_taken() -> None:
    week = timedelta(days=10)
    for life in lives_with("atrial_fibrillation"):
        order = next(one for one in life.prescriptions if one.drug.text == "Warfarin")
        stop = order.stop or NOW
        values = series(life, "INR")
        before = [value for at, value in values if at <= order.start]
        during = [value for at, value in values if order.start + week < at < stop]
        assert all(value < 1.5 for value in before)
        assert all(value > 1.5 for value in during)
        assert any(value > 3.5 for value in during)  # the bleed


def test_metformin__lowers_hba1c() -> None:
    for life in lives_with("diabetes"):
        order = next(one for one in life.prescriptions if one.drug.text == "Metformin")
        values = series(life, "HbA1c")
        before = [value for at, value in values if at <= order.start]
        after = [value for at, value in values if at > order.start + timedelta(days=100)]
        assert min(before) > max(after[:1], default=0)
        assert min(before) >= 6.5  # WHO 2011: the diagnosis needs it


def test_nobody_else__has_an_inr_above_three() -> None:
    for life in first_lives():
        if not {"atrial_fibrillation"} & set(life.storylines):
            assert all(value < 3 for _, value in series(life, "INR"))


def test_sepsis__raises_lactate_and_creatinine_and_both_fall_again() -> None:
    home = [life for life in lives_with("sepsis") if life.number not in {2, 11}]
    assert home
    for life in home:
        lactate = [value for _, value in series(life, "Lactate")]
        assert max(lactate) > 4
        assert lactate[-1] < max(lactate) / 1.5
        creatinine = [value for _, value in series(life, "Creatinine")]
        assert max(creatinine) > 2 * creatinine[0] or len(creatinine) < 3


def test_egfr__follows_the_printed_creatinine() -> None:
    for life in first_lives():
        for at, value in series(life, "Creatinine"):
            rates = [rate for when, rate in series(life, "eGFR (CKD-EPI 2021)") if when == at]
            if value > 200:
                assert rates
                assert rates[0] < 45


def test_hypothyroidism__is_found_by_a_high_tsh_and_treated() -> None:
    found = 0
    for life in many_lives():
        for order in life.prescriptions:
            if order.drug.text == "Levothyroxine":
                values = series(life, "TSH")
                assert max(value for at, value in values if at <= order.start) > 4.2
                later = [at for at, _ in values if at > order.start + timedelta(days=90)]
                assert all(value < 4.2 for at, value in values if at in later)
                found += 1
    assert found >= 3


def test_cancer__lowers_cea_under_treatment() -> None:
    values = [value for _, value in series(first_lives()[0], "CEA")]
    assert min(values) < values[0] / 3
    assert values[-1] > 2 * min(values)  # progression


def test_dead_patients__get_no_discharge_home() -> None:
    for life in many_lives():
        for visit in life.encounters:
            if life.person.died is not None and visit.end == life.person.died:
                assert visit.discharged_to == "exp"


def test_blood_pressure__is_higher_while_the_heart_contracts() -> None:
    for life in first_lives():
        for one in life.measurements:
            if one.components:
                systolic, diastolic = (int(part.value) for part in one.components)
                assert systolic > diastolic


def test_interpretation__agrees_with_the_printed_limits() -> None:
    for life in first_lives():
        for one in life.measurements:
            if one.low and one.value:
                value, low, high = float(one.value), float(one.low), float(one.high)
                side = "L" if value < low else "H" if value > high else "N"
                assert one.interpretation[0] == side


def test_doses__given_or_withheld_belong_to_a_prescription() -> None:
    for life in first_lives():
        orders = {order.id: order.start for order in life.prescriptions}
        for dose in life.administrations:
            assert dose.prescription in orders
            assert bool(dose.why_not) == (dose.status == "not-done")


def test_vaccination_plan__gives_doses_in_order() -> None:
    for life in lives_with("childhood"):
        by_vaccine: dict[str, list[int]] = {}
        for vaccine in life.immunisations:
            by_vaccine.setdefault(vaccine.vaccine.text, []).append(vaccine.dose_number)
        assert all(doses == sorted(doses) for doses in by_vaccine.values())


def test_pregnancy__ends_with_birth_or_goes_on() -> None:
    for life in lives_with("pregnancy"):
        condition = next(one for one in life.conditions if one.concept.text == "Pregnancy")
        answers = [
            one.finding.text
            for one in life.measurements
            if one.concept.text == "Pregnancy status" and one.finding
        ]
        assert answers[0] == "Pregnant"
        if condition.abated is not None and condition.abated < NOW - timedelta(days=2):
            assert answers[-1] == "Not pregnant"


def test_check_digit__of_the_record_number_is_luhn() -> None:
    for life in first_lives():
        digits = life.person.mrn.removeprefix("VH-").replace("-", "")
        doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
        assert sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def test_allergy__is_not_contradicted_by_what_is_given() -> None:
    for life in many_lives():
        allergies = {one.concept.text for one in life.allergies}
        drugs = {one.drug.text for one in life.prescriptions}
        if "Allergy to penicillin" in allergies:
            assert not drugs & {"Amoxicillin", "Piperacillin and tazobactam"}
        if any("contrast" in words for words in allergies):
            assert not life.imaging


def test_slips__are_charted_in_error_and_never_count() -> None:
    weights = [
        one
        for life in many_lives()
        for one in life.measurements
        if one.concept.text == "Body weight"
    ]
    wrong = [one for one in weights if one.status == "entered-in-error"]
    assert wrong
    assert all(float(one.value) < 250 for one in weights if one.status == "final")


def test_some_results__are_corrected_by_the_laboratory() -> None:
    statuses = {one.status for life in first_lives() for one in life.measurements if one.specimen}
    assert statuses == {"final", "corrected"}
