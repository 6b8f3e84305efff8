"""How far every extractor has come in one lake."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from vitruvian.base.manifest import Manifest
from vitruvian.derive.engine.library import extractor_named, manifests
from vitruvian.derive.engine.run import Done, Span, done_by
from vitruvian.lake import Lake
from vitruvian.trust import Access


@dataclass(frozen=True)
class Standing:
    """One extractor and one lake.

    ``waiting`` is None, and ``release`` too, where a package or a setting the extractor needs is
    missing. It is None too for one that works only when asked for, and has never been asked.
    """

    name: str
    title: str
    version: str
    standard: str
    release: str | None
    missing_packages: tuple[str, ...]
    missing_settings: tuple[str, ...]
    facts: int
    waiting: int | None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class PastRun:
    """One run over notes: when its last share was published, and what it took, in seconds.

    ``facts`` are those it found, also where they were read anew since.
    """

    at: datetime
    notes: int
    facts: int
    seconds: float


def past_runs(reader: Any, *, most: int) -> list[PastRun]:
    """The latest runs, the newest first; those before an update that counts them are not told."""
    found = reader.query(
        "SELECT max(recorded_at) AS at, sum(notes)::BIGINT AS notes, sum(facts)::BIGINT AS facts, "
        f"sum(seconds) AS seconds FROM reading GROUP BY upto ORDER BY max(recorded_at) DESC "
        f"LIMIT {most:d}",
        tables=["reading"],
    )
    return [PastRun(**row) for row in found.to_pylist()]


def standings(lake: Lake, *, access: Access) -> list[Standing]:
    """Every extractor there is: the facts that hold from it, and how many notes it has not read."""
    with lake.read(access) as reader:
        facts = facts_by_extractor(reader)
        return [standing(each, reader, facts=facts) for each in manifests().values()]


def standing(manifest: Manifest, reader: Any, *, facts: dict[str, int]) -> Standing:
    """One line of the list."""
    ready = not (manifest.missing_packages or manifest.missing_settings)
    extractor = extractor_named(manifest.name) if ready else None
    done = done_by(extractor, reader) if extractor else None
    asked = done is not None and (done.spans or not manifest.settings)
    return Standing(
        name=manifest.name,
        title=manifest.title,
        version=manifest.version,
        standard=manifest.standard,
        release=extractor.release if extractor else None,
        missing_packages=manifest.missing_packages,
        missing_settings=manifest.missing_settings,
        facts=facts.get(manifest.name, 0),
        waiting=waiting(done, reader) if done is not None and asked else None,
    )


def waiting(done: Done, reader: Any) -> int:
    """Notes an extractor has not read: what is new, and the rest of an interrupted run."""
    count = Span(done.upto, reader.snapshot.published_at, 0, 1).count(reader)
    open_span = done.begun
    if open_span is None:
        return count
    same = [span for span in done.spans if span._replace(share=open_span.share) == open_span]
    return count - sum(span.count(reader) for span in same)


def facts_by_extractor(reader: Any) -> dict[str, int]:
    """How many facts hold that each extractor has read."""
    found = reader.query(
        "SELECT derivation.name, count(*) AS facts FROM event "
        "JOIN derivation USING (derivation_id) GROUP BY derivation.name",
        tables=["event", "derivation"],
    )
    return dict(zip(found["name"].to_pylist(), found["facts"].to_pylist(), strict=True))
