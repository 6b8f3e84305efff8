"""Why this server was not opened from another record system.

No sentence names a patient, a user or an address that was sent.
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound, NotSignedIn


class BadEhrFile(BadInput):
    """The declaration of the record systems cannot be used."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"ehr.toml in the lake's folder cannot be used, at {where}. Expected tables [[ehr]] "
            "with name, title, patient_system, and issuer with client_id, or keys_file."
        )


class UnknownSystem(NotSignedIn):
    """A record system that is not declared here wanted to open this server."""

    def __init__(self) -> None:
        super().__init__(
            "The record system that opened this page is not declared here. Nothing was asked of "
            "it, and nobody was signed in. Tell whoever runs this server."
        )


class NotOpened(NotSignedIn):
    """What the record system said cannot be believed, or not any more."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This page was not opened: {why}. Nobody was signed in. "
            "Open it again from the record system."
        )


class UnknownUser(NotSignedIn):
    """The record system vouched for somebody who has no account here."""

    def __init__(self) -> None:
        super().__init__(
            "The record system knows you, and this server does not: no account here is tied to "
            "you. Ask whoever runs this server for one."
        )


class UnknownPatient(NotFound):
    """The patient in context is not known here, or not to you."""

    def __init__(self) -> None:
        super().__init__(
            "The patient that is open in the record system is not known here by the identifier "
            "that was agreed on, or is none you may see. Nobody was looked for by name."
        )


class ContradictoryContext(Conflict):
    """What the record system said of patient and encounter does not belong together."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"What the record system said does not belong together: {why}. "
            "No record was opened, so that it is not the wrong one. Open the page again."
        )


class OtherAccount(Conflict):
    """The browser is signed in as somebody else than the link says."""

    def __init__(self) -> None:
        super().__init__(
            "This browser is signed in as another account than the one the link was made for. "
            "Sign out here first, then open it again from the record system."
        )
