"""What goes wrong with apps."""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound


class NoApp(NotFound):
    """No app of that name is declared."""

    def __init__(self) -> None:
        super().__init__(
            "No app of that name is declared in this lake. "
            "See `vitruvian client list --lake DIR`, or declare it with `vitruvian client add`."
        )


class AppExists(Conflict):
    """An app of that name is declared already."""

    def __init__(self) -> None:
        super().__init__(
            "An app of that name is declared already. "
            "Choose another name, or remove it first with `vitruvian client remove`."
        )


class BadApp(BadInput):
    """An app cannot be declared like this."""

    def __init__(self, *, why: str) -> None:
        super().__init__(f"The app cannot be declared: {why}.")
