"""Records that look alike: offered to people, never linked by themselves; their decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.identity.people import EVERYBODY, bring, registered
from tests.ingest.support import SYSTEM, rows
from tests.lakes import empty_lake
from vitruvian.identity.errors import MayNotDecide, NoSuchPair, ToldApart
from vitruvian.identity.matching import pair_id, propose
from vitruvian.identity.matching.apart import ANOTHER_CHILD, TWINS
from vitruvian.identity.review import PairQueue, decide, side_by_side, waiting
from vitruvian.lake import Lake
from vitruvian.trust import Access

pytest.importorskip("splink", reason="likely pairs need the optional package splink")

KEEPER = Access(who="keeper", role="data steward", purpose="operations")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="test") as opened:
        bring(opened, tmp_path / "inbox", *EVERYBODY)
        yield opened


def subject(lake: Lake, name: str) -> int:
    (row,) = rows(lake, "resource_key", where="key = ?", params=[f"Patient/{name}"])
    found: int = row["subject_id"]
    return found


def pair(lake: Lake, one: str, other: str) -> int:
    return pair_id(subject(lake, one), subject(lake, other))


def queue(lake: Lake, show: str = "waiting") -> PairQueue:
    with lake.read(KEEPER) as reader:
        return waiting(reader, show=show)  # type: ignore[arg-type]  # a word of the list


def offered(lake: Lake, show: str = "waiting") -> set[int]:
    return {int(each.pair_id) for each in queue(lake, show).items}


def persons(lake: Lake) -> dict[int, int]:
    with lake.read(SYSTEM) as reader:
        return reader.persons()


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("role", ["clinician", "researcher", "auditor", "patient"])
def test_decision__by_a_role_that_keeps_no_records_is_refused(lake: Lake, role: str) -> None:
    propose(lake, access=SYSTEM)
    who = Access(who="rossi", role=role, purpose="treatment")
    with pytest.raises(MayNotDecide):
        decide(lake, pair(lake, "once", "again"), "same", access=who)
    assert persons(lake) == {}


def test_decision__on_a_pair_never_offered_is_refused(lake: Lake) -> None:
    with pytest.raises(NoSuchPair):
        decide(lake, 17, "same", access=KEEPER)


def test_pair__with_a_record_that_may_not_be_seen_is_not_told(lake: Lake, tmp_path: Path) -> None:
    secret = registered("secret", family="Oakenfull", given="Theodora", gender="female",
                        meta={"security": [{"code": "VIP", "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode"}]})  # fmt: skip
    bring(lake, tmp_path / "more", secret)
    propose(lake, access=SYSTEM)
    number = pair(lake, "once", "secret")
    assert number in {row["pair_id"] for row in rows(lake, "look_alike")}
    assert number not in offered(lake)
    with pytest.raises(NoSuchPair):
        decide(lake, number, "same", access=KEEPER)


def test_likeness__never_links_anybody_by_itself(lake: Lake) -> None:
    report = propose(lake, access=SYSTEM)
    assert report.offered == 2
    assert persons(lake) == {}
    assert rows(lake, "person_link") == []


# ------------------------------------------------------------------ what is offered


def test_one_person_registered_twice__is_offered(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    assert offered(lake) == {pair(lake, "once", "again"), pair(lake, "maiden", "married")}


def test_twins__are_held_back_and_the_reason_is_told(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    held = {int(each.pair_id): each.held for each in queue(lake, "held").items}
    assert held[pair(lake, "twin", "other-twin")] == TWINS
    assert held[pair(lake, "baby-a", "baby-b")] == ANOTHER_CHILD


def test_strangers_of_one_name__are_not_offered(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    assert pair(lake, "stranger", "namesake") not in offered(lake)


def test_evidence__tells_levels_and_weights_and_no_value(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    told = " ".join(row["evidence"] for row in rows(lake, "look_alike")).lower()
    assert '"alike"' in told
    assert not any(name in told for name in ("oaken", "brandt", "vogel", "elm", "1950"))


def test_second_run__offers_nothing_anew(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    before = rows(lake, "look_alike")
    assert propose(lake, access=SYSTEM).new == 0
    assert rows(lake, "look_alike") == before


def test_side_by_side__says_what_agrees_and_what_differs(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    with lake.read(KEEPER) as reader:
        told = side_by_side(reader, pair(lake, "once", "again"))
    said = {each.field: (each.agreement, {each.left, each.right}) for each in told.fields}
    assert said["family"] == ("near", {"Oakenfull", "Oakenful"})
    assert said["given"] == ("same", {"Theodora"})
    assert said["born"] == ("same", {"1950-06-01"})
    assert not told.linked


# ------------------------------------------------------------------ decisions


def test_accepted__is_a_link_declared_by_that_person(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    number = pair(lake, "once", "again")
    done = decide(lake, number, "same", access=KEEPER)
    assert (done.who, done.changed) == ("keeper", 1)
    one, other = subject(lake, "once"), subject(lake, "again")
    assert persons(lake) == {max(one, other): min(one, other)}
    (link,) = rows(lake, "person_link")
    assert link["evidence"].startswith("declared by keeper in review")
    assert number not in offered(lake)


def test_accepted__before_that_moment_they_were_two(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    done = decide(lake, pair(lake, "once", "again"), "same", access=KEEPER)
    for moment, linked in ((done.at.replace(year=done.at.year - 1), False), (done.at, True)):
        with lake.read(SYSTEM, known_at=moment) as reader:
            assert bool(reader.persons()) is linked


@pytest.mark.parametrize("taken_back", ["different", "unknown"])
def test_decision_taken_back__leaves_the_persons_as_they_were(lake: Lake, taken_back: str) -> None:
    propose(lake, access=SYSTEM)
    number = pair(lake, "once", "again")
    decide(lake, number, "same", access=KEEPER)
    decide(lake, number, taken_back, access=KEEPER)  # type: ignore[arg-type]  # a word of the list
    assert persons(lake) == {}
    assert (number in offered(lake)) is (taken_back == "unknown")


def test_rejected__is_never_offered_again(lake: Lake) -> None:
    propose(lake, access=SYSTEM)
    number = pair(lake, "once", "again")
    decide(lake, number, "different", access=KEEPER)
    propose(lake, access=SYSTEM)
    assert number not in offered(lake)
    (told,) = queue(lake, "decided").items
    assert (told.answer, told.who) == ("different", "keeper")


def test_link__that_would_join_two_told_apart_is_refused(lake: Lake, tmp_path: Path) -> None:
    third = registered("third", family="Oakenfull", given="Teodora", gender="female",
                       street="Elm Street 7", phone="+43 316 555 0101")  # fmt: skip
    bring(lake, tmp_path / "more", third)
    propose(lake, access=SYSTEM)
    decide(lake, pair(lake, "once", "again"), "same", access=KEEPER)
    decide(lake, pair(lake, "again", "third"), "different", access=KEEPER)
    before = persons(lake)
    with pytest.raises(ToldApart):
        decide(lake, pair(lake, "once", "third"), "same", access=KEEPER)
    assert persons(lake) == before


def test_link_of_a_guarded_person__stands_when_somebody_else_decides(
    lake: Lake, tmp_path: Path
) -> None:
    """Who decides does not see everybody; what others linked must not come undone by that."""
    vip = {"security": [{"code": "VIP", "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode"}]}  # fmt: skip
    guarded = registered("guarded", family="Oakenfull", given="Theodora", meta=vip)
    bring(lake, tmp_path / "more", guarded)
    propose(lake, access=SYSTEM)
    operator = replace(KEEPER, who="night shift", role="operator")
    decide(lake, pair(lake, "once", "guarded"), "same", access=operator)
    before = persons(lake)
    decide(lake, pair(lake, "maiden", "married"), "same", access=KEEPER)
    assert before.items() <= persons(lake).items()
