"""What can go wrong while reading what a hospital hands over.

    BadInput
    |-- NothingToRead        the paths hold no file
    |-- NothingRecognised    files are there, and none is of a kind that is read here
    |-- UnusableMemory       the memory allowed is no size, or too little
    |-- UnknownZone          the declared time zone is not an IANA name
    |-- SourceBroken         one source is refused whole; the others load
    |   |-- Unreadable       the operating system does not hand it out
    |   |-- Truncated        it ends before its own format says so
    |   |-- Malformed        it is not what it seemed to be
    |   |-- LineTooLong      one line is longer than the limit
    |   |-- DocumentTooLarge one document is larger than the limit
    |   |-- Bomb             it unpacks to more than any real export would
    |   `-- BadMapping       a mapping file says something not in its language
    `-- NotTraceable         (NotFound) the event's record cannot be mapped again

File names carry patient names, so a source goes by its ``source_id``,
and a file that could not be read at all by its place in the list.
"""

from __future__ import annotations

from typing import Any

from vitruvian.base.errors import BadInput, NotFound


class NothingToRead(BadInput):
    """The given paths hold no file."""

    def __init__(self, paths: int) -> None:
        super().__init__(
            f"Nothing to read: the {paths} path(s) given hold no file. "
            "Expected files, folders or archives with clinical data. Check the path."
        )


class NoSuchPath(BadInput):
    """A given path does not exist."""

    def __init__(self, place: int) -> None:
        super().__init__(
            f"Path number {place} of those given does not exist. "
            "Expected a file, a folder or an archive. Check the path."
        )


class NothingRecognised(BadInput):
    """There are files, and none is of a kind that is read here."""

    def __init__(self, files: int, adapters: tuple[str, ...], *, report: Any = None) -> None:
        self.report = report  # ingest.IngestReport: what became of each file
        kinds = "\n".join(f"  {each}" for each in adapters)
        super().__init__(
            f"Nothing recognised: none of {files} file(s) below the paths given "
            "is of a kind that is read here.\n"
            f"Expected one of:\n{kinds}\n"
            "Check the path, or add an adapter."
        )


class UnusableMemory(BadInput):
    """The memory allowed is no size, or less than a load needs."""

    def __init__(self, least_mb: int) -> None:
        super().__init__(
            "The memory limit cannot be used. "
            f"Expected a size such as 2GB, of {least_mb:,} MB or more. Correct --memory-limit."
        )


class UnknownZone(BadInput):
    """The declared time zone is not an IANA name."""

    def __init__(self, zone: str) -> None:
        super().__init__(
            f"Time zone {zone!r} is not known. "
            "Expected an IANA name such as Europe/Rome. Correct --time-zone."
        )


class SourceBroken(BadInput):
    """One source cannot be used; it is refused whole and the others load."""

    code = "broken"

    def __init__(self, what: str, *, expected: str, remedy: str, record: int | None = None) -> None:
        where = "" if record is None else f" at record {record}"
        super().__init__(f"{what}{where}. Expected {expected}. {remedy}")
        self.record = record


class Unreadable(SourceBroken):
    """The operating system does not hand the file out."""

    code = "unreadable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The file cannot be read ({reason})",
            expected="a readable file",
            remedy="Check its permissions and the disk.",
        )


class Truncated(SourceBroken):
    """The source ends before its own format says so."""

    code = "truncated"

    def __init__(self, kind: str, *, record: int | None = None) -> None:
        super().__init__(
            f"The {kind} ends in the middle",
            expected="a complete file",
            remedy="Copy or export it again; nothing of it was loaded.",
            record=record,
        )


class Malformed(SourceBroken):
    """The source is not what its beginning promised."""

    code = "malformed"

    def __init__(self, kind: str, fault: str, *, record: int | None = None) -> None:
        super().__init__(
            f"The {kind} cannot be read: {fault}",
            expected=f"a valid {kind}",
            remedy="Export it again; nothing of it was loaded.",
            record=record,
        )


class LineTooLong(SourceBroken):
    """One line is longer than any real record."""

    code = "line-too-long"

    def __init__(self, limit: int, *, record: int) -> None:
        super().__init__(
            f"A line is longer than {limit:,} bytes",
            expected="one record a line, each below that limit",
            remedy="Check that the file is NDJSON; nothing of it was loaded.",
            record=record,
        )


class DocumentTooLarge(SourceBroken):
    """One document is larger than the limit for documents read whole."""

    code = "document-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The document is larger than {limit:,} bytes",
            expected="a smaller document, or NDJSON, which has no such limit",
            remedy="Export it as NDJSON; nothing of it was loaded.",
        )


class Bomb(SourceBroken):
    """An archive unpacks to more than any real export would."""

    code = "unpacks-too-far"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The archive was not unpacked: {what}",
            expected="an archive within the limits of this installation",
            remedy="Unpack it by hand and look; nothing of it was loaded.",
        )


class BadMapping(SourceBroken):
    """A mapping file says something that is not in its language."""

    code = "bad-mapping"

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(
            f"The mapping cannot be used: {fault}, in {where}",
            expected="the words of the page on declared tables",
            remedy="Correct the mapping; no table was read by it.",
        )


class NotTraceable(NotFound):
    """An event's own record cannot be found or mapped again."""

    def __init__(self, event_id: int, reason: str) -> None:
        super().__init__(
            f"Event {event_id} cannot be traced: {reason}. "
            "Expected an event of a stored resource. Run the integrity check of the lake."
        )
