"""What the edition of 2026 changes to that of 2021: the target of pressure from 65 years on."""

from __future__ import annotations

import pytest

from tests.guides.test_changes import HIGH, LOW, OTHER, Ward
from tests.guides.vignettes import INSTANT, asked_of, vignettes_of
from vitruvian.guides import guide_named
from vitruvian.guides.changes import changes

OLD, NEW = "surviving_sepsis_2021", "surviving_sepsis"
PRESSED = {**vignettes_of(OLD).patient, "noradrenaline": 0.1, "fluid": 2400}


@pytest.mark.parametrize("age, pressure", [(64, 64), (65, 64), (65, 60), (65, 59), (80, 65)])
def test_target__was_65_at_every_age(age: int, pressure: int) -> None:
    known = {**PRESSED, "age": age, "pressure": pressure}
    answer = asked_of(guide_named(OLD), vignettes_of(OLD), known).answer
    assert answer == ("pressure under target" if pressure < 65 else "targets met")


def test_edition_of_2026__changes_exactly_the_old_with_60_to_64() -> None:
    ward = Ward(
        {
            HIGH: {**PRESSED, "age": 70, "pressure": 62},
            LOW: {**PRESSED, "age": 70, "pressure": 59},
            OTHER: {**PRESSED, "age": 60, "pressure": 62},
        },
        guide=NEW,
        named="sepsis",
    )
    found = changes(guide_named(OLD), guide_named(NEW), ward, instant=INSTANT)
    (change,) = found.found
    assert found.asked == 3
    assert (change.person_id, change.old.answer, change.new.answer) == (
        HIGH,
        "pressure under target",
        "targets met",
    )
    assert any("under 60 mmHg from 65 years on: no" in sentence for sentence in change.why)
