"""A signed context link: how a record system without SMART opens this server.

It is a JWT of two minutes at most, signed with a declared key, made for this address, and used
once. It travels in a form's body or behind the `#` of an address, so that no log sees it.

References
----------
RFC 7515, 7517, 7519 (2015). RFC 8725 (2020), 3.1 and 3.11: our algorithms, and an explicit type.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any  # JSON

import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vitruvian.api.routes.launch.asking import Heard, base_of
from vitruvian.api.routes.launch.declared import Ehr, by_name
from vitruvian.api.routes.launch.errors import BadEhrFile, NotOpened
from vitruvian.api.routes.sign_in.vouching import ALGORITHMS
from vitruvian.lake.apps.registry import PRIVATE_PARTS
from vitruvian.trust.smart.context import TYPE, Here, Link, read_link, user_address

LONGEST = 8_000


def read_context_link(
    text: str, systems: Sequence[Ehr], *, audience: str, now: datetime
) -> tuple[Ehr, Link]:
    """The system that signed a link, and what the link says.

    Raises
    ------
    UnknownSystem
        When no declared system signs by that name.
    NotOpened
        When the signature does not fit, or the link does not hold here and now.
    """
    ehr = by_name([one for one in systems if one.keys_file is not None], _signer(text))
    claims = _signed(text, ehr)
    found = read_link(claims, here=Here(ehr.name, audience, now))
    if isinstance(found, str):
        raise NotOpened(found)
    return ehr, found


def heard_by(ehr: Ehr, link: Link) -> Heard:
    """The same as a system says by SMART; raises `NotOpened` for a user of another place."""
    user = user_address(link.user, issuer=base_of(ehr)) if ehr.by_ties else link.user
    if user is None:
        raise NotOpened("it does not say who you are in the way that was agreed on")
    stays = frozenset({link.encounter} if link.encounter is not None else ())
    return Heard(user, frozenset({link.patient}), stays)


def _signer(text: str) -> str:
    """Who says to have signed, before anything is proven: it only names whose key to try."""
    if len(text) > LONGEST:
        raise NotOpened("the link is too long")
    try:
        claims = orjson.loads(jws.extract_compact(text.encode()).payload)
    except (JoseError, ValueError):
        raise NotOpened("the link is not a signed one") from None
    return str(claims.get("iss")) if isinstance(claims, dict) else ""


def _signed(text: str, ehr: Ehr) -> Mapping[str, Any]:
    """The claims, once a declared key fits the signature of a context link."""
    keys = _keys(ehr)
    try:
        token = jwt.decode(text, keys, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise NotOpened("the signature of the link fits no declared key") from None
    if token.header.get("typ") != TYPE:
        raise NotOpened(f"it is another kind of token than {TYPE}")
    return token.claims


def _keys(ehr: Ehr) -> KeySet:
    """The declared keys; raises `BadEhrFile` for what is not public or cannot be read."""
    try:
        listed = orjson.loads(ehr.keys_file.read_bytes())["keys"] if ehr.keys_file else []
        if not listed or any(PRIVATE_PARTS & one.keys() for one in listed):
            raise BadEhrFile("keys_file: it must hold public keys, and only those")
        return KeySet.import_key_set({"keys": listed})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, JoseError):
        raise BadEhrFile("keys_file: it is no JWK Set that can be read") from None
