"""An erasure from the asking to the last byte: one asks on a ground, somebody else approves.

What is approved is finished, however often it is killed on the way: rows first, in one
publication; then old files, Delta history and the hot log; then what lies beside the tables.
"""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from vitruvian.lake.erasing.errors import (
    ErasureAsked,
    MayNotErase,
    NobodyToErase,
    NoPeriod,
    NoSuchGround,
    OnHold,
    OwnErasure,
    PeriodChanged,
    PersonChanged,
)
from vitruvian.lake.erasing.finding import doomed, with_subjects
from vitruvian.lake.erasing.ledger import (
    Ledger,
    keep_ledger,
    ledger_path,
    subjects_in,
    to_repeat,
)
from vitruvian.lake.erasing.parts import KINDS, Part, doomed_part
from vitruvian.lake.erasing.register import GROUNDS, Erased, Register, Request
from vitruvian.lake.erasing.removing import (
    Find,
    counts_of,
    remove_beside,
    remove_bytes,
    remove_rows,
    scrub,
)
from vitruvian.lake.erasing.retention import DataKind, before_of, read_retention
from vitruvian.lake.errors import NoAccount
from vitruvian.lake.lake import Lake
from vitruvian.lake.store.store import Fault, Store, no_fault
from vitruvian.trust import SYSTEM, Access, Deed

SECONDS_FOR_READERS = 30.0


class Eraser:
    """Erasures of one lake.

    Parameters
    ----------
    lake
        An open lake.
    fault
        Called by name at places where a test may pull the plug.
    patience
        How many seconds readers of older states may take to end.
    keeps_ledger
        Whether every erasure is written into the ledger beside the lake's folder as well.
    """

    def __init__(
        self,
        lake: Lake,
        *,
        fault: Fault = no_fault,
        patience: float = SECONDS_FOR_READERS,
        keeps_ledger: bool = True,
    ) -> None:
        self._lake = lake
        self._ledger = ledger_path(lake.path) if keeps_ledger else None
        self._fault = fault
        self._patience = patience
        self.register = Register(lake.path)

    def ask(self, access: Access, person: int, *, ground: str) -> Request:
        """Ask for the erasure of a person: every source identity that is linked to it.

        Raises
        ------
        MayNotErase, NoAccount
            When policy does not let the account, or it is none of this lake's.
        NoSuchGround
            When the law names no such ground.
        NobodyToErase
            When nothing is stored about that person.
        ErasureAsked
            When a request waits already.
        OnHold
            When the hospital holds the record.
        """
        self._expect_may(access)
        if ground not in GROUNDS:
            raise NoSuchGround(known=tuple(GROUNDS))
        whole, subjects = self._subjects(person)
        self._expect_no_hold(subjects | {whole})
        if any(subjects & other.everyone for other in self.register.waiting()):
            raise ErasureAsked
        return self._ask(access, ground, (whole, subjects))

    def ask_for_kind(self, access: Access, kind: DataKind) -> Request:
        """Ask for the erasure of all of one kind of data that was kept for the hospital's period.

        Raises
        ------
        MayNotErase, NoAccount
            When policy does not let the account, or it is none of this lake's.
        NoPeriod
            When the hospital states none for this kind, or the kind stays with the person.
        BadRetention
            When what the hospital states cannot be read.
        ErasureAsked
            When a request for this kind waits already.
        """
        self._expect_may(access)
        part = Part(kind, self._due_before(kind))
        if any(one.part is not None and one.part.kind == kind for one in self.register.waiting()):
            raise ErasureAsked
        return self._ask(access, "no-longer-needed", (0, frozenset()), part)

    def _ask(
        self, access: Access, ground: str, whose: tuple[int, frozenset[int]],
        part: Part | None = None,
    ) -> Request:  # fmt: skip
        ident = secrets.token_hex(4)
        request = Request(ident, *whose, ground, access.who, self._lake.clock(), part=part)
        self._say(access, f"ask {ident} {ground}" + ("" if part is None else f" {part}"))
        self.register.ask(request)
        return request

    def withdraw(self, access: Access, ident: str) -> None:
        """Drop a request that nobody has approved; raises `NoSuchErasure`."""
        self._expect_may(access)
        request = self.register.get(ident)
        if request.approved_by is not None:
            raise ErasureAsked
        self._say(access, f"withdraw {ident}")
        self.register.withdraw(ident)
        scrub(self.register.database)

    def approve(self, access: Access, ident: str) -> Erased:
        """Approve what somebody else asked for, and erase it now.

        Raises
        ------
        OwnErasure
            When the same account asked for it.
        NoSuchErasure
            When nothing waits under that id.
        PersonChanged
            When the person is no longer who it was when it was asked for.
        OnHold, PeriodChanged
            When the hospital meanwhile holds the record, or keeps this kind of data for longer.
        StillRead
            When somebody reads old files for too long; `resume` finishes it.
        """
        self._expect_may(access)
        request = self.register.get(ident)
        if request.asked_by.casefold() == access.who.casefold():
            self._lake.audit.record(access, Deed("erase", "refused", definition=f"approve {ident}"))
            raise OwnErasure
        self._expect_no_hold(request.everyone)
        if request.approved_by is None:
            self._expect_as_asked(request)
            self._say(access, f"approve {ident}")
            self._lake.audit.flush()
            request = self.register.approve(request, by=access.who, at=self._lake.clock())
        return self._run(request)

    def resume(self) -> list[Erased]:
        """Finish everything that was approved and is not done, but for who is on hold now."""
        approved = [one for one in self.register.waiting() if one.approved_by is not None]
        held = self._held() if approved else frozenset()
        done = [self._run(one) for one in approved if not one.everyone & held]
        scrub(self.register.database)
        self._keep_ledger()
        return done

    def repeat(self, ledger: Ledger) -> int:
        """Erase again, in a lake just restored, what the ledger tells; how many erasures.

        Raises
        ------
        OtherLedger
            When the ledger is of another lake.
        """
        self.register.adopt(ledger.salt)
        with closing(Store(self._lake.path, clock=self._lake.clock)) as store:
            wanted = to_repeat(store, self.register, ledger)
        for one, request in wanted:
            none = replace(one, items=0, counts={}, named=0)
            done = self._run(request) if request.subjects or request.part else none
            if self.register.salt == ledger.salt:
                self.register.finish(replace(done, digests=one.digests))
        return sum(bool(request.subjects or request.part) for _, request in wanted)

    def done(self, *, after: datetime | None = None) -> list[Erased]:
        """Erasures that are done; only those after an instant, when one is given."""
        return self.register.done(after=after)

    def _run(self, request: Request) -> Erased:
        store = Store(self._lake.path, clock=self._lake.clock, fault=self._fault)
        with closing(store):
            spared = self._spared(store, request.part)
            with store.writer():
                remove_rows(
                    store, request.subjects, ident=request.id, find=_finding(request.part, spared)
                )
                self._fault("erase:after-rows")
                remove_bytes(store, patience=self._patience)
            self._fault("erase:before-beside")
            if request.part is None:
                self._lake.desk.forget(request.everyone)
                self._lake.accounts.forget(request.everyone)
                remove_beside(self._lake.path, request.everyone)
            self._fault("erase:before-done")
            done = self._finished(store, request, spared)
        self._say(replace(SYSTEM, request=request.id), f"erased {request.id} {done.items} items")
        self._lake.audit.flush()
        self.register.finish(done)
        self._fault("erase:after-done")
        scrub(self.register.database)
        self._keep_ledger()
        return done

    def _keep_ledger(self) -> None:
        if self._ledger is not None and self.register.done():
            with closing(Store(self._lake.path, clock=self._lake.clock)) as store:
                keep_ledger(store, self.register, self._ledger)

    def _finished(self, store: Store, request: Request, spared: frozenset[int]) -> Erased:
        counts, named = counts_of(store, ident=request.id)
        part = request.part and replace(request.part, spared=self.register.digests(spared))
        return Erased(
            id=request.id,
            items=sum(counts.values()),
            counts=counts,
            named=named,
            ground=request.ground,
            asked_by=request.asked_by,
            approved_by=request.approved_by or "",
            done_at=self._lake.clock(),
            digests=self.register.digests(request.subjects),
            part=part,
        )

    def _expect_as_asked(self, request: Request) -> None:
        """Refuse to approve what is no longer what was asked for."""
        part = request.part
        if part is not None and self._due_before(part.kind) < part.before:
            raise PeriodChanged
        if part is None and self._subjects(request.person_id)[1] != request.subjects:
            raise PersonChanged

    def _due_before(self, kind: str) -> datetime:
        """What happened before this instant was kept for as long as the hospital says."""
        rules = read_retention(self._lake.path)
        for rule in rules.data.values() if rules else ():
            if rule.kind == kind and kind in KINDS:
                return before_of(rule, self._lake.clock())
        raise NoPeriod(known=tuple(KINDS))

    def _expect_no_hold(self, numbers: frozenset[int]) -> None:
        if numbers & self._held():
            raise OnHold

    def _held(self) -> frozenset[int]:
        """Every number of everybody whom the hospital holds."""
        rules = read_retention(self._lake.path)
        if rules is None or not rules.hold:
            return frozenset()
        with self._lake.read(SYSTEM) as reader:
            whole = {reader.person_of(one) for one in rules.hold} | rules.hold
            return frozenset(whole.union(*(reader.subjects_of(one) for one in whole)))

    def _spared(self, store: Store, part: Part | None) -> frozenset[int]:
        """Of whom nothing goes with a part: who is on hold, and who was when it went before."""
        if part is None:
            return frozenset()
        known = set(part.spared)
        before = subjects_in(store) if known else frozenset[int]()
        return self._held() | {one for one in before if known & set(self.register.digests([one]))}

    def _subjects(self, person: int) -> tuple[int, frozenset[int]]:
        """The whole person that a number belongs to, and its subjects."""
        with self._lake.read(SYSTEM) as reader:
            whole = reader.person_of(person)
            subjects = frozenset(reader.subjects_of(whole))
            listed = sorted(subjects)
            if not any(
                reader.history(table.name, subjects=listed, columns=("subject_id",)).num_rows
                for table in with_subjects()
            ):
                raise NobodyToErase
        return whole, subjects

    def _expect_may(self, access: Access) -> None:
        """Refuse whoever may not write for operations; the terminal is no account."""
        if self._lake.accounts.find(access.who) is None:
            raise NoAccount
        rules = (rule for rule in self._lake.policy.rules if rule.role == access.role)
        if not any("operations" in r.purposes and "write" in r.operations for r in rules):
            self._lake.audit.record(access, Deed("erase", "refused"))
            raise MayNotErase

    def _say(self, access: Access, words: str) -> None:
        self._lake.audit.record(access, Deed("erase", definition=words))

    def close(self) -> None:
        """Close the register."""
        self.register.close()


def _finding(part: Part | None, spared: frozenset[int]) -> Find:
    """What says what goes: with a person, or with a part of everybody's data."""
    if part is None:
        return doomed
    return lambda store, _: doomed_part(store, part, spared)
