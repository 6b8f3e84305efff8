"""Letting in whom another record system vouched for, with its patient in context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitruvian.api.deps import Said, access_of
from vitruvian.api.routes.launch.asking import Heard
from vitruvian.api.routes.launch.declared import Ehr
from vitruvian.api.routes.launch.meeting import account_of, encounter_of, person_of
from vitruvian.lake.apps.opened import Opening
from vitruvian.trust import Deed

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.accounts import Session


@dataclass(frozen=True)
class Entered:
    """A session, and whose record it was opened for."""

    session: Session
    person_id: int


def entered(lake: Lake, ehr: Ehr, said: Heard, *, request_id: str) -> Entered:
    """A session of the account that was vouched for; nobody enters when anything is unknown.

    Raises
    ------
    UnknownUser, UnknownPatient, ContradictoryContext
        When user, patient or encounter are not known here, or do not belong together.
    """
    account = account_of(lake, ehr, said.user)
    access = access_of(lake, account, said=Said(), request_id=request_id)
    person = person_of(lake, access, ehr, said.patients)
    encounter = encounter_of(lake, access, ehr, (said, person))
    session = lake.accounts.open_session(account.name)
    lake.apps.openings.put(session.token, Opening(ehr.name, person, encounter))
    lake.audit.record(
        access, Deed("account", subjects=(person,), definition=f"opened from {ehr.name}")
    )
    return Entered(session, person)
