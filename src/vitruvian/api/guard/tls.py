"""Encryption between the server and whoever asks it.

References
----------
NIST SP 800-52 Rev. 2 (2019), section 3.1: TLS 1.2 at least. RFC 9325 (2022), section 4.2: suites
with forward secrecy and authenticated encryption only.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from vitruvian.base.errors import BadInput, VitruvianError

# TLS 1.3 has none but good suites; this chooses among those of TLS 1.2.
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


class NotEncrypted(BadInput):
    """The server was to be reached from other machines without encryption."""

    def __init__(self) -> None:
        super().__init__(
            "This host can be reached from other machines, and patients' data must not cross a "
            "network in the clear. Give --certificate FILE and --key FILE, or --behind-proxy "
            "ADDRESS when a reverse proxy with TLS stands before it."
        )


class BadCertificate(BadInput):
    """The certificate or its key cannot be used."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"The certificate cannot be used: {why}. Expected two files in PEM: --certificate with "
            "the certificate and those that vouch for it, --key with its private key, without a "
            "passphrase and readable by this account alone."
        )


@dataclass(frozen=True)
class Certificate:
    """What the server shows to prove who it is.

    Parameters
    ----------
    chain
        PEM file: the certificate first, then those that vouch for it.
    key
        PEM file of its private key.
    """

    chain: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """The two files, read; raises `BadCertificate`."""
        for path, what in ((self.chain, "certificate"), (self.key, "key")):
            if not path.is_file():
                raise BadCertificate(why=f"there is no file of the {what}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(SUITES)
        try:
            # An empty passphrase: a server must not stop and ask for one at the terminal.
            context.load_cert_chain(self.chain, self.key, password="")
        except (ssl.SSLError, OSError, ValueError):
            raise BadCertificate(
                why="the files are not in PEM, do not belong together, or need a passphrase"
            ) from None
        return context


def certificate_of(chain: Path | None, key: Path | None) -> Certificate | None:
    """Both files or neither; raises `BadCertificate` for one alone."""
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise BadCertificate(why="one of --certificate and --key was given without the other")
    return Certificate(chain, key)


class CameInTheClear(VitruvianError):
    """A request reached the server past the encryption that was declared for it."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "This request came without encryption, and this server answers encrypted ones alone. "
            "Ask by https, at the address of the reverse proxy."
        )
