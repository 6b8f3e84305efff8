"""Writes one after another: look, decide, map, append; durable and on the timeline at return.

One lock holds a write from its look at the present state to its append, so that two conditional
creates cannot both find nothing, and of two updates of one version only one finds it still there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.api.routes.fhir.json import Json
from vitruvian.api.routes.fhir.outcome import BadRequest
from vitruvian.api.routes.fhir.serving.stored import Stored, Version, current_ids, load, versions_of
from vitruvian.api.routes.fhir.writing.checking import text_of
from vitruvian.base.clock import Clock
from vitruvian.base.errors import Unavailable
from vitruvian.base.ids import stable_id
from vitruvian.ingest.live import LiveMapping, LiveRecord, Rows, live_mapping
from vitruvian.trust import SYSTEM
from vitruvian.trust.smart import expect_scope
from vitruvian.trust.smart.narrowing import Letter

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.trust import Access

DRAIN_AFTER_ROWS = 2_000


class TwiceInOne(BadRequest):
    """One transaction changes a resource twice."""

    def __init__(self) -> None:
        super().__init__("One transaction changes the same resource twice. Expected once at most.")


@dataclass(frozen=True)
class Present:
    """What there is of one resource: its versions, and the one that holds."""

    key: str
    versions: tuple[Version, ...] = ()
    current: Stored | None = None

    @property
    def exists(self) -> bool:
        """Whether it can be read."""
        return self.current is not None and not self.current.deleted


@dataclass(frozen=True)
class Change:
    """One resource to be stored, or (content None) said to be gone."""

    present: Present
    content: Json | None


@dataclass(frozen=True)
class Done:
    """What became of one change.

    Parameters
    ----------
    stored
        The version that holds now.
    changed
        Whether a version was added; the same content again adds none.
    """

    stored: Stored
    changed: bool


@dataclass
class _Draft:
    """Rows to append, and what each change will have become but for the time of recording."""

    tables: Rows = field(default_factory=dict)
    made: list[tuple[Change, dict[str, Any] | None]] = field(default_factory=list)

    def add(self, tables: Rows) -> None:
        for name, rows in tables.items():
            self.tables.setdefault(name, []).extend(rows)


class Writer:
    """The one writer of this interface over a lake."""

    def __init__(self, lake: Lake, *, clock: Clock) -> None:
        self._lake = lake
        self._clock = clock
        self._turn = threading.Lock()
        self._mapping: LiveMapping | None = None
        self._appended = 0
        self._draining = threading.Lock()

    @contextmanager
    def turn(self, access: Access) -> Iterator[Turn]:
        """Hold the present state still, and change it."""
        # What an app may write it must be able to find, though it may not read it.
        access = access if access.app is None else replace(access, operation="write")
        with self._turn, self._lake.read(access) as reader:
            yield Turn(self, reader, access)

    def present(self, reader: Reader, keys: Sequence[str]) -> list[Present]:
        """What there is of resources named as ``Type/id``."""
        versions = versions_of(reader, keys)
        return [_present(reader, key, versions.get(key, [])) for key in keys]

    def write(self, turn: Turn, changes: Sequence[Change]) -> list[Done]:
        """Store changes together: all become visible at one instant, or none."""
        if len({change.present.key for change in changes}) < len(changes):
            raise TwiceInOne
        draft = _Draft()
        mapping = self._live(turn)
        for site in sorted({self._site(change) for change in changes}):
            some = [one for one in changes if self._site(one) == site]
            self._draft_stored(
                [one for one in some if one.content is not None], (draft, turn), site
            )
        for change in changes:
            if change.content is None:
                rows = _deletion(mapping, change, site=self._site(change))
                draft.add(rows)
                draft.made.append((change, rows["resource"][0]))
        draft.add({"retirement": _retirements(draft.made)})
        at = self._append(turn.access, draft.tables)
        return _in_order(changes, draft.made, at)

    def _site(self, change: Change) -> str:
        versions = change.present.versions
        return versions[-1].site if versions else self._lake.site

    def _live(self, turn: Turn) -> LiveMapping:
        if self._mapping is None:
            mapping = live_mapping("fhir", temp=self._lake.path / "temp")
            self._lake.append(turn.access, mapping.beginning(turn.reader, site=self._lake.site))
            self._mapping = mapping
        return self._mapping

    def _draft_stored(
        self, changes: Sequence[Change], into: tuple[_Draft, Turn], site: str
    ) -> None:
        if not changes:
            return
        draft, turn = into
        live = self._live(turn).rows(turn.reader, [_record(one) for one in changes], site=site)
        draft.add(live.tables)
        rows = {row["version_id"]: row for row in live.tables.get("resource", [])}
        for change, version_id in zip(changes, live.versions, strict=True):
            draft.made.append((change, None if version_id is None else rows[version_id]))

    def _append(self, access: Access, tables: Rows) -> datetime:
        rows = {name: some for name, some in tables.items() if some}
        if not rows:
            return self._clock()
        at = self._lake.append(access, rows)
        self._appended += sum(map(len, rows.values()))
        if self._appended >= DRAIN_AFTER_ROWS:
            self._appended = 0
            threading.Thread(target=self._drain, daemon=True).start()
        return at

    def _drain(self) -> None:
        """Move what was written into table files, so that reading stays fast."""
        if self._draining.acquire(blocking=False):
            try:
                # Another load is at work: the next drain takes these rows too.
                with suppress(Unavailable):
                    self._lake.drain(SYSTEM)
            finally:
                self._draining.release()


@dataclass(frozen=True)
class Turn:
    """The present state, held still for one write."""

    writer: Writer
    reader: Reader
    access: Access

    def present(self, key: str) -> Present:
        """What there is of one resource."""
        return self.writer.present(self.reader, [key])[0]

    def write(self, changes: Sequence[Change]) -> list[Done]:
        """Store changes together; raises `OutOfScope` for an app that may not."""
        for change in changes:
            expect_scope(self.access, _letter(change), change.present.key.partition("/")[0])
        return self.writer.write(self, changes)


def _letter(change: Change) -> Letter:
    """What a change is, as scopes call it."""
    if not change.present.exists:
        return "c"
    return "d" if change.content is None else "u"


def _present(reader: Reader, key: str, versions: Sequence[Version]) -> Present:
    if not versions:
        return Present(key)
    holding = list(versions)
    if len(holding) > 1:
        current = current_ids(reader, versions)
        holding = [one for one in versions if one.version_id in current]
    found = load(reader, holding[-1:])
    return Present(key, tuple(versions), found[0] if found else None)


def _record(change: Change) -> LiveRecord:
    present = change.present
    resource_id = present.key.partition("/")[2]
    return LiveRecord(
        text=text_of(change.content or {}, resource_id=resource_id),
        current=present.current.version.version_id if present.current else None,
        taken=frozenset(one.version_id for one in present.versions),
    )


def _deletion(mapping: LiveMapping, change: Change, *, site: str) -> Rows:
    resource_type, _, resource_id = change.present.key.partition("/")
    told = resource_type, resource_id, len(change.present.versions) + 1
    current = change.present.current
    subject = current.version.subject_id if current else None
    return mapping.deletion(told, site=site, subject_id=subject)


def _retirements(made: Sequence[tuple[Change, dict[str, Any] | None]]) -> list[dict[str, Any]]:
    """Rows that end the versions whose place is taken."""
    rows = []
    for change, new in made:
        current = change.present.current
        if new is None or current is None:
            continue
        old = current.version
        kept = ("site", "source_id", "locator", "known_at", "known_at_basis")
        rows.append(
            {
                **{name: new[name] for name in kept},
                "retirement_id": stable_id("version", str(old.version_id), str(new["version_id"])),
                "subject_id": old.subject_id,
                "scope": "version",
                "target_id": old.version_id,
                "reason": "deleted" if change.content is None else "superseded",
            }
        )
    return rows


def _in_order(
    changes: Sequence[Change],
    made: Sequence[tuple[Change, dict[str, Any] | None]],
    at: datetime,
) -> list[Done]:
    rows = {change.present.key: row for change, row in made}
    return [_done(change.present, rows[change.present.key], at) for change in changes]


def _done(present: Present, row: dict[str, Any] | None, at: datetime) -> Done:
    if row is None:
        assert present.current is not None  # noqa: S101 - only what is current is left unwritten
        return Done(present.current, changed=False)
    version = Version(
        key=present.key,
        version_id=row["version_id"],
        subject_id=row["subject_id"],
        site=row["site"],
        recorded_at=at,
        number=len(present.versions) + 1,
    )
    return Done(Stored(version, row["deleted"], row["bytes"]), changed=True)
