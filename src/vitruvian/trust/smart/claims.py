"""What an access token says, and whether what one says may be believed.

Checking a signature is somebody else's; here are the claims that stand under it.

References
----------
RFC 9068 (2021), section 2.2: claims of an access token that is a JWT. RFC 7519, section 4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard  # claims are JSON

# Short, because nobody who holds one is asked again until it ends.
TOKEN_LIVES = timedelta(minutes=15)
TYPE = "at+jwt"


@dataclass(frozen=True)
class Claims:
    """An access token that holds: of which grant, and of which app and account it was given.

    Parameters
    ----------
    jti
        Its own name.
    grant
        The grant it stands on; when that ends, so does this.
    expires
        Seconds since 1970.
    """

    jti: str
    grant: str
    client: str
    account: str
    expires: int


def access_claims(
    claims: Claims, *, issuer: str, audience: tuple[str, ...], now: datetime
) -> dict[str, Any]:
    """The claims of a new access token.

    Parameters
    ----------
    claims
        What it says; its `expires` is kept.
    issuer
        Address of this server.
    audience
        Addresses it may be used at.
    now
        When it is made.
    """
    return {
        "iss": issuer,
        "sub": claims.account,
        "aud": list(audience),
        "client_id": claims.client,
        "grant": claims.grant,
        "jti": claims.jti,
        "iat": int(now.timestamp()),
        "exp": claims.expires,
    }


def read_claims(
    said: Mapping[str, Any], *, issuer: str, audience: str, now: datetime
) -> Claims | None:
    """What a token with a good signature says; None when it does not hold here and now.

    Parameters
    ----------
    said
        Its claims.
    issuer
        Who must have made it.
    audience
        The address it is used at.
    now
        The present.
    """
    aud, expires, issued = said.get("aud"), said.get("exp"), said.get("iat")
    texts = [said.get(name) for name in ("jti", "grant", "client_id", "sub")]
    if said.get("iss") != issuer or not isinstance(aud, list) or audience not in aud:
        return None
    if not _is_instant(expires) or not _is_instant(issued):
        return None
    if not issued <= int(now.timestamp()) < expires:
        return None
    if not all(isinstance(text, str) and text for text in texts):
        return None
    jti, grant, client, account = map(str, texts)
    return Claims(jti, grant, client, account, int(expires))


def _is_instant(said: object) -> TypeGuard[int]:
    return isinstance(said, int) and not isinstance(said, bool)
