"""Medicines: dose, route, frequency, and what was done."""

from __future__ import annotations

import pytest

from tests.derive.reading import quoted, read, read_in


@pytest.mark.parametrize(
    "text, number, unit, words",
    [
        ("Metformin 500 mg p.o. b.i.d.", 500.0, "mg", "500 mg p.o. b.i.d"),
        ("Levothyroxine 25 mcg daily", 25.0, "ug", "25 mcg daily"),
        ("insulin glargine 14 units at bedtime", 14.0, "U", "14 units at bedtime"),
        (
            "heparin 5,000 units subcutaneously every 8 hours",
            5000.0,
            "U",
            "5,000 units subcutaneously every 8 hours",
        ),
        ("given 25 mg of Phenergan IV", 25.0, "mg", "25 mg iv"),
        ("Seroquel 100 mg, 1 p.o. twice a day", 100.0, "mg", "100 mg p.o. twice a day"),
        ("K-Dur 10-mEq once a day", 10.0, "meq", "10-meq once a day"),
        ("clopidogrel (Plavix) 75 mg daily", 75.0, "mg", "75 mg daily"),
        ("lisinopril was increased from 10 mg to 20 mg daily", 20.0, "mg", "20 mg daily"),
        ("dexmedetomidine at 0.4 mcg/kg/hr", 0.4, "ug/kg/h", "0.4 mcg/kg/hr"),
        ("dobutamine was 30 mcg/kg per minute", 30.0, "ug/kg/min", "30 mcg/kg per minute"),
        ("Cytoxan 0.75gm/m2", 0.75, "g/m2", "0.75gm/m2"),
        ("docetaxel 75 mg/m² IV", 75.0, "mg/m2", "75 mg/m² iv"),
        ("amlodipine five milligrams daily", 5.0, "mg", "five milligrams daily"),
        ("two puffs of albuterol every 4 hours", 2.0, "{puff}", "two puffs every 4 hours"),
        ("Bactrim DS one tablet twice a day", 1.0, "{tablet}", "one tablet twice a day"),
        ("Seretide 250 two puffs bd", 2.0, "{puff}", "two puffs bd"),
        ("Digoxin .125 mg daily", 0.125, "mg", ".125 mg daily"),
        ("a 500 mg dose of azithromycin", 500.0, "mg", "500 mg"),
        ("prednisone from 20 mg to 15 mg daily", 15.0, "mg", "15 mg daily"),
        ("lisinopril increased 10 to 20 mg daily", 20.0, "mg", "20 mg daily"),
        ("Prednisone taper: 40 mg daily", 40.0, "mg", "40 mg daily"),
    ],
)
def test_dose(text: str, number: float, unit: str, words: str) -> None:
    (found,) = read("medicines", text)
    assert (found.numeric_value, found.unit, found.dose_text) == (number, unit, words)


@pytest.mark.parametrize(
    "text",
    [
        "Takes aspirin. Weight 80 mg",
        "aspirin and then 40 mg",
        "Vitamin K, 2 units of red cells",
        "Started 3L regorafenib in May.",
        "Docetaxel 2L.",
    ],
)
def test_number_of_something_else__is_no_dose(text: str) -> None:
    assert read("medicines", text)[0].numeric_value is None


@pytest.mark.parametrize(
    "text",
    [
        "digoxin 1.2 ng/mL",
        "lithium level 0.8 mmol/L",
        "Vitamin D 18 nmol/L",
        "ALLERGIES: lisinopril, codeine.",
        "Allergic to amoxicillin.",
        "Cephalexin: hives.",
    ],
)
def test_result_or_allergy__is_no_medicine(text: str) -> None:
    assert read("medicines", text) == []


@pytest.mark.parametrize(
    "text, act, state",
    [
        ("Start metformin 500 mg twice a day.", "ordered", None),
        ("She was given ondansetron.", "administered", None),
        ("She takes warfarin.", "reported", None),
        ("Warfarin was discontinued.", "reported", "stopped"),
        (
            "After discussion warfarin is stopped and apixaban 5 mg twice a day is started.",
            "reported",
            "stopped",
        ),
        ("Consider pembrolizumab.", "planned", None),
        ("Lisinopril 25 mg stopped, potassium 6.1.", "reported", "stopped"),
        ("Lipitor 80 mg nightly - new", "ordered", None),
        ("PLAN: doxycycline 200 mg daily.", "ordered", None),
        ("Ciprofloxacin 500 mg twice daily if cultures are positive.", "planned", None),
        ("Lorazepam 4 mg IV with effect.", "administered", None),
        ("Lorazepam 4 mg IV q6h.", "reported", None),
        ("Gabapentin 300 mg three times a day was discontinued.", "reported", "stopped"),
        ("Decrease prednisone to 15 mg daily.", "ordered", None),
        ("Paracetamol 1 g up to four times a day.", "reported", None),
        ("Depo-Medrol 80 mg injected into the knee.", "administered", None),
    ],
)
def test_act(text: str, act: str, state: str | None) -> None:
    found = read("medicines", text)[0]
    assert (found.act, found.state) == (act, state)


def test_change__stops_one_medicine_and_begins_another() -> None:
    before, after = read("medicines", "Changed Lipitor to rosuvastatin 20 mg daily.")
    assert (before.state, after.act) == ("stopped", "ordered")


@pytest.mark.parametrize("said", ["Not taking her", "Never started", "He did not take"])
def test_what_was_not_taken__is_told_and_denied(said: str) -> None:
    (found,) = read("medicines", f"{said} simvastatin 40 mg.")
    assert (found.act, found.context.polarity) == ("reported", "negated")


def test_as_needed__says_nothing_of_the_next_medicine() -> None:
    _, after = read("medicines", "Ativan 1 mg as needed, Ambien 10 mg q.h.s.")
    assert after.act == "reported"


def test_stopped__ends_at_the_next_medicine() -> None:
    before, after = read("medicines", "Meropenem stopped, ceftriaxone 2 g daily.")
    assert (before.state, after.state) == ("stopped", None)


def test_list__keeps_each_dose_with_its_medicine() -> None:
    text = "MEDICATIONS: 1. Actos 30 mg daily. 2. Lipitor 10 mg at bedtime. 3. Plavix. 4. Coreg 6.25 mg."
    doses = [(f.code_text, f.numeric_value) for f in read("medicines", text)]
    assert doses == [
        ("pioglitazone", 30.0), ("atorvastatin", 10.0), ("clopidogrel", None), ("carvedilol", 6.25),
    ]  # fmt: skip


def test_two_in_one_tablet__each_have_their_own_dose() -> None:
    second = read("medicines", "oxycodone/acetaminophen 5/325 mg")[1]
    assert (second.code_text, second.numeric_value) == ("paracetamol", 325.0)


def test_span__holds_name_and_dose() -> None:
    ((words, _),) = quoted("medicines", "On Coumadin  5 mg every evening.")
    assert words == "Coumadin  5 mg"


def test_brand__has_the_code_of_its_ingredient() -> None:
    assert read("medicines", "Coumadin")[0].code == read("medicines", "warfarin")[0].code


@pytest.mark.parametrize(
    "text, number, unit",
    [
        ("NS 1 L IV.", 1.0, "L"),
        ("Symbicort 200/6 2 puffs bd.", 2.0, "{puff}"),
        ("Movicol 1 sachet bd.", 1.0, "sachet"),
        ("Hartmann's 1 litre over 4 hours.", 1.0, "L"),
        ("1L normal saline bolus", 1.0, "L"),
        ("Drank 4 liters of polyethylene glycol.", 4.0, "L"),
    ],
)
def test_dose__in_volumes_and_in_pieces(text: str, number: float, unit: str) -> None:
    (found,) = read("medicines", text)
    assert (found.numeric_value, found.unit) == (number, unit)


def test_name__that_is_another_word_needs_capitals_and_a_dose() -> None:
    assert read("medicines", "The difference was ns. P 0.2, NS.") == []


@pytest.mark.parametrize(
    "language, text", [("nb", "Fikk 0 mg. Og g paracetamol."), ("fr", "Quelques g de paracétamol.")]
)
def test_unit_without_a_number__is_no_dose(language: str, text: str) -> None:
    (found,) = read_in(language, "medicines", text)
    assert found.numeric_value is None
