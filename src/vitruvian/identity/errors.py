"""What can go wrong while telling who is who.

BadInput
`-- BadDeclaration   the file is neither pairs of keys nor an authority
NotFound
|-- NotDeclared      links are to be undone that do not hold
`-- NoSuchPair       two records were never offered as one person, or may not be seen
Refused
`-- MayNotDecide     a role that does not decide who is who
Conflict
`-- ToldApart        a person said that two of these are different people
Unavailable
`-- NoMatcher        likely pairs are asked for without the package that finds them
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound, Refused, Unavailable


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


class NoSuchPair(NotFound):
    """Two records were never offered as one person."""

    def __init__(self) -> None:
        super().__init__(
            "There is no such pair of records, or none you may see. "
            "Look it up among the pairs that wait: vitruvian identity review --lake DIR."
        )


class MayNotDecide(Refused):
    """Only those who keep the records decide who is who."""

    def __init__(self, *, role: str, roles: tuple[str, ...]) -> None:
        super().__init__(
            f"The role {role!r} does not decide which records are one person. "
            f"Expected one of {', '.join(roles)}. Ask somebody who keeps the records."
        )


class ToldApart(Conflict):
    """Linking two records would join others that a person said are different people."""

    def __init__(self) -> None:
        super().__init__(
            "These two cannot become one person: records linked with them were told apart in "
            "review. Nothing was changed. Look at the pairs decided before, and take back the "
            "decision that is wrong."
        )


class NoMatcher(Unavailable):
    """Likely pairs are asked for without the package that finds them."""

    def __init__(self) -> None:
        super().__init__(
            "Likely pairs cannot be looked for: the package splink is not installed. "
            "Install it with `pip install 'vitruvian[identity]'`. Declared links work without it."
        )
