"""What OAuth's addresses are sent, and the one shape in which they refuse.

References
----------
RFC 6749 (2012), section 5.2: error answers of the token endpoint; 3.1: no parameter twice.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.routing import APIRoute

from vitruvian.api.answers import JsonAnswer
from vitruvian.base.errors import NotSignedIn, TooMany
from vitruvian.trust.smart import AppRefused

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 64 * 1024
NEVER_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}


class UnknownApp(NotSignedIn):
    """An app did not prove who it is."""

    code = "invalid_client"

    def __init__(self, why: str) -> None:
        super().__init__(f"The app did not prove who it is: {why}.")


def read_pairs(text: str) -> dict[str, str]:
    """Parameters of a query or a form; raises `AppRefused` when one comes twice."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise AppRefused("invalid_request", "The parameters cannot be read.") from None
    said = dict(pairs)
    if len(said) < len(pairs):
        raise AppRefused("invalid_request", "A parameter comes twice. Send each once.")
    return said


async def form(request: Request) -> Mapping[str, str]:
    """The form that was sent; raises `AppRefused`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise AppRefused("invalid_request", f"Send the parameters as {FORM}.")
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > MOST_BYTES:
            raise AppRefused("invalid_request", "The form is larger than 64 KiB.")
    try:
        return read_pairs(found.decode())
    except UnicodeDecodeError:
        raise AppRefused("invalid_request", "The form is not UTF-8.") from None


def refusal(error: AppRefused | UnknownApp | TooMany) -> Response:
    """A refusal as OAuth words it."""
    code = getattr(error, "code", "temporarily_unavailable")
    said = {"error": code, "error_description": str(error)}
    unknown = isinstance(error, UnknownApp)
    headers = {"www-authenticate": 'Basic realm="oauth"'} if unknown else {}
    return JsonAnswer(said, status_code=error.status, headers=headers | NEVER_KEPT)


class OAuthRoute(APIRoute):
    """A route that refuses in the words of OAuth."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the refusals around it."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except (AppRefused, UnknownApp, TooMany) as error:
                return refusal(error)

        return guarded
