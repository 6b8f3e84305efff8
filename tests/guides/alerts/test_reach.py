"""How far back a guideline looks: what the trial may leave out, and what it may not."""

from __future__ import annotations

from datetime import timedelta

from vitruvian.guides import guide_named, guides
from vitruvian.guides.alerts.reach import reach_of

HOUR = timedelta(hours=1) / timedelta(microseconds=1)


def test_code_in_a_window_that_begins_at_an_event__matters_however_old() -> None:
    reach = reach_of(guide_named("news2").plan)
    assert "LOINC//3151-8" not in reach  # the last oxygen charted, whenever that was
    assert "LOINC//9269-2" not in reach
    assert "GENDER//male" not in reach


def test_code_in_windows_of_known_length__matters_within_the_longest() -> None:
    reach = reach_of(guide_named("news2").plan)
    assert reach["LOINC//8867-4"] == 12 * HOUR
    assert reach["SNOMED//77386006"] == 300 * 24 * HOUR


def test_birth__is_never_too_old() -> None:
    assert all("MEDS_BIRTH" not in reach_of(guide.plan) for guide in guides())
