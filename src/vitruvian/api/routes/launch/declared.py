"""The record systems that may open this server: declared beside the lake, in `ehr.toml`."""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vitruvian.api.routes.launch.errors import BadEhrFile, UnknownSystem
from vitruvian.lake.apps.registry import good_address

FILE = "ehr.toml"
USER = "fhirUser"


class Ehr(BaseModel):
    """One record system as declared.

    Parameters
    ----------
    name
        One word for it: what links are signed as, and what the audit calls it.
    title
        As people see it.
    patient_system, encounter_system
        The system of the identifiers by which both sides know a patient, and an encounter.
    user
        The claim that says who somebody is. `fhirUser` goes by what accounts are tied to, any
        other one is the name of the account here. Unsaid, `fhirUser` where there is an issuer.
    issuer
        Its FHIR address, for SMART App Launch; None when it only makes signed links.
    client_id, secret_file
        What it calls this server, and a file with the secret of a confidential client.
    also_at
        Other addresses (scheme and host) that its sign-in may stand at.
    keys_file
        A JWK Set with the public keys it signs links with; None when it makes none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=60)
    patient_system: str = Field(min_length=1, max_length=200)
    encounter_system: str | None = Field(default=None, min_length=1, max_length=200)
    user: str | None = Field(default=None, min_length=1, max_length=60)
    issuer: str | None = None
    client_id: str | None = Field(default=None, min_length=1)
    secret_file: Path | None = None
    also_at: tuple[str, ...] = ()
    keys_file: Path | None = None

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.issuer is None and self.keys_file is None:
            raise ValueError
        if (self.issuer is None) != (self.client_id is None):
            raise ValueError
        if self.issuer is None and self.user == USER:
            raise ValueError
        listed = (*self.also_at, *filter(None, [self.issuer]))
        if not all(map(good_address, listed)):
            raise ValueError
        return self

    def reaches(self, address: object) -> bool:
        """Whether an address is one of this system: of its issuer, or of another one declared."""
        if self.issuer is None or not isinstance(address, str) or not good_address(address):
            return False
        try:
            return origin_of(address) in {origin_of(one) for one in (self.issuer, *self.also_at)}
        except ValueError:
            return False

    @property
    def by_ties(self) -> bool:
        """Whether users are known by what accounts are tied to, and not by the account's name."""
        return self.issuer is not None and self.user in {None, USER}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    ehr: tuple[Ehr, ...] = ()


def origin_of(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address.

    Examples
    --------
    >>> origin_of("https://EHR.example/fhir")
    ('https', 'ehr.example', 443)
    """
    parts = urlsplit(address)
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, parts.hostname or "", parts.port or usual


def declared_systems(lake: Path) -> tuple[Ehr, ...]:
    """The systems declared beside a lake; none where there is no such file.

    Raises
    ------
    BadEhrFile
        When the file cannot be used, or declares one name or one issuer twice.
    """
    path = lake / FILE
    if not path.is_file():
        return ()
    try:
        found = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).ehr
    except ValidationError as error:
        raise BadEhrFile(".".join(map(str, error.errors()[0]["loc"]))) from None
    except (OSError, ValueError, RecursionError):
        raise BadEhrFile("its first line: it is not TOML in UTF-8") from None
    names = [one.name for one in found]
    issuers = [_plain(one.issuer) for one in found if one.issuer is not None]
    if len(set(names)) < len(names) or len(set(issuers)) < len(issuers):
        raise BadEhrFile("a name or an issuer that stands twice")
    return found


def by_issuer(systems: Sequence[Ehr], issuer: str) -> Ehr:
    """The system whose FHIR address this is, letter by letter; raises `UnknownSystem`."""
    for one in systems:
        if one.issuer is not None and _plain(one.issuer) == _plain(issuer):
            return one
    raise UnknownSystem


def by_name(systems: Sequence[Ehr], name: str) -> Ehr:
    """The system of that name; raises `UnknownSystem`."""
    for one in systems:
        if one.name == name:
            return one
    raise UnknownSystem


def _plain(address: str) -> str:
    """An address without the slash at its end, which makes no difference here."""
    return address.removesuffix("/")
