"""What can go wrong with an erasure, each with its sentence."""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound, Refused, Unavailable


class NoSuchGround(BadInput):
    """A patient was to be erased on a ground that is none."""

    def __init__(self, *, known: tuple[str, ...]) -> None:
        super().__init__(
            "An erasure needs one of the grounds that the law names. "
            f"Expected one of: {', '.join(known)}."
        )


class MayNotErase(Refused):
    """The role of this account may not ask for an erasure or approve one."""

    def __init__(self) -> None:
        super().__init__(
            "Policy does not let this account write for operations, so it can neither ask for an "
            "erasure nor approve one. A data steward or an administrator can."
        )


class OwnErasure(Refused):
    """Somebody was to approve what they had asked for."""

    def __init__(self) -> None:
        super().__init__(
            "The account that asked for an erasure cannot approve it. "
            "Somebody else who may erase has to read the request and approve it."
        )


class NobodyToErase(NotFound):
    """Nothing is stored about that person."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is stored about a person of that number, so there is nothing to erase. "
            "Look the number up with `vitruvian find --lake DIR`."
        )


class NoSuchErasure(NotFound):
    """No request waits under that id."""

    def __init__(self) -> None:
        super().__init__(
            "No erasure waits under that id. It may be done or withdrawn already: "
            "`vitruvian erase list --lake DIR` shows all of them."
        )


class ErasureAsked(Conflict):
    """Somebody has asked for the same already."""

    def __init__(self) -> None:
        super().__init__(
            "An erasure of this person was asked for already and is not done. "
            "`vitruvian erase list --lake DIR` shows it."
        )


class PersonChanged(Conflict):
    """Since it was asked for, other source identities became this person."""

    def __init__(self) -> None:
        super().__init__(
            "Since this erasure was asked for, the source identities of the person have changed, "
            "so what was asked for is not what would be erased. Nothing was erased. "
            "Withdraw it with `vitruvian erase withdraw` and ask again."
        )


class OnHold(Conflict):
    """Nobody may erase this person, such as while a court asks for the record."""

    def __init__(self) -> None:
        super().__init__(
            "This person is on hold in retention.toml, so nothing of the record may be erased. "
            "Nothing was erased. It can be once the hospital takes the number out of `hold`."
        )


class NoPeriod(BadInput):
    """A kind of data was to go for which the hospital states no period."""

    def __init__(self, *, known: tuple[str, ...]) -> None:
        super().__init__(
            "Only what the hospital states a period for can go by kind of data: a [[data]] rule "
            f"in retention.toml, for one of: {', '.join(known)}. Nothing was asked for."
        )


class PeriodChanged(Conflict):
    """Since it was asked for, the hospital keeps this kind of data for longer."""

    def __init__(self) -> None:
        super().__init__(
            "By retention.toml as it stands now, some of what was asked for has to be kept. "
            "Nothing was erased. Withdraw it with `vitruvian erase withdraw` and ask again."
        )


class StillRead(Unavailable):
    """Somebody reads files that hold what is to go."""

    def __init__(self) -> None:
        super().__init__(
            "What was to be erased is no longer shown, but somebody still reads files that hold "
            "it, so its bytes are not gone yet. End long readers (an emergency view, a running "
            "export), then run `vitruvian erase resume --lake DIR`."
        )


class LedgerDamaged(BadInput):
    """The ledger of erasures is not what was written."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger of erasures cannot be read, or is not what was written, so nobody can tell "
            "who must be erased again. Nothing was restored. Take the copy that lies beside the "
            "lake, named like it with .erasures.json at its end."
        )


class OtherLedger(BadInput):
    """The ledger is that of another lake."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger of erasures is of another lake than the backup. Nothing was restored. "
            "Give the one that lies beside the lake the backup was made from."
        )
