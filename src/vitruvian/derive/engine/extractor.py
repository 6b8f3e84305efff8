"""What an extractor is: it reads one note and yields findings with their spans."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from vitruvian.base.manifest import Manifest
from vitruvian.derive.text import AFFIRMED, LANGUAGES, Context, Note, Terms


class Finding(NamedTuple):
    """One fact read in a note; the fields from ``code`` on are those of an event.

    ``start`` and ``end`` are places of the folded text (half-open); the engine turns them
    into places of the note as sent.
    """

    start: int
    end: int
    category: str
    code: str
    code_text: str
    context: Context = AFFIRMED
    act: str = "observed"
    numeric_value: float | None = None
    unit: str | None = None
    value_as_sent: str | None = None
    unit_as_sent: str | None = None
    comparator: str | None = None
    text_value: str | None = None
    value_code: str | None = None
    body_site: str | None = None
    method: str | None = None
    state: str | None = None
    dose_text: str | None = None
    flags: tuple[str, ...] = ()


class Extractor(Protocol):
    """One plug-in of ``derive/library``."""

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""
        ...

    @property
    def release(self) -> str:
        """Which release of its knowledge it carries: a new one means its facts are read anew."""
        ...

    def terms(self, language: str) -> tuple[Terms, ...]:
        """The sets of terms it looks for in whole notes: the engine finds those of all at once."""
        ...

    def extract(self, note: Note) -> Iterable[Finding]:
        """The findings of one note; the same for the same text, whatever else is stored."""
        ...


@runtime_checkable
class Leaving(Protocol):
    """An extractor that leaves out part of what it was told, and counts it."""

    def dropped(self) -> Counter[str]:
        """What was left out since this was last asked, by reason."""
        ...


def left_out(extractors: Iterable[Extractor]) -> Counter[str]:
    """What some extractors left out since this was last asked, by reason."""
    leaving = [each for each in extractors if isinstance(each, Leaving)]
    return sum((each.dropped() for each in leaving), Counter())


class OfTables:
    """An extractor whose knowledge is the tables in its own folder."""

    folder: ClassVar[Path]

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    @cached_property
    def release(self) -> str:
        """A hash of its tables, and of the words by which a language denies, doubts and dates."""
        return release_of(self.folder, LANGUAGES)


@cache
def knowledge(folder: Path, name: str, language: str) -> Mapping[str, Any]:
    """An extractor's own table for one language, ``<name>.<language>.toml``; empty without one."""
    path = folder / f"{name}.{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def lines_of(table: str) -> Iterator[list[str]]:
    """The cells of each line of a table written as text; what stands behind # is a comment.

    Examples
    --------
    >>> list(lines_of("I10 | Hypertension | htn  # American"))
    [['I10', 'Hypertension', 'htn']]
    """
    for line in table.splitlines():
        said = line.split("#")[0]
        if said.strip():
            yield [cell.strip() for cell in said.split("|")]


def release_of(*folders: Path) -> str:
    """A short hash of all tables in some folders."""
    digest = hashlib.sha256()
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
