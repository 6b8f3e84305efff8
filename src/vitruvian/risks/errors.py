"""What can go wrong with scores.

VitruvianError
|-- NoSuchScore   (NotFound) no score has that name
`-- OutOfRange    (BadInput) a number lies outside what a formula is made for
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, NotFound


class NoSuchScore(NotFound):
    """No score has that name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no score {name!r}. Expected one of: {', '.join(known)}. "
            "Choose one of these, or add a folder under risks/library."
        )


class OutOfRange(BadInput):
    """A number lies outside what a formula is made for."""

    def __init__(self, score: str, part: str, *, expected: str) -> None:
        super().__init__(
            f"Score {score!r}: {part} is out of range. Expected {expected}. "
            "Check the measurement and its unit."
        )
