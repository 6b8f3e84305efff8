"""Proof that whoever redeems a code is the one who asked for it.

References
----------
RFC 7636 (2015), sections 4.1, 4.2 and 4.6. SMART App Launch 2.2.0: S256 is required, and
`plain` is not allowed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

METHOD = "S256"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def good_challenge(challenge: str, *, method: str) -> bool:
    """Whether a challenge is one of SHA-256, as it must be."""
    return method == METHOD and _CHALLENGE.fullmatch(challenge) is not None


def challenge_fits(challenge: str, *, verifier: str) -> bool:
    """Whether a verifier is the one a challenge was made of.

    Examples
    --------
    The example of RFC 7636, appendix B.

    >>> challenge_fits(
    ...     "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ...     verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ... )
    True
    """
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
