"""What can go wrong while declaring who is who.

BadInput
`-- BadDeclaration   the file is neither pairs of keys nor an authority
NotFound
`-- NotDeclared      links are to be undone that do not hold
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, NotFound


class BadDeclaration(BadInput):
    """A file that should say who is who does not."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The links cannot be read: {fault}. Expected a CSV file with the columns left and "
            "right (and evidence, known_at), or a TOML file with [authority], its name and its "
            "systems. Nothing was linked."
        )


class NotDeclared(NotFound):
    """Links are to be undone that do not hold."""

    def __init__(self) -> None:
        super().__init__(
            "These links do not hold in this lake: they were never declared, or undone before. "
            "Expected the same file, byte for byte, that was linked. Nothing was changed."
        )
