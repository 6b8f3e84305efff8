"""What can go wrong when the demo hospital is written."""

from __future__ import annotations

from vitruvian.base.errors import BadInput


class ImpossibleHospital(BadInput):
    """A demo hospital was asked for that cannot be built."""

    def __init__(self, *, what: str, expected: str) -> None:
        super().__init__(
            f"Demo hospital: {what}. Expected {expected}. Ask again with such a value."
        )


class FolderInUse(BadInput):
    """The folder for the demo hospital already holds something."""

    def __init__(self) -> None:
        super().__init__(
            "Demo hospital: the folder to write into is not empty. "
            "Expected a new or empty folder. Choose another, or empty it first."
        )
