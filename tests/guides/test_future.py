"""No answer of the past changes by what becomes known later: drawn for every guideline.

`test_conformance` holds the same daily for one patient of each; here the patient is any vignette,
and what comes later is drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.guides.vignettes import (
    AGE_FACT,
    INSTANT,
    SEEN_BY,
    asked,
    event_of,
    events_of,
    vignettes_of,
    visits_of,
)
from vitruvian.guides import guide_named, manifests

HOUR = timedelta(hours=1)
LONG = timedelta(days=400)
after = st.timedeltas(timedelta(microseconds=1), LONG)
before = st.timedeltas(timedelta(0), LONG)


@cache
def values_of(guide: str) -> Mapping[str, list[Any]]:
    """Every fact that the vignettes of a guideline speak of, with every value that it has there."""
    paper = vignettes_of(guide)
    values: dict[str, list[Any]] = defaultdict(lambda: [True, False])
    for known in (paper.patient, *(case.has for case in paper.cases)):
        for name, value in known.items():
            if name not in {AGE_FACT, *SEEN_BY}:
                values[name].append(value)
    return dict(values)


@st.composite
def coming(draw: st.DrawFn, guide: str) -> dict[str, Any]:
    """A fact that happens after the question, or before it and becomes known after it."""
    values = values_of(guide)
    name = draw(st.sampled_from(sorted(values)))
    event = event_of(name, draw(st.sampled_from(values[name])), vignettes_of(guide).facts)
    known = INSTANT + draw(after)
    time = known if draw(st.booleans()) else INSTANT - draw(before)
    return {**event, "time": time, "known_at": known}


@pytest.mark.torture
@pytest.mark.parametrize("name", sorted(manifests()))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_future__changes_no_answer_of_any_vignette(name: str, data: st.DataObject) -> None:
    guide, paper = guide_named(name), vignettes_of(name)
    known = paper.known(data.draw(st.sampled_from(paper.cases)))
    future = data.draw(st.lists(coming(name), min_size=1, max_size=6))
    now, visits = events_of(paper, known), visits_of(known)
    told_later = [
        {**each, "known_at": INSTANT + HOUR} for each in visits if data.draw(st.booleans())
    ]
    assert asked(guide, [*now, *future], [*visits, *told_later]) == asked(guide, now, visits)
