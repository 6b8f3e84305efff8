"""What can go wrong with alerts.

VitruvianError
|-- NoSuchAlert       (NotFound) no alert has that name
|-- AlertExists       (Conflict) another alert has that name already
|-- BadAlert          (BadInput) the rule of an alert cannot be used as written
|-- AlertNotReady     (Conflict) an alert may not go into the state asked for
`-- BadOutcome        (BadInput) the outcome of a trial cannot be used
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound


class NoSuchAlert(NotFound):
    """No alert has that name."""

    def __init__(self, known: tuple[str, ...]) -> None:
        there = f"one of: {', '.join(known)}" if known else "a draft first; there is none yet"
        super().__init__(
            f"There is no alert of that name. Expected {there}. "
            "`vitruvian alert list` shows all, `vitruvian alert draft` makes one."
        )


class AlertExists(Conflict):
    """Another alert has that name already."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is an alert {name!r} already, and what it did stays on record. "
            "Give the new one a name of its own."
        )


class BadAlert(BadInput):
    """The rule of an alert cannot be used as written."""

    def __init__(self, fault: str, *, expected: str) -> None:
        super().__init__(
            f"The alert cannot be made as asked: {fault}. Expected {expected}. "
            "Correct that and try again."
        )


class AlertNotReady(Conflict):
    """An alert may not go into the state asked for."""

    def __init__(self, name: str, *, state: str, lacks: str, then: str) -> None:
        super().__init__(f"Alert {name!r} cannot become {state}: {lacks}. {then}")


class BadOutcome(BadInput):
    """The outcome of a trial cannot be used."""

    def __init__(self, fault: str, *, expected: str) -> None:
        super().__init__(
            f"The outcome of the trial cannot be used: {fault}. Expected {expected}. "
            "Correct that and try again."
        )
