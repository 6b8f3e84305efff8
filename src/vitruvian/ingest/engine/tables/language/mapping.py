"""A mapping file: what the tables of one warehouse hold, read and checked once.

docs/reference/ingest/tables.md describes every word of it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from vitruvian.base.clock import is_zone
from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.tables.language.words import (
    NotWords,
    Words,
    columns_of,
    lookups_of,
    parse_words,
)
from vitruvian.ingest.errors import BadMapping

MARK = b"[mapping]"
EVENT = (
    "code text category act status time end known value unit text_value value_code comparator "
    "range_low range_high range_text interpretation body_site specimen method device dose_text "
    "state polarity certainty temporality modality when"
).split()  # fmt: skip
ROWS: Mapping[str, tuple[str, ...]] = {
    "person": ("family", "given", "birth_date", "sex", "death"),
    "episode": ("status", "class_code", "class_text", "type_text", "reason_text", "start", "end",
                "provider_text"),
    "stay": ("location_text", "location_ref", "level", "status", "start", "end"),
    "note": ("title", "code", "text", "time", "status", "language"),
    "period": ("start", "end", "basis"),
}  # fmt: skip
"""Rows that a table may give beside events, and their words."""
_TABLE = {
    "columns", "key", "required", "subject", "encounter", "defaults", "events", "measures",
    "time_formats", "date_formats", "known_delay_seconds", "lookup", "identifiers", *ROWS,
}  # fmt: skip
_LONGEST_DELAY = 100 * 366 * 86_400
_HEAD = {
    "name",
    "version",
    "title",
    "source",
    "time_zone",
    "known_delay_seconds",
    "person",
    "encounter",
}


@dataclass(frozen=True)
class EventRule:
    """One event of each row: its name in the row, and words for the columns of the timeline."""

    name: str
    words: Mapping[str, Words]  # ``when`` must say something, or there is no event
    codings: tuple[Mapping[str, Words], ...] = ()


@dataclass(frozen=True)
class TableRule:
    """What one table holds, and the columns by which it is known."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    subject: Words | None = None
    encounter: Words | None = None
    lookup: Mapping[str, Words] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    identifiers: tuple[Mapping[str, Words], ...] = ()
    defaults: Mapping[str, Words] = field(default_factory=dict)
    events: tuple[EventRule, ...] = ()
    time_formats: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ()
    known_delay_seconds: int | None = None

    @property
    def named(self) -> frozenset[str]:
        """Every column that the rule speaks of."""
        return frozenset().union(
            self.columns, self.key, self.required, *map(columns_of, self._words())
        )

    @property
    def lookups(self) -> frozenset[str]:
        """The lookup tables it needs."""
        return frozenset(table for words in self._words() for table, _ in lookups_of(words))

    @property
    def lookup_keys(self) -> frozenset[tuple[str, str]]:
        """Lookup table and the column that holds its key."""
        return frozenset(pair for words in self._words() for pair in lookups_of(words))

    def _words(self) -> Iterable[Words | None]:
        yield from (self.subject, self.encounter)
        groups = [self.lookup, self.defaults, *self.rows.values(), *self.identifiers]
        for rule in self.events:
            groups += [rule.words, *rule.codings]
        for group in groups:
            yield from group.values()


@dataclass(frozen=True)
class Declared:
    """A whole mapping."""

    name: str
    version: str
    digest: str
    tables: Mapping[str, TableRule]
    text: bytes = b""
    time_zone: str | None = None
    known_delay_seconds: int = 0
    person: str = "person"
    encounter: str = "encounter"

    @property
    def derivation_id(self) -> int:
        """Stable id of this mapping, in these words."""
        return stable_id("tables", self.name, self.version, self.digest)

    @property
    def stamp(self) -> str:
        """Name, version and the beginning of the digest."""
        return f"{self.name} {self.version} {self.digest[:12]}"

    def table_with(self, columns: Iterable[str]) -> TableRule | None:
        """The table that columns belong to: of those that fit, the one that asks for most."""
        held = frozenset(columns)
        fitting = [rule for rule in self.tables.values() if held.issuperset(rule.columns)]
        return max(fitting, key=lambda rule: len(rule.columns), default=None)


@cache
def read_mapping(text: bytes) -> Declared:
    """A mapping from the bytes of its file.

    Raises
    ------
    BadMapping
        When it is not TOML, or says something not in its language.
    """
    try:
        said: dict[str, Any] = tomllib.loads(text.decode())  # TOML values are of any type
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        where, fault = "the whole file", "it is not TOML in UTF-8, or nested too deep"
        raise BadMapping(where, fault) from None
    _expect("\0" not in _texts_in(said), "the whole file", "a text holds the character U+0000")
    _known(said, {"mapping", "tables"}, "the whole file")
    head = said.get("mapping", {})
    _expect(isinstance(head, dict), "[mapping]", "it is not a table")
    _known(head, _HEAD, "[mapping]")
    for name in ("name", "version"):
        _expect(isinstance(head.get(name), str), "[mapping]", f"{name} is missing")
    declared = said.get("tables")
    _expect(isinstance(declared, dict) and bool(declared), "the whole file", "no table is declared")
    _check_delay(head, "[mapping]")
    kept = {key: value for key, value in head.items() if key not in {"title", "source"}}
    tables = {name.lower(): _table(name.lower(), rule) for name, rule in said["tables"].items()}
    _check_zone(head.get("time_zone"))
    _check_lookups(tables)
    return Declared(**kept, digest=hashlib.sha256(text).hexdigest(), tables=tables, text=text)


def _texts_in(said: object) -> str:
    """All texts of a mapping, names too, one after another."""
    if isinstance(said, dict):
        return "".join(map(_texts_in, [*said, *said.values()]))
    if isinstance(said, list):
        return "".join(map(_texts_in, said))
    return said if isinstance(said, str) else ""


def _known(said: Mapping[str, Any], words: Iterable[str], where: str) -> None:
    for key in said:
        _expect(key in words, where, f"the word {key!r} is not known")


def _expect(holds: bool, where: str, fault: str) -> None:  # noqa: FBT001  it reads as a sentence
    if not holds:
        raise BadMapping(where, fault)


def _check_zone(zone: object) -> None:
    known = zone is None or is_zone(str(zone))
    _expect(known, "[mapping]", f"time_zone {zone!r} is not an IANA name")


def _check_delay(said: Mapping[str, Any], where: str) -> None:
    delay = said.get("known_delay_seconds", 0)
    fault = "known_delay_seconds is a whole number of seconds from 0 to a hundred years"
    _expect(type(delay) is int and 0 <= delay <= _LONGEST_DELAY, where, fault)


def _check_lookups(tables: Mapping[str, TableRule]) -> None:
    for rule in tables.values():
        for name in rule.lookups:
            found = name in tables and bool(tables[name].lookup) and bool(tables[name].key)
            fault = f"it looks up {name!r}, which is no table with a key and a lookup"
            _expect(found, f"[tables.{rule.name}]", fault)


def _table(name: str, said: Any) -> TableRule:
    where = f"[tables.{name}]"
    _expect(isinstance(said, dict), where, "it is not a table")
    _known(said, _TABLE, where)
    _expect(bool(said.get("columns")), where, "columns is missing: by what is the table known?")
    _check_delay(said, where)
    defaults = _group(said.get("defaults", {}), EVENT, where)
    rule = TableRule(
        name=name,
        columns=_names(said["columns"], where),
        key=_names(said.get("key", []), where),
        required=_names(said.get("required", []), where),
        subject=_one(said["subject"], where) if "subject" in said else None,
        encounter=_one(said["encounter"], where) if "encounter" in said else None,
        time_formats=_texts(said.get("time_formats", []), where),
        date_formats=_texts(said.get("date_formats", []), where),
        known_delay_seconds=said.get("known_delay_seconds"),
        lookup=_group(said.get("lookup", {}), None, where),
        rows={
            kind: _group(said[kind], words, f"[tables.{name}.{kind}]")
            for kind, words in ROWS.items()
            if kind in said
        },
        identifiers=tuple(
            _group(each, ("system", "value", "label"), where)
            for each in said.get("identifiers", ())
        ),
        defaults=defaults,
    )
    events = (*_events(said, where), *_measures(said, where))
    return replace(rule, events=tuple(replace(e, words={**defaults, **e.words}) for e in events))


def _names(said: Any, where: str) -> tuple[str, ...]:
    return tuple(each.lower() for each in _texts(said, where))


def _texts(said: Any, where: str) -> tuple[str, ...]:
    _expect(isinstance(said, list) and all(isinstance(each, str) for each in said), where,
            "columns, key, required, time_formats, date_formats are lists of texts")  # fmt: skip
    return tuple(said)


def _one(said: object, where: str) -> Words:
    try:
        return parse_words(said)
    except NotWords:
        fault = "a value is neither text, a list, nor of and map"
        raise BadMapping(where, fault) from None


def _group(said: Any, words: Iterable[str] | None, where: str) -> dict[str, Words]:
    _expect(isinstance(said, dict), where, "it is not a table")
    if words is not None:
        _known(said, words, where)
    return {key.lower(): _one(value, where) for key, value in said.items()}


def _events(said: Mapping[str, Any], where: str) -> Iterable[EventRule]:
    for place, each in enumerate(said.get("events", ())):
        event = dict(each)
        name = str(event.pop("name", place))
        codings = tuple(
            _group(coding, ("system", "code", "display"), where)
            for coding in event.pop("codings", ())
        )
        yield EventRule(name, _group(event, EVENT, where), codings)


def _measures(said: Mapping[str, Any], where: str) -> Iterable[EventRule]:
    """A column that holds one kind of value each: an event for every row where it holds one."""
    for column, each in said.get("measures", {}).items():
        _expect(isinstance(each, dict), where, f"measure {column!r} is not a table")
        words = _group({"value": f"{{{column}}}", "when": f"{{{column}}}", **each}, EVENT, where)
        yield EventRule(column.lower(), words)
