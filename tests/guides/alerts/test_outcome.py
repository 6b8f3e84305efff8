"""How often an alert was right: counted by hand, the interval by a published example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.guides.alerts.test_trial import END, NOW, tried
from tests.guides.alerts.ward import DAWN, admitted, event, hour, ill, man, tables
from vitruvian.criteria.cohorts import read_definition
from vitruvian.guides.alerts.errors import BadOutcome
from vitruvian.guides.alerts.outcome import DEATH, Outcome, held_against, outcome_of
from vitruvian.guides.alerts.receipt import Judged, proportion, read_receipt
from vitruvian.guides.alerts.rule import Fire
from vitruvian.guides.alerts.shelf import AlertShelf
from vitruvian.guides.alerts.trial import RanOn, receipt_of
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM


def judged(lake: Lake, *, within: float = 24) -> Judged:
    trial = tried(lake)
    with lake.read(SYSTEM, known_at=END) as reader:
        span = timedelta(hours=within)
        outcome = outcome_of(read_definition(DEATH), reader, within=span)
    return held_against(trial.fires, outcome, begin=DAWN, end=END)


def test_no_time_to_be_right__is_refused(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader, pytest.raises(BadOutcome, match="more than 0 hours"):
        outcome_of(read_definition(DEATH), reader, within=timedelta())


def test_nothing_counted__is_no_share() -> None:
    assert proportion(0, 0).share is None


@pytest.mark.parametrize(
    "hits, of, low, high",
    # Newcombe RG, Stat Med 1998; 17: 857-872, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_interval__is_that_of_the_published_examples(
    hits: int, of: int, low: float, high: float
) -> None:
    found = proportion(hits, of)
    assert found.low is not None
    assert found.high is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_fires__are_right_wrong_or_open_as_counted_by_hand(lake: Lake) -> None:
    """The first dies 10 h after the alert, the second 30 h after, the third's day is not over."""
    events = [row for subject in (1, 2, 3, 4) for row in man(subject)]
    events += [*ill(1, hour(2), number=1), *ill(2, hour(2), number=1), *ill(3, hour(40), number=1)]
    events += [event("MEDS_DEATH", key=91, subject=1, at=hour(12))]
    events += [event("MEDS_DEATH", key=92, subject=2, at=hour(32))]
    events += [event("MEDS_DEATH", key=94, subject=4, at=hour(20))]
    lake.append(SYSTEM, tables(events, [admitted(subject) for subject in (1, 2, 3, 4)]))
    found = judged(lake)
    assert (found.ppv.hits, found.ppv.of, found.open) == (1, 2, 1)
    # three deaths in the stretch; only the first was told of within the day before
    assert (found.foreseen.hits, found.foreseen.of) == (1, 3)


def test_outcome_before_the_fire__is_no_success(lake: Lake) -> None:
    events = [*man(1), *ill(1, hour(10), number=1, known=hour(13))]
    events += [event("MEDS_DEATH", key=91, subject=1, at=hour(12))]
    lake.append(SYSTEM, tables(events, [admitted(1)]))
    assert judged(lake).ppv.hits == 0


def test_first_fire_of_each_patient__is_counted_apart() -> None:
    fires = [Fire(1, hour(n), "high", (n,)) for n in (1, 2, 3)] + [Fire(2, hour(1), "high", (9,))]
    outcome = Outcome("Death", timedelta(hours=2), {1: [hour(4)]}, {})
    found = held_against(fires, outcome, begin=DAWN, end=END)
    assert (found.ppv.hits, found.ppv.of) == (2, 4)
    assert (found.first_ppv.hits, found.first_ppv.of) == (0, 2)


def test_unknown_outcome__leaves_the_fire_open() -> None:
    outcome = Outcome("Death", timedelta(hours=2), {}, {1: [hour(2)]})
    fires = [Fire(1, hour(1), "high", (1,))]
    assert held_against(fires, outcome, begin=DAWN, end=END).open == 1


def test_fire_whose_time_is_not_over__is_open_even_where_the_outcome_came_early() -> None:
    """Else the shares of the last hours would hold the early outcomes and not the absent ones."""
    outcome = Outcome("Death", timedelta(hours=2), {1: [END - timedelta(minutes=30)]}, {})
    fires = [Fire(number, END - timedelta(hours=1), "high", (number,)) for number in (1, 2)]
    found = held_against(fires, outcome, begin=DAWN, end=END)
    assert (found.ppv.of, found.open) == (0, 2)


def test_receipt__is_kept_and_read_back_the_same(lake: Lake, shelf: AlertShelf) -> None:
    events = [*man(1), *ill(1, hour(2), number=1)]
    lake.append(SYSTEM, tables(events, [admitted(1)]))
    trial = tried(lake)
    with lake.read(SYSTEM, known_at=END) as reader:
        outcome = outcome_of(read_definition(DEATH), reader, within=timedelta(hours=24))
    receipt = receipt_of(trial, RanOn(NOW, "dr.vega", "1.1", NOW), outcome=outcome)
    shelf.draft(trial.rule, by="dr.vega")
    shelf.keep(receipt)
    assert shelf.get("deterioration").trial == receipt
    assert receipt.judged is not None


def test_receipt__of_somebody_else_is_refused() -> None:
    with pytest.raises(ValueError, match="Receipt"):
        read_receipt("{}")
