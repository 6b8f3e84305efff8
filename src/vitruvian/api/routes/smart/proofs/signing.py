"""The key that this server signs tokens with, and what it makes of a token's text.

The key lives in memory as long as the server does: nothing of it can be stolen from a disk, and
tokens live for minutes, so a server that starts anew asks no more of an app than a refresh.

References
----------
RFC 7515 (2015); RFC 8725 (2020), 3.1: the algorithm is ours, never the token's word.
SMART App Launch 2.2.0, Scopes and Launch Context: identity tokens are signed with RS256.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any  # JSON

from fastapi import FastAPI
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

ALGORITHM = "RS256"
BITS = 2048
LONGEST = 16_000
_STARTING = threading.Lock()


class Signer:
    """One key, and both directions of using it."""

    def __init__(self) -> None:
        self._key = RSAKey.generate_key(
            BITS, {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True
        )

    def signed(self, claims: Mapping[str, Any], *, kind: str) -> str:
        """The text of a token; `kind` is its `typ`."""
        header = {"alg": ALGORITHM, "kid": self._key.kid, "typ": kind}
        return jwt.encode(header, dict(claims), self._key, algorithms=[ALGORITHM])

    def proven(self, text: str, *, kind: str) -> Mapping[str, Any] | None:
        """The claims of a token that this key signed as one of a kind; None for any other text."""
        if len(text) > LONGEST:
            return None
        try:
            token = jwt.decode(text, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError):
            return None
        return token.claims if token.header.get("typ") == kind else None

    @property
    def public(self) -> dict[str, Any]:
        """What others check a signature with: a JWK Set."""
        return dict(KeySet([self._key]).as_dict(private=False))


def signer_of(app: FastAPI) -> Signer:
    """The signer of this application, made at first use."""
    with _STARTING:
        if not hasattr(app.state, "signer"):
            app.state.signer = Signer()
        found: Signer = app.state.signer
        return found
