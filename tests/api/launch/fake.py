"""A record system made up for tests, which can lie in every answer it gives."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

Json = dict[str, Any]


@dataclass
class Fake:
    """What it is asked, and what it answers."""

    address: str = ""
    key: RSAKey | None = None
    claims: Json = field(default_factory=dict)
    answer: Json = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    described: Json = field(default_factory=dict)
    sign: str = "RS256"
    asked: list[str] = field(default_factory=list)
    elsewhere: str | None = None
    codes: dict[str, Json] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"{self.address}/fhir"

    def configuration(self) -> Json:
        said: Json = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "permission-v2", "sso-openid-connect"],
        }
        return {name: value for name, value in (said | self.described).items() if value is not None}

    def back(self, address: str, **more: str) -> Json:
        """What the browser comes back with after somebody signed in at the authorize address."""
        said = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(16)
        self.codes[code] = said
        return {"code": code, "state": said["state"]} | more

    def token(self, form: Json) -> Json | None:
        """What a code is exchanged for, once."""
        asked = self.codes.pop(form["code"], None)
        if asked is None:
            return None
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": asked["client_id"],
            "sub": "u7",
            "fhirUser": f"{self.issuer}/Practitioner/7",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        } | self.claims
        said = {"access_token": "word", "patient": "p-9", "id_token": self.signed(claims)}
        return said | self.answer

    @property
    def signer(self) -> RSAKey:
        assert self.key is not None
        return self.key

    def signed(self, claims: Json) -> str:
        if self.sign == "none":
            parts = [{"alg": "none"}, claims]
            return ".".join([*map(b64, parts), ""])
        if self.sign == "HS256":
            # The confusion: the published key taken for a shared secret.
            return confused({"alg": "HS256"}, claims, self.signer.as_pem(private=False))
        key = self.signer
        if self.sign == "other":
            key = RSAKey.generate_key(2048, {"kid": str(key.kid)})
        return jwt.encode({"alg": "RS256", "kid": str(self.signer.kid)}, claims, key)

    def get(self, path: str) -> Any:
        if self.elsewhere is not None:
            return self.elsewhere
        if path == "/fhir/.well-known/smart-configuration":
            return self.configuration()
        if path == "/jwks":
            return dict(KeySet([self.signer]).as_dict(private=False))
        return self.records.get(path.removeprefix("/fhir/"))


def b64(said: Json | bytes) -> str:
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def confused(header: Json, claims: Json, secret: bytes) -> str:
    """A token under a published key, as whoever takes it for a secret would sign it.

    By hand, because a library that knows the attack refuses to make one.
    """
    text = f"{b64(header)}.{b64(claims)}"
    return f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha256'))}"


@contextmanager
def answering(fake: Fake) -> Iterator[Fake]:
    """The same, listening."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            self.say(fake.get(self.path))

        def do_POST(self) -> None:
            fake.asked.append(self.path)
            length = int(self.headers["content-length"])
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            self.say(fake.token(form) if self.path == "/token" else None)

        def say(self, what: Any) -> None:
            if isinstance(what, str):  # an address: sent elsewhere
                self.send_response(302)
                self.send_header("location", what)
                self.end_headers()
                return
            self.send_response(200 if what is not None else 404)
            self.end_headers()
            self.wfile.write(json.dumps(what).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        fake.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield fake
        server.shutdown()
