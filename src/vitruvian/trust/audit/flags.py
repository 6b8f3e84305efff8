"""Look-ups that somebody should ask about: of known people, staff, family, and oneself. Pure.

A flag is a question and no verdict: whoever shares a name with a patient may well treat them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vitruvian.trust.audit.rows import AuditRow

Flag = Literal["own-record", "family", "vip", "staff", "broken-glass"]
FLAGS: tuple[Flag, ...] = ("own-record", "family", "vip", "staff", "broken-glass")
GUARDED: Mapping[str, Flag] = {"vip": "vip", "staff": "staff"}


@dataclass(frozen=True)
class Around:
    """Whom an account is close to.

    Parameters
    ----------
    own
        Persons whose account it is.
    kin
        Persons it speaks for, as a parent does for a child.
    names
        Family names, folded: of the account and of its own record.
    """

    own: frozenset[int] = frozenset()
    kin: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Known:
    """What is known of accounts and of persons.

    Parameters
    ----------
    accounts
        By name; one that is not there is close to nobody.
    guards
        Words of the guards by person.
    families
        Family names by person, folded.
    """

    accounts: Mapping[str, Around] = field(default_factory=dict)
    guards: Mapping[int, frozenset[str]] = field(default_factory=dict)
    families: Mapping[int, frozenset[str]] = field(default_factory=dict)


def flags_of(row: AuditRow, person: int | None, known: Known) -> tuple[Flag, ...]:
    """What one row of the audit should be asked about.

    Parameters
    ----------
    row
        A link of the chain.
    person
        The one person whose rows were shown; None for nobody or for several. In a list of many
        patients one of the same name is no look-up.
    known
        Of accounts and persons, as far as this row needs it.
    """
    found: set[Flag] = {"broken-glass"} if row.deed.kind == "glass" else set()
    around = known.accounts.get(row.access.who, Around())
    if person is not None:
        found |= {GUARDED[word] for word in known.guards.get(person, ()) if word in GUARDED}
        if person in around.own:
            found.add("own-record")
        elif person in around.kin or around.names & known.families.get(person, frozenset()):
            found.add("family")
    return tuple(flag for flag in FLAGS if flag in found)


def folded(name: str) -> str:
    """A name without case, accents and joints, to compare.

    Examples
    --------
    >>> folded("Núñez-Ibarra")
    'nunez ibarra'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(" " if letter in "-'\u2019" else letter for letter in plain)
    return " ".join("".join(c for c in kept if not unicodedata.combining(c)).split())
