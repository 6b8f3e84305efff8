"""What can go wrong when another system asks for decision support.

VitruvianError
|-- UnknownClient        (NotSignedIn) no declared client signed this request
|-- TokenReplayed        (Conflict) a token was sent a second time
|-- BadClientFile        (BadInput) the declaration of clients cannot be used
|-- NoSuchService        (NotFound) no service has that id
|-- BadHookRequest       (BadInput) a request lacks what its hook needs
`-- NothingToRead        (NotFound) neither the lake nor the request knows the patient
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound, NotSignedIn


class UnknownClient(NotSignedIn):
    """No declared client signed this request."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The token of this request was not accepted: {fault}. Expected a JWT in "
            "'Authorization: Bearer', signed by a declared client, made for this address, "
            "and no older than five minutes."
        )


class TokenReplayed(Conflict):
    """A token was sent a second time."""

    def __init__(self) -> None:
        super().__init__(
            "This token was used before (its `jti` is known). Sign a new one for every request."
        )


class BadClientFile(BadInput):
    """The declaration of clients cannot be used."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The file cds_clients.toml beside the lake cannot be used: {fault}. Expected "
            "[[client]] entries with `iss`, `account` and `jwks`. Correct it and try again."
        )


class NoSuchService(NotFound):
    """No service has that id."""

    def __init__(self) -> None:
        super().__init__("No service has that id. GET /cds-services lists them.")


class BadHookRequest(BadInput):
    """A request lacks what its hook needs."""

    status = 400

    def __init__(self, fault: str, *, expected: str) -> None:
        super().__init__(f"The hook request cannot be used: {fault}. Expected {expected}.")


class NothingToRead(NotFound):
    """Neither the lake nor the request knows the patient."""

    status = 412

    def __init__(self) -> None:
        super().__init__(
            "The patient of this request is not known here, and the request brought no data. "
            "Send the prefetch that the service declares, or load the patient first."
        )
