"""What policy can say no with."""

from __future__ import annotations

from vitruvian.base.errors import BadInput, NotSignedIn, Refused


class Anonymous(NotSignedIn):
    """Nobody is named as the one who asks."""

    def __init__(self) -> None:
        super().__init__(
            "Stored data was asked for without saying who asks. "
            "Every access needs a signed-in account. Sign in and ask again."
        )


class PolicyRefused(Refused):
    """Policy does not let this role do that."""

    def __init__(self, *, role: str, purpose: str, why: str) -> None:
        super().__init__(
            f"Refused for role '{role}' with purpose '{purpose}': {why} "
            "Ask the person who runs this installation for the right role."
        )


class WeakPassword(BadInput):
    """The password offered would not keep anybody out."""

    def __init__(self, *, why: str) -> None:
        super().__init__(f"That password cannot be used: {why} Choose another one.")


class BadPolicy(BadInput):
    """The policy file of this installation cannot be used."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"The policy file cannot be used: {why}. "
            "Nobody is let in on a policy that cannot be read. "
            "Mend policy.toml in the lake's folder, and try it with 'vitruvian policy test'."
        )
