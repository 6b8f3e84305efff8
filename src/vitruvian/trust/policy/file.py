"""Reading a policy file; a word it does not know is refused, never passed over."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitruvian.trust.access import PURPOSES, Operation, Purpose, Relation
from vitruvian.trust.errors import BadPolicy
from vitruvian.trust.own_record.holding import DEFAULT as HELD_BY_DEFAULT
from vitruvian.trust.own_record.holding import Holding
from vitruvian.trust.policy.words import ALL, AUDITORS, Basis, Label, Policy, RestsOn, Rule, Study

NAME = "policy.toml"
DEFAULT = Path(__file__).with_name(NAME)
LARGEST = 1_000_000


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Basis(_Words):
    rests_on: RestsOn
    blocks: bool
    words: str = Field(min_length=1)


class _Reach(_Words):
    hospital: list[str]
    hospital_reaches_guarded: list[str]
    ward_days_after: int = Field(ge=0, le=3660)
    care_team_days_after: int = Field(ge=0, le=3660)


class _Glass(_Words):
    hours: int = Field(ge=1, le=72)
    least_letters: int = Field(ge=1, le=200)
    reviewers: list[str]


class _Audit(_Words):
    readers: list[str]


class _Label(_Words):
    meaning: str
    security: list[str]
    codes: list[str]


class _Rule(_Words):
    role: str = Field(min_length=1)
    purposes: list[Purpose]
    relations: list[Relation]
    operations: list[Operation]
    labels: list[str]
    types: list[str] | None = None


class _Consent(_Words):
    purposes: dict[Purpose, list[str]]
    codes: dict[Purpose, list[str]] = {}
    ours: list[str] = []


class _Study(_Words):
    patients: Literal["enrolled", "consenting"]
    uses: list[str] = []
    meets: list[str] = []


class _Asks(_Words):
    role: str
    purpose: Purpose
    operation: Operation = "read"
    relations: list[Relation]
    guards: list[str] = []
    consent: Literal["permit", "deny", "silent", "unreadable"] = "silent"
    labels: list[str] = []
    type: str | None = None


class _Case(_Words):
    says: str
    asks: _Asks
    answer: Literal["allowed", "refused", "behind-glass"]


class _OwnRecord(_Words):
    held_types: list[str]
    held_labels: list[str]
    held_security: list[str]
    held_codes: list[str]
    released_by: list[str]
    proxy_until_years: int = Field(ge=0, le=30)
    names_staff: bool


class _File(_Words):
    version: str = Field(min_length=1)
    title: str
    basis: dict[Purpose, _Basis]
    reach: _Reach
    break_glass: _Glass
    label: dict[str, _Label]
    rule: list[_Rule]
    consent: _Consent
    study: dict[str, _Study] = {}
    own_record: _OwnRecord | None = None
    audit: _Audit | None = None
    case: list[_Case] = Field(min_length=1)


@lru_cache(maxsize=8)
def _read(text: str) -> Policy:
    try:
        said = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(why=f"it is not TOML: {error}") from None
    except RecursionError:
        raise BadPolicy(why="it is nested without end") from None
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5]
        )
        raise BadPolicy(why=places) from None
    _check(said)
    return _policy(said, text)


def read_policy(text: str) -> Policy:
    """The policy a file's text states.

    Raises
    ------
    BadPolicy
        When a word in it is unknown, or a purpose has no stated basis.
    """
    if len(text) > LARGEST:
        raise BadPolicy(why="it is larger than a megabyte")
    return _read(text)


def policy_of(folder: Path) -> Policy:
    """The policy in force in a lake's folder: the site's own, else the default."""
    own = folder / NAME
    path = own if own.is_file() else DEFAULT
    try:
        return read_policy(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise BadPolicy(why="it cannot be read as UTF-8 text") from None


def _check(said: _File) -> None:
    unstated = [purpose for purpose in PURPOSES if purpose not in said.basis]
    if unstated:
        raise BadPolicy(why=f"it states no basis for {', '.join(unstated)}")
    known = {*said.label, ALL}
    for rule in said.rule:
        unknown = set(rule.labels) - known
        if unknown:
            raise BadPolicy(why=f"a rule of '{rule.role}' names labels it does not define")
    if said.own_record is not None and set(said.own_record.held_labels) - {*said.label}:
        raise BadPolicy(why="own_record names labels it does not define")
    _check_types(said)


def _check_types(said: _File) -> None:
    """Types belong to a role and purpose: rules by closer relations may not differ in them."""
    seen: dict[tuple[str, str], list[str] | None] = {}
    for rule in said.rule:
        for purpose in rule.purposes:
            types = None if rule.types is None else sorted(rule.types)
            if seen.setdefault((rule.role, purpose), types) != types:
                raise BadPolicy(why=f"rules of '{rule.role}' for {purpose} differ in their types")


def _policy(said: _File, text: str) -> Policy:
    return Policy(
        version=said.version,
        title=said.title,
        bases={purpose: Basis(**one.model_dump()) for purpose, one in said.basis.items()},
        rules=tuple(_rule(one) for one in said.rule),
        labels={
            name: Label(name, one.meaning, frozenset(one.security), tuple(one.codes))
            for name, one in said.label.items()
        },
        hospital=frozenset(said.reach.hospital),
        hospital_reaches_guarded=frozenset(said.reach.hospital_reaches_guarded),
        ward_days_after=said.reach.ward_days_after,
        care_team_days_after=said.reach.care_team_days_after,
        glass_hours=said.break_glass.hours,
        glass_letters=said.break_glass.least_letters,
        reviewers=frozenset(said.break_glass.reviewers),
        purposes_said=_by_code(said.consent.purposes),
        codes_said=_by_code(said.consent.codes),
        ours=frozenset(said.consent.ours),
        studies={
            name: Study(name, one.patients, frozenset(one.uses), frozenset(one.meets))
            for name, one in said.study.items()
        },
        cases=tuple(one.model_dump() for one in said.case),
        holding=_holding(said.own_record),
        auditors=AUDITORS if said.audit is None else frozenset(said.audit.readers),
        words=text,
    )


def _rule(said: _Rule) -> Rule:
    return Rule(
        role=said.role,
        purposes=frozenset(said.purposes),
        relations=frozenset(said.relations),
        operations=frozenset(said.operations),
        labels=None if ALL in said.labels else frozenset(said.labels),
        types=None if said.types is None else frozenset(said.types),
    )


def _holding(said: _OwnRecord | None) -> Holding:
    """What waits for a release; a policy that says nothing of it holds what the default holds."""
    if said is None:
        return HELD_BY_DEFAULT
    return Holding(
        types=frozenset(said.held_types),
        labels=frozenset(said.held_labels),
        security=frozenset(said.held_security),
        codes=tuple(said.held_codes),
        released_by=frozenset(said.released_by),
        proxy_until_years=said.proxy_until_years,
        names_staff=said.names_staff,
    )


def _by_code(said: Mapping[Purpose, list[str]]) -> dict[str, Purpose]:
    return {code: purpose for purpose, codes in said.items() for code in codes}
