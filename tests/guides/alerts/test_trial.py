"""A silent trial over history: nothing from the future, nothing told twice, counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.guides.alerts.ward import (
    DAWN,
    NEWS2,
    admitted,
    hour,
    ill,
    man,
    rule,
    tables,
    taken_back,
    well,
)
from vitruvian.guides import decide, guide_named
from vitruvian.guides.alerts.replay import read_history
from vitruvian.guides.alerts.rule import AlertRule
from vitruvian.guides.alerts.trial import RanOn, Trial, receipt_of, trial_for
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

END = hour(48)
NOW = hour(24 * 7)


def tried(lake: Lake, *, alert: AlertRule = NEWS2, end: datetime = END) -> Trial:
    with lake.read(SYSTEM, known_at=end) as reader:
        trial = trial_for(alert, reader, begin=DAWN, end=end)
        trial.advance(reader, enough=lambda: False)
    return trial


def fired(trial: Trial) -> list[tuple[int, float]]:
    """Who, and at which hour."""
    return [(fire.person_id, (fire.at - DAWN) / timedelta(hours=1)) for fire in trial.fires]


def test_empty_lake__has_no_patient_day_and_no_rate(lake: Lake) -> None:
    ran = RanOn(NOW, "dr.vega", "1.1", NOW)
    receipt = receipt_of(tried(lake), ran)
    assert (receipt.patients, receipt.fires, receipt.fires_per_100_patient_days) == (0, 0, None)


def test_result_known_late__fires_when_it_was_known_not_when_it_happened(lake: Lake) -> None:
    events = [*man(1), *ill(1, hour(6), number=1, known=hour(9))]
    lake.append(SYSTEM, tables(events, [admitted(1)]))
    assert fired(tried(lake)) == [(1, 9.0)]


def test_result_known_after_the_stretch__never_fires(lake: Lake) -> None:
    events = [*man(1), *ill(1, hour(6), number=1, known=hour(49))]
    lake.append(SYSTEM, tables(events, [admitted(1)]))
    assert fired(tried(lake)) == []


def test_correction__does_not_undo_what_was_told_before_it(lake: Lake) -> None:
    first = ill(1, hour(6), number=1)
    gone = [taken_back(row, known=hour(7)) for row in first]
    lake.append(SYSTEM, tables([*man(1), *first], [admitted(1)], gone))
    assert fired(tried(lake)) == [(1, 6.0)]


def test_after_discharge__nobody_is_alerted_though_the_stay_was_told_as_a_whole(
    lake: Lake,
) -> None:
    events = [*man(1), *ill(1, hour(6), number=1), *ill(1, hour(20), number=2)]
    lake.append(SYSTEM, tables(events, [admitted(1, until=hour(10))]))
    assert fired(tried(lake)) == [(1, 6.0)]


def test_same_answer__is_held_back_within_the_quiet_hours_and_told_after(lake: Lake) -> None:
    rounds = [row for n in range(10) for row in ill(1, hour(1 + n), number=n)]
    lake.append(SYSTEM, tables([*man(1), *rounds], [admitted(1)]))
    trial = tried(lake)
    assert fired(trial) == [(1, 1.0), (1, 9.0)]
    assert trial.repeats == 8
    assert len(tried(lake, alert=rule(quiet_hours=0)).fires) == 10


def test_two_subjects_of_one_person__are_one_patient(lake: Lake) -> None:
    split = ill(1, hour(6), number=1)
    for row in split[3:]:
        row["subject_id"] = 2
    link = {"link_id": 1, "subject_id": 2, "person_id": 1, "linked": True}
    stay = admitted(1)
    known = {key: stay[key] for key in ("site", "source_id", "locator", "known_at_basis")}
    lake.append(SYSTEM, tables([*man(1), *split], [stay]))
    assert fired(tried(lake)) == []
    lake.append(SYSTEM, {"person_link": [link | known | {"known_at": DAWN}]})
    assert fired(tried(lake)) == [(1, 6.0)]


def test_burden__counts_days_of_all_patients_also_of_those_never_asked(lake: Lake) -> None:
    """Two days in hospital, one of them without a fact; another patient is seen on one day."""
    events = [*man(1), *ill(1, hour(6), number=1), *man(2), *well(2, hour(30), number=1)]
    lake.append(SYSTEM, tables(events, [admitted(1, until=hour(40))]))
    receipt = receipt_of(tried(lake), RanOn(NOW, "dr.vega", "1.1", NOW))
    assert (receipt.patient_days, receipt.fires) == (3, 1)
    assert receipt.fires_per_100_patient_days == pytest.approx(100 / 3)
    # respiration, saturation, pressure, pulse and temperature; room air and alert add nothing
    assert (receipt.facts, receipt.facts_known_later) == (5, 0)
    assert receipt.days == {DAWN.date(): 1}


def test_unknown__is_counted_with_the_fact_that_was_missing(lake: Lake) -> None:
    without_age = [row for row in man(1) if row["code"] != "MEDS_BIRTH"]
    lake.append(SYSTEM, tables([*without_age, *ill(1, hour(6), number=1)], [admitted(1)]))
    receipt = receipt_of(tried(lake), RanOn(NOW, "dr.vega", "1.1", NOW))
    assert (receipt.fires, receipt.unknown) == (0, receipt.moments)
    assert receipt.missing["age (years)"] == receipt.moments


rounds = st.lists(
    st.tuples(
        st.integers(0, 40),  # hour at which it happened
        st.integers(0, 12),  # hours until it was known
        st.booleans(),  # ill
        st.one_of(st.none(), st.integers(0, 12)),  # hours until it was taken back
    ),
    min_size=1,
    max_size=6,
)
stays = st.one_of(st.none(), st.integers(1, 47))
patients = st.lists(st.tuples(rounds, stays), min_size=1, max_size=4)


def stored(folder: Path, told: Any, *, shifted: tuple[int, int] | None = None) -> Lake:
    """A lake of these patients; the rounds of one may be known so many hours later."""
    lake = Lake.create(folder, clock=lambda: NOW)
    events, visits, gone = [], [], []
    for subject, (charted, until) in enumerate(told, start=1):
        events += man(subject)
        visits.append(admitted(subject, until=None if until is None else hour(until)))
        for number, (happened, wait, sick, back) in enumerate(charted):
            later = shifted[1] if shifted and shifted[0] == subject else 0
            known = hour(happened + wait + later)
            made = (ill if sick else well)(subject, hour(happened), number=number, known=known)
            events += made
            if back is not None:
                gone += [taken_back(row, known=known + timedelta(hours=back)) for row in made[:2]]
    lake.append(SYSTEM, tables(events, visits, gone))
    return lake


@given(told=patients, at=st.lists(st.integers(0, 60), min_size=1, max_size=3))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_replay__is_what_the_door_would_have_shown_at_that_instant(
    told: Any, at: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    guide = guide_named("news2")
    with stored(tmp_path_factory.mktemp("replay") / "lake", told) as lake:
        with lake.read(SYSTEM) as reader:
            replays = {
                person: read_history(reader, person, guide=guide)
                for person in range(1, len(told) + 1)
            }
        for instant in map(hour, at):
            with lake.read(SYSTEM, known_at=instant) as reader:
                for person, history in replays.items():
                    shown = decide(guide, reader, person, instant=instant, today=DAWN.date())
                    assert history.decision(guide, instant) == shown


@given(told=patients, later=st.integers(1, 30))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_facts_known_later__change_no_earlier_alert(
    told: Any, later: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The first patient's facts are known later: what all were told before then stays as it was."""
    folder = tmp_path_factory.mktemp("shift")
    with stored(folder / "as_told", told) as lake:
        before = tried(lake)
    with stored(folder / "later", told, shifted=(1, later)) as lake:
        after = tried(lake)
    assert before.facts_known_later == after.facts_known_later == 0
    others = [fire for fire in before.fires if fire.person_id != 1]
    assert [fire for fire in after.fires if fire.person_id != 1] == others
    known = {
        10_000 + number * 10 + place + 10: hour(happened + wait + later)
        for number, (happened, wait, _, _) in enumerate(told[0][0])
        for place in range(7)
    }
    mine = [fire for fire in after.fires if fire.person_id == 1]
    assert all(known[fact] <= fire.at for fire in mine for fact in fire.facts)


@given(told=patients, cut=st.integers(0, 47))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_trial_that_ended_earlier__found_the_beginning_of_a_longer_one(
    told: Any, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with stored(tmp_path_factory.mktemp("cut") / "lake", told) as lake:
        whole, part = tried(lake), tried(lake, end=hour(cut))
    assert part.fires == [fire for fire in whole.fires if fire.at <= hour(cut)]
