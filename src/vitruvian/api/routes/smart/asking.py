"""What an app asks for at the authorize address, checked before anybody is asked.

A request that names an undeclared app or address is answered to the person, never to the address:
it could be anybody's. Everything else that is wrong goes back to the app.

References
----------
RFC 6749 (2012), section 4.1.2.1; RFC 9207 (2022): `iss` in the answer.
SMART App Launch 2.2.0, App Launch: Launch and Authorization.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vitruvian.api.routes.smart.forms import read_pairs
from vitruvian.base.errors import BadInput
from vitruvian.trust.smart import AppRefused, common, good_challenge, read_scopes

if TYPE_CHECKING:
    from vitruvian.lake.apps.apps import Apps
    from vitruvian.lake.apps.given import Launching
    from vitruvian.lake.apps.registry import App

LONGEST = 500


class UndeclaredApp(BadInput):
    """An app asks that was not declared here, or wants its answer somewhere else."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "An app asks for access that is not declared here, or wants the answer at an address "
            "that was not declared for it. Nothing was given. Tell whoever runs this server."
        )


class SentBack(Exception):
    """Never leaves this folder: the app hears what is wrong at its own address."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__("the app is told")


@dataclass(frozen=True)
class Asked:
    """One request of an app that may be shown to a person.

    Parameters
    ----------
    scopes
        What of the scopes it asked for it may be given at most.
    launching
        What it was opened with from a patient's page; None when it was opened by itself.
    """

    app: App
    redirect: str
    scopes: str
    state: str
    challenge: str
    issuer: str
    nonce: str | None = None
    launch: str | None = None
    launching: Launching | None = None

    @property
    def wants_patient(self) -> bool:
        """Whether it reaches one patient only, who must be chosen."""
        scopes, plain = read_scopes(self.scopes)
        of_one = {"launch/patient", "launch/encounter"} & set(plain)
        return bool(of_one) or any(one.context == "patient" for one in scopes)

    def answer(self, **said: str) -> str:
        """The app's address with an answer."""
        return address_with(self.redirect, {**said, "state": self.state, "iss": self.issuer})


def address_with(address: str, said: Mapping[str, str]) -> str:
    """An address with more parameters than it had."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(said)}"


def read_asked(query: str, apps: Apps, *, issuer: str) -> Asked:
    """What is asked.

    Parameters
    ----------
    query
        The address behind the question mark, as it came.
    apps
        The declared ones.
    issuer
        The address of this server.

    Raises
    ------
    UndeclaredApp
        When nobody but the person may be told.
    SentBack
        When the app is to be told.
    """
    try:
        said = read_pairs(query)
    except AppRefused:
        raise UndeclaredApp from None
    app = apps.registry.find(said.get("client_id", ""))
    redirect = said.get("redirect_uri", "")
    if app is None or redirect not in app.redirects:
        raise UndeclaredApp
    fault = _fault(said, issuer)
    if fault is None:
        return _asked(app, said, apps, issuer=issuer)
    words = {
        "error": fault[0],
        "error_description": fault[1],
        "state": said.get("state", "")[:LONGEST],
    }
    raise SentBack(address_with(redirect, {**words, "iss": issuer}))


def _fault(said: Mapping[str, str], issuer: str) -> tuple[str, str] | None:
    """The first thing that is wrong, as OAuth calls it and in words; None when nothing is."""
    if said.get("response_type") != "code":
        return "unsupported_response_type", "Only response_type=code is given here."
    if {"request", "request_uri"} & said.keys():
        return "request_not_supported", "Send the parameters as they are."
    why = _unfit(said, issuer)
    return None if why is None else ("invalid_request", why)


def _unfit(said: Mapping[str, str], issuer: str) -> str | None:
    """Which parameter does not fit, and what was expected."""
    challenge, method = said.get("code_challenge", ""), said.get("code_challenge_method", "")
    if not 0 < len(said.get("state", "")) <= LONGEST:
        return f"The parameter state is missing, or longer than {LONGEST} letters."
    if not good_challenge(challenge, method=method):
        return "PKCE is required: code_challenge with code_challenge_method S256."
    if said.get("aud", "").rstrip("/") != f"{issuer}/fhir":
        return f"The parameter aud must be {issuer}/fhir."
    if len(said.get("nonce", "")) > LONGEST:
        return f"The parameter nonce is longer than {LONGEST} letters."
    return None


def _asked(app: App, said: Mapping[str, str], apps: Apps, *, issuer: str) -> Asked:
    scopes = without_system(common(said.get("scope", ""), app.scopes))
    launch = said.get("launch")
    launching = apps.grants.launched(launch) if launch and "launch" in scopes.split() else None
    asked = Asked(
        app=app,
        redirect=said["redirect_uri"],
        scopes=scopes,
        state=said["state"],
        challenge=said["code_challenge"],
        issuer=issuer,
        nonce=said.get("nonce"),
        launch=launch,
        launching=launching,
    )
    if not read_scopes(scopes)[0]:
        why = "None of the scopes asked for may be given to this app."
        raise SentBack(asked.answer(error="invalid_scope", error_description=why))
    if launch and (launching is None or launching.app != app.name):
        why = "The launch is not known here, or it is over. Open the app again."
        raise SentBack(asked.answer(error="invalid_request", error_description=why))
    return asked


def without_system(scopes: str) -> str:
    """The same without scopes of services, which no person can give."""
    return " ".join(word for word in scopes.split() if not word.startswith("system/"))
