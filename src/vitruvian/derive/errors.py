"""What can go wrong while facts are derived.

VitruvianError
|-- NoSuchExtractor   (NotFound) no extractor has that name
|-- PackageMissing    (Unavailable) an optional package is not installed
|-- SettingsMissing   (Unavailable) the site has not set up what an extractor needs
|-- EndpointNotOurs   (BadInput) a model is to be asked on a host that the site did not declare
|-- EndpointSilent    (Unavailable) the site's model does not answer
|-- OtherKnowledge    (Conflict) a worker carries another release of an extractor
|-- NotOnSpark        (BadInput) an extractor asks a model of this site, and workers are elsewhere
|-- NotDerived        (NotFound) the event was not derived, or what it was read from is gone
|-- NotToReview       (NotFound) no machine read that fact in a note
|-- NoSuchNote        (NotFound) the note is not stored, or not to be seen
`-- NotCorrectable    (BadInput) a verdict names a field or a value that cannot be
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound, Unavailable


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


class SettingsMissing(Unavailable):
    """An extractor needs settings that the site has not made."""

    def __init__(self, name: str, settings: tuple[str, ...]) -> None:
        super().__init__(
            f"Extractor {name!r} is not set up: {', '.join(settings)} not set. "
            "Expected these in the environment. Set them, or derive without it."
        )


class EndpointNotOurs(BadInput):
    """Notes would leave for a host that is neither this machine nor declared by the site."""

    def __init__(self, *, fault: str, setting: str) -> None:
        super().__init__(
            f"The language model was not asked: {fault}. Expected a model on this machine "
            "(127.0.0.1, ::1, localhost), or by https on a host that the site has declared. "
            f"Correct {setting}; nothing was sent."
        )


class EndpointSilent(Unavailable):
    """The site's model does not answer."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"The language model does not answer ({why}). Expected an OpenAI-compatible server "
            "that knows the model by its name. Start it or correct its settings, then derive "
            "again: what was read is kept, the rest is still to be read."
        )


class OtherKnowledge(Conflict):
    """A worker of the cluster carries another release of an extractor than this machine."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Extractor {name!r} on a worker has another version or other knowledge than here. "
            "Expected the same package and the same settings on every worker. "
            "Install the same one there, or derive without Spark."
        )


class NotOnSpark(BadInput):
    """An extractor needs what only this site has, and the workers may be elsewhere."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Extractor {name!r} does not run on Spark: it needs settings of this machine. "
            f"Derive with {name!r} without Spark, and with the others on it."
        )


class NotDerived(NotFound):
    """The event was not derived from a note, or its note is no longer stored."""

    def __init__(self, event_id: int, fault: str) -> None:
        super().__init__(
            f"Event {event_id} cannot be read again: {fault}. "
            "Expected an event that an extractor read in a stored note. Trace its record instead."
        )


class NotToReview(NotFound):
    """There is no fact under that id that a machine read in a note."""

    def __init__(self, event_id: int) -> None:
        super().__init__(
            f"Event {event_id} is no fact that a machine read in a note, or none you may see. "
            "Expected an event of the review queue. Take the next one from the queue."
        )


class NoSuchNote(NotFound):
    """The note is not stored, holds no text, or is not to be seen."""

    def __init__(self) -> None:
        super().__init__(
            "There is no note with a text under that id at the moment asked about, or none you "
            "may see. Look it up from the patient's page."
        )


class NotCorrectable(BadInput):
    """A verdict names a field or a value that cannot be."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The verdict cannot be kept: {fault}. "
            "Expected accept, reject, or correct with the fields that should say something else."
        )
