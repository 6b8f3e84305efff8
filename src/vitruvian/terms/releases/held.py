"""What the releases that a site loaded say of codes, read through the door.

Of each release the newest load is in force, as of the instant that was recorded; `known_at` plays
no part, since a code system is the words of a question and not what was known of a patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from vitruvian.base.ids import stable_id

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any

_CARD = ("release_id", "name", "edition", "concepts", "links", "recorded_at")
_BELOW = """
WITH RECURSIVE below(code_id) AS (
    SELECT unnest(?::BIGINT[])
    UNION
    SELECT child_id FROM below JOIN concept_parent ON parent_id = below.code_id
        AND release_id IN (SELECT unnest(?::BIGINT[])))
SELECT DISTINCT code FROM concept SEMI JOIN below USING (code_id)
WHERE release_id IN (SELECT unnest(?::BIGINT[])) ORDER BY code"""


class Reader(Protocol):
    """What a reader of the lake can do for us."""

    def rows(self, table: str, *, columns: Sequence[str]) -> Arrow:
        """The rows that hold."""

    def look_up(self, table: str, *, keys: Sequence[int], columns: Sequence[str]) -> Arrow:
        """The rows at some keys."""

    def query(self, sql: str, *, tables: Sequence[str], params: Sequence[object]) -> Arrow:
        """The answer of our own SQL."""


@dataclass(frozen=True)
class Held:
    """A release in the lake, and since when it is in force.

    Parameters
    ----------
    name, edition
        snomed 20250101.
    concepts, links
        How many it holds.
    release_id
        Names its content.
    since
        When it was loaded.
    """

    name: str
    edition: str
    concepts: int
    links: int
    release_id: int
    since: datetime

    @property
    def called(self) -> str:
        """Name and edition."""
        return f"{self.name} {self.edition}"


@dataclass(frozen=True)
class Named:
    """What a release calls a code."""

    display: str
    release: Held


@dataclass(frozen=True)
class Expansion:
    """A code with everything that is a kind of it, and the releases that say so.

    Parameters
    ----------
    code
        The one that was asked about, as SYSTEM//code.
    codes
        It and all below it, in the order of the alphabet.
    releases
        snomed 20250101; more than one where several know the code.
    """

    code: str
    codes: tuple[str, ...]
    releases: tuple[str, ...]


class Terms:
    """What the releases in force say of codes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @cached_property
    def releases(self) -> tuple[Held, ...]:
        """The releases in force, by name."""
        rows = self._reader.rows("terminology", columns=_CARD).to_pylist()
        rows.sort(key=lambda row: row["recorded_at"])
        newest = {row["name"]: row for row in rows}
        return tuple(
            Held(
                name, row["edition"], row["concepts"], row["links"], row["release_id"],
                row["recorded_at"],
            )
            for name, row in sorted(newest.items())
        )  # fmt: skip

    def names(self, codes: Iterable[str]) -> dict[str, Named]:
        """What codes are called; a code that no release names is left out.

        Where several releases name one, its own publisher's word comes before Athena's copy.
        """
        wanted = {stable_id(code): code for code in codes}
        rows = self._concepts(list(wanted)) if wanted else []
        found: dict[str, Named] = {}
        by_id = {each.release_id: each for each in self.releases} if rows else {}
        for row in rows:
            release = by_id.get(row["release_id"])
            if release is None or not row["display"] or wanted[row["code_id"]] != row["code"]:
                continue
            if row["code"] not in found or found[row["code"]].release.name == "athena":
                found[row["code"]] = Named(row["display"], release)
        return found

    def displays(self, codes: Iterable[str]) -> dict[str, str]:
        """Names of codes; a code that no release names is left out."""
        return {code: named.display for code, named in self.names(codes).items()}

    def expand(self, code: str) -> Expansion | None:
        """A code with everything that is a kind of it; None when no release in force knows it.

        Only the releases that know the code say what is below it.
        """
        if not self.releases:
            return None
        number = stable_id(code)
        known = {row["release_id"] for row in self._concepts([number]) if row["code"] == code}
        held = [each for each in self.releases if each.release_id in known]
        if not held:
            return None
        ids = [each.release_id for each in held]
        rows = self._reader.query(
            _BELOW, tables=["concept", "concept_parent"], params=[[number], ids, ids]
        )
        return Expansion(code, tuple(rows["code"].to_pylist()), tuple(e.called for e in held))

    def _concepts(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        columns = ("code_id", "release_id", "code", "display")
        found: list[dict[str, Any]] = self._reader.look_up(
            "concept", keys=numbers, columns=columns
        ).to_pylist()
        return found
