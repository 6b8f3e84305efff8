"""What can go wrong while facts are derived.

VitruvianError
|-- NoSuchExtractor   (NotFound) no extractor has that name
|-- PackageMissing    (Unavailable) an optional package is not installed
`-- NotDerived        (NotFound) the event was not derived, or what it was read from is gone
"""

from __future__ import annotations

from vitruvian.base.errors import NotFound, Unavailable


class NoSuchExtractor(NotFound):
    """No extractor has that name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no extractor {name!r}. Expected one of: {', '.join(known)}. "
            "Choose one of these, or add a folder under derive/library."
        )


class PackageMissing(Unavailable):
    """An extractor needs an optional package that is not installed."""

    def __init__(self, name: str, packages: tuple[str, ...]) -> None:
        super().__init__(
            f"Extractor {name!r} needs {', '.join(packages)}, which is not installed here. "
            f"Install it, or derive without {name!r}."
        )


class NotDerived(NotFound):
    """The event was not derived from a note, or its note is no longer stored."""

    def __init__(self, event_id: int, fault: str) -> None:
        super().__init__(
            f"Event {event_id} cannot be read again: {fault}. "
            "Expected an event that an extractor read in a stored note. Trace its record instead."
        )
