"""What can go wrong with guidelines.

VitruvianError
|-- NoSuchGuide       (NotFound) no guideline has that name
|-- BadConcepts       (BadInput) a new edition of concept sets cannot be used as written
|-- BadList           (BadInput) a site's own list of medicines cannot be used as declared
`-- UnreadableGuide   (BadInput) one of a guideline's files cannot be used as written
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, NotFound


class NoSuchGuide(NotFound):
    """No guideline has that name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no guideline {name!r}. Expected one of: {', '.join(known)}. "
            "Choose one of these, or add a folder under guides/library."
        )


class UnreadableGuide(BadInput):
    """One of a guideline's files cannot be used as written."""

    def __init__(self, guide: str, fault: str, *, at: str, expected: str) -> None:
        super().__init__(
            f"Guideline {guide!r}, {at}: {fault}. Expected {expected}. "
            "Correct that element and try again."
        )


class BadConcepts(BadInput):
    """A new edition of concept sets cannot be used as written."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The concept sets cannot be used: {fault}. Expected YAML with `concept_sets:` and, by "
            "name, lists of codes such as ICD10//N17.9. Correct the file and try again."
        )


class BadList(BadInput):
    """A site's own list of medicines cannot be used as declared."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The site's list of medicines cannot be used: {fault}. Expected a declaration with "
            "source, edition, file and the categories that count, and a file with the columns it "
            "names. Correct it and try `vitruvian guide medicines` again."
        )
