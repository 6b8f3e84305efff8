"""Procedures: done, planned, never done, a relative's."""

from __future__ import annotations

import pytest

from tests.derive.reading import read


@pytest.mark.parametrize(
    "text", ["She underwent a long journey.", "No operations.", "A plan for tomorrow."]
)
def test_other_words__are_no_procedure(text: str) -> None:
    assert read("procedures", text) == []


@pytest.mark.parametrize(
    "text, name, act, polarity",
    [
        ("Status post appendectomy.", "Appendectomy", "reported", "affirmed"),
        ("Scheduled for colonoscopy.", "Colonoscopy", "planned", "affirmed"),
        ("We recommend a lumbar puncture.", "Lumbar puncture", "planned", "affirmed"),
        ("No prior CABG.", "Coronary artery bypass graft", "reported", "negated"),
        ("Bronchoscopy was done twice.", "Bronchoscopy", "reported", "affirmed"),
        ("PLAN: MRI brain in six weeks.", "Magnetic resonance imaging", "planned", "affirmed"),
        ("If it grows, biopsy.", "Biopsy", "planned", "affirmed"),
        ("CXR clear.", "Chest X-ray", "reported", "affirmed"),
        ("THR 2015.", "Hip replacement", "reported", "affirmed"),
        ("Laser lithotripsy booked for May.", "Ureteroscopy", "planned", "affirmed"),
        ("CT chest requested.", "Computed tomography", "planned", "affirmed"),
        ("Colonoscopy as planned last week.", "Colonoscopy", "reported", "affirmed"),
        ("Awaiting rotator cuff repair.", "Rotator cuff repair", "planned", "affirmed"),
        ("Never had an epidural injection.", "Spinal injection", "reported", "negated"),
    ],
)
def test_procedure__is_done_planned_or_denied(
    text: str, name: str, act: str, polarity: str
) -> None:
    found = read("procedures", text)
    assert [(f.code_text, f.act, f.context.polarity) for f in found] == [(name, act, polarity)]


def test_status_post__is_past() -> None:
    (found,) = read("procedures", "Status post total knee replacement.")
    assert found.context.temporality == "historical"


@pytest.mark.parametrize(
    "text, act",
    [
        ("He had to undergo a colectomy.", "reported"),
        ("She went on to undergo colonoscopy.", "reported"),
        ("In the past he needed to undergo bronchoscopy.", "reported"),
        ("After the colonoscopy he felt well.", "reported"),
        ("He is scheduled to undergo colonoscopy.", "planned"),
        ("She is to undergo bronchoscopy tomorrow.", "planned"),
    ],
)
def test_to_undergo__is_a_plan_only_before_the_day(text: str, act: str) -> None:
    assert [f.act for f in read("procedures", text)] == [act]
