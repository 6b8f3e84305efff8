"""Whom each access reaches, and the veil that the door draws over the rest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitruvian.base.clock import Clock
from vitruvian.lake.engines.doorway import Doorway
from vitruvian.lake.engines.veil import Veil
from vitruvian.lake.errors import GrantsStale, NoProject
from vitruvian.lake.kept.following import table_state
from vitruvian.lake.permit.desk import Desk, Ties
from vitruvian.lake.permit.known import READ, Known, read_known
from vitruvian.lake.permit.working import Working
from vitruvian.lake.store.catalogue import State
from vitruvian.lake.store.store import Store
from vitruvian.trust.access import Access
from vitruvian.trust.own_record import Key
from vitruvian.trust.policy import Policy, policy_of
from vitruvian.trust.reach import Matter, Reach
from vitruvian.trust.smart import narrowed, writes

if TYPE_CHECKING:
    import pyarrow as pa

STAMP = "policy.labels"
MOST_KEPT = 64


@dataclass(frozen=True)
class Permit:
    """What one access may see in one state."""

    reach: Reach
    veil: Veil
    key: str

    def lets_write(self, tables: Mapping[str, pa.Table]) -> bool:
        """Whether all records to be written are of types that an app's scopes let it write."""
        near = self.reach.near
        return near is None or all(
            writes(self.reach.asker.access, kind, near=subject in near.subjects)
            for kind, subject in _written(tables)
        )

    def behind_glass(self, subject: int) -> bool:
        """Whether a broken glass would open what is closed of this subject."""
        return self.reach.answer(subject, Matter()) == "behind-glass"


@dataclass(frozen=True)
class Kept:
    """A permit that was worked out, the subjects whose records it looked into, and in which state.

    Parameters
    ----------
    whose
        Those whose consents tell record from record, and those who see their own record.
    """

    permit: Permit
    whose: frozenset[int]
    state: State


class Permits:
    """Every permit of one lake; those worked out last are kept."""

    def __init__(self, store: Store, desk: Desk, *, clock: Clock) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._guard = threading.Lock()
        self._known: tuple[Hashable, Known] | None = None
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    @property
    def policy(self) -> Policy:
        """The policy in force now."""
        return policy_of(self._store.root)

    def permit(self, access: Access, door: Doorway, *, policy: Policy) -> Permit | None:
        """What an access may see; None when it sees everything, whatever is stored.

        Parameters
        ----------
        access
            Who asks and why.
        door
            The state that is read, as of now and without a veil.
        policy
            The policy in force.

        Raises
        ------
        NoProject
            When research names no project of the account.
        GrantsStale
            When labels were computed under another policy, and something would leave.
        """
        if sees_everything(access, policy):
            return None
        policy = narrowed(policy, access)
        ties, open_to = self._desk.ties(access.who), self._desk.open_to(access.who)
        own = ties.own | ties.proxy
        released = self._desk.released() if own else frozenset[Key]()
        access = _with_project(access, ties, policy)
        self._expect_fresh(access, policy)
        now = self._clock()
        minute = now.replace(second=0, microsecond=0)
        asks = replace(access, request=None, reason=None)
        state = (door.state.erased, table_state(door, READ))
        key = (state, asks, ties, open_to, released, policy.words, minute)
        with self._guard:
            found = self._kept.get(key)
            known = self._known
        if found is not None and not self._looked_into_since(found, door.state):
            return found.permit
        if known is None or known[0] != state:
            known = (state, read_known(door))
        working = Working(access, policy, ties, known[1], now, released)
        reach, veil = working.reached(door, open_to)
        made = Permit(reach, veil, key=veil.digest())
        whose = known[1].whole(own) | reach.by_record.keys()
        with self._guard:
            self._known = known
            self._kept[key] = Kept(made, whose, door.state)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made

    def _looked_into_since(self, kept: Kept, state: State) -> bool:
        """Whether something came to records that a permit was worked out from."""
        if not kept.whose:
            return False
        if kept.state.snapshot_id != state.snapshot_id:
            return True
        bounds = sorted((kept.state.log_seq, state.log_seq))
        sql = "SELECT DISTINCT subject_id FROM log WHERE seq>? AND seq<=?"
        came = self._store.catalogue.database.rows(sql, bounds)
        return any(subject in kept.whose for (subject,) in came)

    def _expect_fresh(self, access: Access, policy: Policy) -> None:
        leaves = access.operation == "export" or access.purpose == "research"
        if leaves and not self.fresh(policy):
            raise GrantsStale

    def fresh(self, policy: Policy) -> bool:
        """Whether everything stored was labelled under this policy."""
        return self._store.catalogue.meta(STAMP) == policy.label_key()

    def stamp(self, policy: Policy) -> None:
        """Write down that stored labels were computed under this policy."""
        if self._store.catalogue.meta(STAMP) != policy.label_key():
            self._store.catalogue.set_meta(STAMP, policy.label_key())


def sees_everything(access: Access, policy: Policy) -> bool:
    """Whether no consent, guard or label could hide anything from an access."""
    if access.app is not None:
        return False
    basis = policy.bases[access.purpose]
    if basis.rests_on != "legal-task" or basis.blocks or access.operation == "export":
        return False
    if access.role not in policy.hospital & policy.hospital_reaches_guarded:
        return False
    return any(
        rule.role == access.role
        and access.purpose in rule.purposes
        and access.operation in rule.operations
        and "hospital" in rule.relations
        and rule.labels is None
        and rule.types is None
        for rule in policy.rules
    )


def only_project(ties: Ties, policy: Policy) -> str | None:
    """The one project of an account that has one; None for none or several."""
    own = ties.study & policy.studies.keys()
    return min(own) if len(own) == 1 else None


def _with_project(access: Access, ties: Ties, policy: Policy) -> Access:
    """Research is for one project: the one named, or the only one of the account."""
    if access.purpose != "research":
        return access
    project = access.project or only_project(ties, policy)
    if project is None or project not in ties.study & policy.studies.keys():
        raise NoProject
    return replace(access, project=project)


def _written(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, int | None]]:
    """Type and subject of every record to be written."""
    if "resource" in tables:
        rows = tables["resource"].select(("resource_type", "subject_id"))
        yield from ((row["resource_type"], row["subject_id"]) for row in rows.to_pylist())
    if "image" in tables:
        yield from (("ImagingStudy", one) for one in tables["image"]["subject_id"].to_pylist())
