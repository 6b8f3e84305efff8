"""Identity tokens of others: whose signature, for whom, and whether they hold now.

References
----------
OpenID Connect Core 1.0 (2023), section 3.1.3.7. RFC 6749 (2012), 2.3.1.
RFC 7636 (2015): PKCE. RFC 8725 (2020), 3.1: the algorithms are ours.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Protocol  # JSON
from urllib.parse import quote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vitruvian.base.errors import NotSignedIn

# Asymmetric only: with a shared secret either side could have signed.
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512")
LEEWAY_SECONDS = 30
Json = Mapping[str, Any]


class NotVouchedFor(NotSignedIn):
    """The identity provider did not say in a way that can be believed who somebody is."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"You are not signed in: {why}. Go back to the sign-in page, and try again."
        )


class Party(Protocol):
    """Who vouches, and what this server is called there."""

    @property
    def issuer(self) -> str:
        """Its address, exactly as it calls itself."""

    @property
    def client_id(self) -> str:
        """What it calls this server."""


def basic_header(client_id: str, *, secret: str) -> str:
    """Name and secret of a confidential client, as RFC 6749, 2.3.1 writes them."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def challenge_of(verifier: str) -> str:
    """What is sent of a PKCE verifier first: RFC 7636, section 4.2, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def proven(text: str, keys: Any) -> Json:
    """The claims of an identity token with a signature of the provider."""
    try:
        whole = KeySet.import_key_set({"keys": list(keys["keys"])})
        return jwt.decode(text, whole, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise NotVouchedFor("the identity provider's signature does not fit") from None


def fault_of(claims: Json, provider: Party, *, nonce: str, now: int) -> str:
    """What is wrong with the claims of an identity token; empty when nothing is."""
    aud, expires, issued = claims.get("aud"), claims.get("exp"), claims.get("iat")
    audience = aud if isinstance(aud, list) else [aud]
    if claims.get("iss") != provider.issuer:
        return "another provider signed than was declared"
    if provider.client_id not in audience or claims.get("azp", provider.client_id) != (
        provider.client_id
    ):
        return "the identity provider vouched for you to another application"
    if not isinstance(expires, int | float) or expires <= now - LEEWAY_SECONDS:
        return "what the identity provider said has expired"
    if not isinstance(issued, int | float) or issued > now + LEEWAY_SECONDS:
        return "what the identity provider said does not hold yet"
    return "" if claims.get("nonce") == nonce else "the answer belongs to another attempt"
