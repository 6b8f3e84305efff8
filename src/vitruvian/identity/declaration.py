"""A declaration of who is who: pairs of keys, or an authority whose numbers name one person.

A key is that of a stored record: ``OMOP/person/17``, ``Patient/ada``,
or ``Patient?system|value`` for a person's identifier.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vitruvian.identity.errors import BadDeclaration

_MARK = b"[authority]"
_LEAST_SYSTEMS = 2


@dataclass(frozen=True)
class Pair:
    """Two keys of one person; ``line`` is where it stands in the file."""

    line: int
    left: str
    right: str
    evidence: str | None = None
    known_at: datetime | None = None


@dataclass(frozen=True)
class Authority:
    """Identifier systems that carry the numbers of one authority: the same number, one person."""

    name: str
    systems: tuple[str, ...]
    known_at: datetime | None = None


@dataclass(frozen=True)
class Declaration:
    """One file's links."""

    digest: str
    pairs: tuple[Pair, ...] = ()
    authority: Authority | None = None

    @property
    def evidence(self) -> str:
        """Why these are one person, in a few words."""
        who = "by name of each pair" if self.authority is None else f"by {self.authority.name}"
        return f"declared {who}, declaration {self.digest[:12]}"


def read_declaration(data: bytes) -> Declaration:
    """The links a file declares.

    Raises
    ------
    BadDeclaration
        When it is neither of the two forms.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        fault = "the file is not in UTF-8"
        raise BadDeclaration(fault) from None
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    if first.encode() == _MARK:
        return Declaration(digest, authority=_authority(text))
    return Declaration(digest, pairs=tuple(_pairs(text)))


def _authority(text: str) -> Authority:
    try:
        said: dict[str, Any] = tomllib.loads(text)["authority"]  # TOML values are of any type
    except tomllib.TOMLDecodeError:
        fault = "the file is not TOML"
        raise BadDeclaration(fault) from None
    name, systems = said.get("name"), said.get("systems")
    good = isinstance(systems, list) and all(isinstance(each, str) for each in systems)
    if not isinstance(name, str) or not good or len(systems or ()) < _LEAST_SYSTEMS:
        fault = "an authority has a name and at least two systems"
        raise BadDeclaration(fault)
    return Authority(name, tuple(systems or ()), _instant(said.get("known_at"), line=1))


def _pairs(text: str) -> Iterator[Pair]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    names = {(name or "").strip().lower() for name in rows.fieldnames or ()}
    if not {"left", "right"} <= names:
        fault = "it has no columns left and right"
        raise BadDeclaration(fault)
    for row in rows:
        said = {(k or "").strip().lower(): (v or "").strip() for k, v in row.items() if k}
        left, right = said.get("left"), said.get("right")
        if not left or not right:
            fault = f"line {rows.line_num} names only one of two"
            raise BadDeclaration(fault)
        known = _instant(said.get("known_at") or None, line=rows.line_num)
        yield Pair(rows.line_num, left, right, said.get("evidence") or None, known)


def _instant(said: object, *, line: int) -> datetime | None:
    if said is None:
        return None
    try:
        found = said if isinstance(said, datetime) else datetime.fromisoformat(str(said))
    except ValueError:
        fault = f"known_at in line {line} is not an ISO 8601 date or time"
        raise BadDeclaration(fault) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
