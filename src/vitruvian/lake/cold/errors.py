"""What can go wrong with cold storage, each with its sentence."""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, Unavailable


class BadPlace(BadInput):
    """Cold storage cannot lie there."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"Cold storage cannot lie there: {why}. Name a folder outside the lake, or an address "
            "such as s3://bucket/folder; nothing was changed."
        )


class BadRule(BadInput):
    """Nothing can move to cold storage by that rule."""

    def __init__(self, *, why: str) -> None:
        super().__init__(f"Nothing can move to cold storage by that rule: {why}. It was not kept.")


class OtherLakesPlace(Conflict):
    """The place holds what another lake keeps there, or what is no lake's."""

    def __init__(self) -> None:
        super().__init__(
            "The place for cold storage is in use by another lake, or for something else. "
            "Give each lake an empty place of its own; nothing was changed."
        )


class StillCold(Conflict):
    """Something lies in the place that the lake would no longer know of."""

    def __init__(self) -> None:
        super().__init__(
            "What this lake moved lies in the place it has now. Name the same place, or bring "
            "everything back first with `vitruvian storage back --lake DIR`; nothing was changed."
        )


class PlaceNotReached(Unavailable):
    """Cold storage does not answer, or does not take what it is given."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"Cold storage was not reached: {why}. Check that it is mounted, or its address and "
            "the credentials in the environment, and do it again. Nothing is lost: bytes leave "
            "this disk only after they read back from there."
        )


class NoStoreLibrary(Unavailable):
    """Object stores need a library that is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Addresses of object stores need the extra `cold`: install `vitruvian[cold]`, "
            "or name a folder."
        )
