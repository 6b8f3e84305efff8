"""The clock of sepsis against its plain definition."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.guides.vignettes import INSTANT, asked, events_of, vignettes_of, visits_of
from vitruvian.guides import guide_named


def due_by_hand(sure: float | None, possible: float | None) -> str:
    """SSC 2026, antimicrobial timing, by hours since each was recorded."""
    late = (sure is not None and sure > 1) or max(sure or 0, possible or 0) > 3
    return "antimicrobials late" if late else "antimicrobials due"


HOURS = [
    (sure, possible)
    for sure in (None, 0.2, 1.0, 1.1, 20)
    for possible in (None, 1.1, 3.0, 3.1)
    if (sure, possible) != (None, None)
]


@pytest.mark.parametrize("sure, possible", HOURS)
def test_clock__runs_from_the_first_record(sure: float | None, possible: float | None) -> None:
    paper = vignettes_of("surviving_sepsis")
    known = {k: v for k, v in paper.patient.items() if k not in {"sepsis", "antimicrobial"}}
    events = events_of(paper, {**known, "paracetamol": 1})
    for hours, name in ((sure, "sepsis"), (possible, "possible_3h")):
        if hours is not None:
            (event,) = events_of(paper, {name: True})
            when = INSTANT - timedelta(hours=hours)
            events.append({**event, "time": when, "known_at": when})
    decision = asked(guide_named("surviving_sepsis"), events, visits_of(known))
    assert decision.answer == due_by_hand(sure, possible)
