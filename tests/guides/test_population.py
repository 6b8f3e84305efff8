"""How many patients get which answer, counted one by one or all at once."""

from __future__ import annotations

from tests.guides.test_changes import HIGH, LOW, OTHER, Ward
from tests.guides.vignettes import INSTANT, vignettes_of
from vitruvian.guides import guide_named
from vitruvian.guides.population import Tally, tally_for

BASE = vignettes_of("hcm_risk_scd").patient
WARD = {
    HIGH: {**BASE, "tachycardia": True, "gradient": 34},
    LOW: BASE,
    LOW + 100: {key: value for key, value in BASE.items() if key != "atrium"},
    OTHER: {key: value for key, value in BASE.items() if key != "cardiomyopathy"},
}


def begun() -> tuple[Tally, Ward]:
    ward = Ward(WARD)
    return tally_for(guide_named("hcm_risk_scd"), ward, instant=INSTANT), ward


def test_nobody__is_counted_at_once() -> None:
    tally = Tally(guide_named("hcm_risk_scd"), INSTANT, [])
    tally.advance(begun()[1], enough=lambda: False)
    assert (tally.finished, tally.answers.total()) == (True, 0)


def test_patient_without_what_it_is_made_for__is_not_asked() -> None:
    assert OTHER not in begun()[0].people


def test_count__tells_answers_from_what_is_open_and_what_would_help() -> None:
    tally, ward = begun()
    tally.advance(ward, enough=lambda: False)
    assert dict(tally.answers) == {"should be considered": 1, "not by risk": 1}
    assert tally.statuses["unknown"] == 1
    assert tally.missing["size of the left atrium"] == 1


def test_count__in_steps_is_the_same_as_at_once() -> None:
    (slow, ward), (fast, other) = begun(), begun()
    fast.advance(other, enough=lambda: False)
    for step in range(1, 4):
        slow.advance(ward, enough=lambda: True)
        assert slow.done == step
    assert slow == fast
