"""An alert goes from draft to silent to active to retired, and earns each step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.api.conftest import Hands
from tests.guides.alerts.test_trial import NOW, tried
from tests.guides.alerts.ward import NEWS2, rule
from vitruvian.guides import guide_named
from vitruvian.guides.alerts import AlertShelf
from vitruvian.guides.alerts.errors import AlertExists, AlertNotReady, BadAlert, NoSuchAlert
from vitruvian.guides.alerts.receipt import Receipt
from vitruvian.guides.alerts.rule import rule_for
from vitruvian.guides.alerts.shelf import Asks
from vitruvian.guides.alerts.trial import RanOn, receipt_of
from vitruvian.lake import Lake

NAME = "deterioration"


def ran(lake: Lake) -> Receipt:
    return receipt_of(tried(lake), RanOn(NOW, "dr.vega", "1.1", NOW))


@pytest.fixture
def drafted(shelf: AlertShelf) -> AlertShelf:
    shelf.draft(NEWS2, by="dr.vega")
    return shelf


def test_guideline_that_never_interrupts__is_no_alert() -> None:
    with pytest.raises(BadAlert, match="never an alert"):
        rule_for("sepsis", guide_named("qsofa"))


def test_older_edition__is_no_alert() -> None:
    with pytest.raises(BadAlert, match="older edition"):
        rule_for("hcm", guide_named("hcm_risk_scd_2014"))


@pytest.mark.parametrize(
    "said", [{"answers": ["routine"]}, {"answers": ["?"]}, {"quiet_hours": -1}]
)
def test_answer_or_hours_that_cannot_be__are_refused(said: dict[str, object]) -> None:
    with pytest.raises(BadAlert):
        rule(**said)


@pytest.mark.parametrize("name", ["", "Sepsis", "../x", "a" * 61])
def test_name_that_cannot_be__is_refused(name: str) -> None:
    with pytest.raises(BadAlert, match="name"):
        rule_for(name, guide_named("news2"))


def test_unknown_alert__is_not_found_and_the_known_are_named(drafted: AlertShelf) -> None:
    with pytest.raises(NoSuchAlert, match=NAME):
        drafted.get("nothing")


def test_second_alert_of_a_name__is_refused(drafted: AlertShelf) -> None:
    with pytest.raises(AlertExists):
        drafted.draft(NEWS2, by="dr.vega")


def test_active__without_a_trial_is_refused(drafted: AlertShelf) -> None:
    with pytest.raises(AlertNotReady, match="no silent trial"):
        drafted.move(NAME, Asks("active", "dr.vega", owner="dr.vega"))
    assert drafted.get(NAME).state == "draft"


def test_active__by_a_trial_of_another_edition_is_refused(drafted: AlertShelf, lake: Lake) -> None:
    drafted.keep(replace(ran(lake), fingerprint="of an older edition"))
    with pytest.raises(AlertNotReady, match="another edition"):
        drafted.move(NAME, Asks("active", "dr.vega", owner="dr.vega"))


def test_active__by_a_trial_that_saw_the_future_is_refused(drafted: AlertShelf, lake: Lake) -> None:
    drafted.keep(replace(ran(lake), facts_known_later=1))
    with pytest.raises(AlertNotReady, match="known later"):
        drafted.move(NAME, Asks("active", "dr.vega", owner="dr.vega"))


@pytest.mark.parametrize("owner", ["", "  "])
def test_active__without_an_owner_is_refused(drafted: AlertShelf, lake: Lake, owner: str) -> None:
    drafted.keep(ran(lake))
    with pytest.raises(AlertNotReady, match="nobody answers"):
        drafted.move(NAME, Asks("active", "dr.vega", owner=owner))


def test_retired__without_a_reason_is_refused(drafted: AlertShelf) -> None:
    with pytest.raises(AlertNotReady, match="no reason"):
        drafted.move(NAME, Asks("retired", "dr.vega"))


def test_past_its_review_date__an_alert_falls_silent_and_cannot_be_made_active(
    drafted: AlertShelf, lake: Lake, clock: Hands
) -> None:
    drafted.keep(ran(lake))
    assert drafted.move(NAME, Asks("active", "dr.vega", owner="dr.vega")).speaks
    clock.later(days=365 * 10)
    standing = drafted.get(NAME)
    assert (standing.state, standing.speaks) == ("active", False)
    assert "review date" in standing.lacks
    with pytest.raises(AlertNotReady, match="review date"):
        drafted.move(NAME, Asks("silent", "dr.vega"))


def test_changed_guideline__takes_the_word_from_an_active_alert(
    drafted: AlertShelf, lake: Lake
) -> None:
    drafted.keep(ran(lake))
    drafted.move(NAME, Asks("active", "dr.vega", owner="dr.vega"))
    with drafted.database.writing() as connection:
        connection.execute("UPDATE step SET fingerprint='of an older edition'")
    standing = drafted.get(NAME)
    assert (standing.speaks, "changed" in standing.lacks) == (False, True)
    assert drafted.move(NAME, Asks("active", "dr.vega")).speaks


def test_walk__keeps_every_step_with_who_and_why(
    drafted: AlertShelf, lake: Lake, clock: Hands
) -> None:
    assert drafted.move(NAME, Asks("silent", "dr.vega")).runs
    drafted.keep(ran(lake))
    assert drafted.move(NAME, Asks("active", "admin", owner="dr.vega")).owner == "dr.vega"
    clock.later(days=30)
    last = drafted.move(NAME, Asks("retired", "dr.vega", why="overridden nine times in ten"))
    assert [step.state for step in last.steps] == ["draft", "silent", "active", "retired"]
    assert (last.since, last.steps[-1].why) == (clock.now, "overridden nine times in ten")
    assert not last.runs
    with pytest.raises(AlertNotReady, match="a retired alert stays so"):
        drafted.move(NAME, Asks("active", "dr.vega"))


def test_fingerprint__is_of_what_decides_and_not_of_the_name() -> None:
    same = rule_for("another", guide_named("news2"), answers=["high"])
    assert same.fingerprint == NEWS2.fingerprint
    assert rule(answers=["high", "medium"]).fingerprint != NEWS2.fingerprint
    assert rule(quiet_hours=9).fingerprint != NEWS2.fingerprint
