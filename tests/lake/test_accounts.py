from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from argon2 import PasswordHasher

from vitruvian.lake.accounts import Accounts
from vitruvian.lake.errors import (
    AccountExists,
    AccountLocked,
    LinkSpent,
    NoAccount,
    TooManyAttempts,
    WrongPassword,
)
from vitruvian.trust import WeakPassword

PASSWORD = "seven quiet herons"


class Watch:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def accounts(tmp_path: Path, watch: Watch) -> Iterator[Accounts]:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    made = Accounts(tmp_path, clock=watch, hasher=quick)
    made.create("dr.vega", display_name="Dr Vega", role="clinician")
    yield made
    made.database.close()


def test_unknown_name_and_wrong_password__are_refused_in_the_same_words(accounts: Accounts) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    said = set()
    for name, password in (("nobody", PASSWORD), ("dr.vega", "wrong"), ("", "")):
        with pytest.raises(WrongPassword) as caught:
            accounts.verify(name, password=password)
        said.add(str(caught.value))
    assert len(said) == 1


def test_stored_password__costs_what_the_standard_asks(
    tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9106, section 4, second recommended parameters: 64 MiB, three passes, four lanes."""
    monkeypatch.setattr("vitruvian.lake.accounts.PasswordHasher", PasswordHasher)
    made = Accounts(tmp_path, clock=watch)
    made.create("dr.vega", display_name="Dr Vega", role="clinician")
    made.set_password("dr.vega", password=PASSWORD)
    ((stored,),) = made.database.rows("SELECT password_hash FROM account")
    made.database.close()
    assert str(stored).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_unknown_name__costs_as_much_work_as_a_wrong_password(tmp_path: Path, watch: Watch) -> None:
    quick, done = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), Counter[str]()
    counting = create_autospec(quick, instance=True)

    def counted(name: str) -> Callable[..., object]:
        def work(*words: str) -> object:
            done[name] += 1
            return getattr(quick, name)(*words)

        return work

    counting.hash.side_effect, counting.verify.side_effect = counted("hash"), counted("verify")
    made = Accounts(tmp_path, clock=watch, hasher=counting)
    made.create("dr.vega", display_name="Dr Vega", role="clinician")
    made.set_password("dr.vega", password=PASSWORD)
    costs = []
    for name in ("warm.up", "dr.vega", "nobody"):
        done.clear()
        with pytest.raises(WrongPassword):
            made.verify(name, password="six loud herons")
        costs.append(dict(done))
    made.database.close()
    assert costs[1] == costs[2] == {"verify": 1}


def test_account_without_password__cannot_sign_in_by_password(accounts: Accounts) -> None:
    with pytest.raises(WrongPassword):
        accounts.verify("dr.vega", password="")


def test_failures__stop_even_the_right_password_for_a_while(
    accounts: Accounts, watch: Watch
) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            accounts.verify("dr.vega", password="wrong")
    for minutes in (0, 14):
        watch.wait(minutes=minutes)
        with pytest.raises(TooManyAttempts):
            accounts.verify("dr.vega", password=PASSWORD)
    watch.wait(minutes=1)
    assert accounts.verify("dr.vega", password=PASSWORD).account.name == "dr.vega"


def test_failures_before_a_success__are_forgotten(accounts: Accounts) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(WrongPassword):
                accounts.verify("dr.vega", password="wrong")
        accounts.verify("dr.vega", password=PASSWORD)


def test_failures_of_another_name__stop_nobody_else(accounts: Accounts) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    for name in ("a.nurse", "z.nurse"):
        for _ in range(5):
            with pytest.raises(WrongPassword):
                accounts.verify(name, password="wrong")
        with pytest.raises(TooManyAttempts):
            accounts.verify(name, password="wrong")
    assert accounts.verify("dr.vega", password=PASSWORD).account.name == "dr.vega"


def test_link__of_an_unknown_account_is_refused(accounts: Accounts) -> None:
    with pytest.raises(NoAccount):
        accounts.sign_in_link("nobody")


def test_link__works_once(accounts: Accounts) -> None:
    token = accounts.sign_in_link("dr.vega")
    assert accounts.redeem(token).account.name == "dr.vega"
    with pytest.raises(LinkSpent):
        accounts.redeem(token)


def test_link__expires(accounts: Accounts, watch: Watch) -> None:
    token = accounts.sign_in_link("dr.vega")
    watch.wait(hours=24)
    with pytest.raises(LinkSpent):
        accounts.redeem(token)


def test_session__ends_by_sign_out_by_idling_and_by_age(accounts: Accounts, watch: Watch) -> None:
    ended = accounts.open_session("dr.vega")
    accounts.end_session(ended.token)
    idle = accounts.open_session("dr.vega")
    watch.wait(minutes=60)
    assert accounts.session(idle.token) is None
    old = accounts.open_session("dr.vega")
    for _ in range(23):
        watch.wait(minutes=31)
        assert accounts.session(old.token) is not None
    watch.wait(minutes=31)
    assert [accounts.session(one.token) for one in (ended, idle, old)] == [None, None, None]
    assert accounts.session("no such token") is None


def test_new_password__ends_the_other_sessions_and_links(accounts: Accounts) -> None:
    session, link = accounts.open_session("dr.vega"), accounts.sign_in_link("dr.vega")
    accounts.set_password("dr.vega", password=PASSWORD)
    assert accounts.session(session.token) is None
    with pytest.raises(LinkSpent):
        accounts.redeem(link)
    found = accounts.find("dr.vega")
    assert found is not None
    assert found.has_password


def test_weak_password__is_refused(accounts: Accounts) -> None:
    with pytest.raises(WeakPassword):
        accounts.set_password("dr.vega", password="dr.vega")


def test_name_taken__is_refused(accounts: Accounts) -> None:
    with pytest.raises(AccountExists):
        accounts.create("dr.vega", display_name="Another", role="nurse")


def test_unknown_account__is_neither_locked_nor_given_a_role(accounts: Accounts) -> None:
    for change in (
        lambda: accounts.lock("nobody"),
        lambda: accounts.unlock("nobody"),
        lambda: accounts.set_role("nobody", role="auditor"),
        lambda: accounts.known("nobody"),
    ):
        with pytest.raises(NoAccount):
            change()
    assert [one.name for one in accounts.all()] == ["dr.vega"]


def test_locked_account__is_let_in_by_no_door(accounts: Accounts) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    session, link = accounts.open_session("dr.vega"), accounts.sign_in_link("dr.vega")
    accounts.lock("dr.vega")
    assert accounts.session(session.token) is None
    assert accounts.find("dr.vega") is None
    with pytest.raises(LinkSpent):
        accounts.redeem(link)
    for door in (
        lambda: accounts.verify("dr.vega", password=PASSWORD),
        lambda: accounts.sign_in_link("dr.vega"),
        lambda: accounts.open_session("dr.vega"),
    ):
        with pytest.raises(AccountLocked):
            door()


def test_locked_account__is_told_so_only_to_who_knows_the_password(accounts: Accounts) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    accounts.lock("dr.vega")
    with pytest.raises(WrongPassword):
        accounts.verify("dr.vega", password="wrong")


def test_unlocked_account__signs_in_again_and_its_old_session_stays_ended(
    accounts: Accounts,
) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    session = accounts.open_session("dr.vega")
    accounts.lock("dr.vega")
    accounts.lock("dr.vega")
    assert [one.locked for one in accounts.all()] == [True]
    accounts.unlock("dr.vega")
    accounts.unlock("dr.vega")
    assert accounts.session(session.token) is None
    assert accounts.verify("dr.vega", password=PASSWORD).account.locked is False


def test_new_role__holds_from_the_next_sign_in_and_keeps_the_password(accounts: Accounts) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    session = accounts.open_session("dr.vega")
    accounts.set_role("dr.vega", role="auditor")
    assert accounts.session(session.token) is None
    found = accounts.verify("dr.vega", password=PASSWORD).account
    assert (found.role, found.display_name) == ("auditor", "Dr Vega")


def test_accounts_of_an_older_version__open_and_none_is_locked(
    tmp_path: Path, accounts: Accounts, watch: Watch
) -> None:
    accounts.database.connection().execute("DROP TABLE locked")
    accounts.database.close()
    again = Accounts(tmp_path, clock=watch)
    assert [(one.name, one.locked) for one in again.all()] == [("dr.vega", False)]
    again.database.close()


def test_stored_file__holds_no_password_and_no_token(accounts: Accounts, tmp_path: Path) -> None:
    accounts.set_password("dr.vega", password=PASSWORD)
    tokens = [accounts.sign_in_link("dr.vega"), accounts.verify("dr.vega", password=PASSWORD).token]
    accounts.database.close()
    stored = (tmp_path / "accounts.sqlite").read_bytes()
    assert all(secret.encode() not in stored for secret in [PASSWORD, *tokens])


def test_last_seen__is_of_that_account_and_that_person(accounts: Accounts, watch: Watch) -> None:
    accounts.seen("dr.vega", person_id=7, at=watch.now)
    assert accounts.last_seen("dr.vega", person_id=7) == watch.now
    assert accounts.last_seen("dr.vega", person_id=8) is None
    assert accounts.last_seen("nurse.kim", person_id=7) is None
