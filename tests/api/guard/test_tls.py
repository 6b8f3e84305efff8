"""Encryption: refused without, proved by a handshake of the standard library's own client."""

from __future__ import annotations

import datetime as dt
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.api.client import TestClient
from vitruvian.api import Settings, create_app
from vitruvian.api.guard.tls import BadCertificate, Certificate, NotEncrypted, certificate_of
from vitruvian.api.serve import Address
from vitruvian.cli import main
from vitruvian.lake import Lake

ANYWHERE = "0.0.0.0"  # noqa: S104 - refused, or behind a proxy
SERVES = re.compile(r"Vitruvian serves at (\S+)")
PLAIN = serialization.NoEncryption()
LOCKED = serialization.BestAvailableEncryption(b"x")


def certified(folder: Path, *, lock: serialization.KeySerializationEncryption = PLAIN) -> Address:
    """A certificate for this machine that vouches for itself, and an address that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
    built = built.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    signed = built.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (folder / "c.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    (folder / "k.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, lock))
    return Address(certificate=Certificate(folder / "c.pem", folder / "k.pem"))


@pytest.mark.parametrize("host", [ANYWHERE, "::", "192.0.2.7", "vitruvian.example"])
def test_other_machines__are_not_served_in_the_clear(host: str) -> None:
    with pytest.raises(NotEncrypted, match="--certificate"):
        Address(host).expect_usable()


def test_command__refuses_other_machines_before_it_opens_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--lake", str(tmp_path / "lake"), "--host", ANYWHERE]) != 0
    assert "--behind-proxy ADDRESS" in capsys.readouterr().err


def test_this_machine__needs_no_encryption() -> None:
    assert Address().base(port=8420) == "http://127.0.0.1:8420"
    Address().expect_usable()


def test_one_file_alone__is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCertificate, match="without the other"):
        certificate_of(tmp_path / "c.pem", None)


def test_files_that_are_missing_strange_locked_or_of_others__are_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    with pytest.raises(BadCertificate, match="no file of the certificate"):
        Certificate(one / "c.pem", one / "k.pem").context()
    certified(one)
    certified(two, lock=LOCKED)
    (one / "no.pem").write_text("no", "utf-8")
    for chain, key in (("no.pem", "k.pem"), ("c.pem", "no.pem"), ("c.pem", "../two/k.pem")):
        with pytest.raises(BadCertificate, match="not in PEM"):
            Certificate(one / chain, one / key).context()
    with pytest.raises(BadCertificate, match="passphrase"):
        Certificate(two / "c.pem", two / "k.pem").context()


def test_suites__are_all_with_forward_secrecy_and_authenticated(tmp_path: Path) -> None:
    certificate = certified(tmp_path).certificate
    assert certificate is not None
    context = certificate.context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    old = [one for one in context.get_ciphers() if one["protocol"] == "TLSv1.2"]
    assert old
    assert all("Kx=ECDH" in one["description"] for one in old)
    assert all("Mac=AEAD" in one["description"] for one in context.get_ciphers())


@dataclass(frozen=True)
class Served:
    base: str
    port: int
    trust: ssl.SSLContext


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A server process with a certificate, on a free port over an empty lake."""
    Lake.create(folder / "lake").close()
    certified(folder)
    files = ["--certificate", str(folder / "c.pem"), "--key", str(folder / "k.pem")]
    command = [sys.executable, "-m", "vitruvian", "serve", "--lake", str(folder / "lake")]
    process = subprocess.Popen(
        [*command, *files, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        base = next(hit[1] for line in process.stdout if (hit := SERVES.match(line)))
        trust = ssl.create_default_context(cafile=str(folder / "c.pem"))
        yield Served(base, int(base.rpartition(":")[2]), trust)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def handshake(on: Served, context: ssl.SSLContext) -> str | None:
    with (
        socket.create_connection(("127.0.0.1", on.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped,
    ):
        return wrapped.version()


def test_server_with_a_certificate__answers_encrypted_only_and_says_so_for_a_year(
    tmp_path: Path,
) -> None:
    with served(tmp_path) as on:
        assert on.base.startswith("https://127.0.0.1:")
        answer = httpx.get(f"{on.base}/health", verify=on.trust)
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert handshake(on, on.trust) == "TLSv1.3"
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{on.port}/health")
        old = ssl.create_default_context(cafile=str(tmp_path / "c.pem"))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        assert handshake(on, old) == "TLSv1.2"
        old.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
        with pytest.raises(ssl.SSLError):
            handshake(on, old)


def test_behind_a_proxy__what_came_past_it_is_refused(lake: Lake) -> None:
    app = create_app(lake, settings=Settings(encrypted_only=True))
    with TestClient(app, base_url="http://127.0.0.1") as past:
        refused = past.get("/api/session")
        assert (refused.status_code, refused.json()["problem"]) == (403, "came-in-the-clear")
        assert past.get("/").status_code == 403
        assert past.get("/fhir/metadata").status_code == 403
        assert past.get("/health").status_code == 200


def test_names__are_those_of_the_address_that_people_type() -> None:
    proxied = Address(ANYWHERE, proxy="192.0.2.1", url="https://vitruvian.example/")
    assert "vitruvian.example" in proxied.hosts
    assert ANYWHERE not in proxied.hosts
    assert proxied.base(port=1) == "https://vitruvian.example"
    assert Address(ANYWHERE, proxy="192.0.2.1").hosts == frozenset()
