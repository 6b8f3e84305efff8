"""Key files of the audit: the one that signs, kept outside the lake, and the one for everybody."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from vitruvian.base.errors import BadInput, Conflict
from vitruvian.lake.disk.durable import fsync_all, storage_errors
from vitruvian.trust.audit.checkpoint import KEY_BYTES, Signer

SECRET, PUBLIC = "vitruvian-audit-key-1", "vitruvian-audit-public-1"


class BadAuditKey(BadInput):
    """A key file of the audit cannot be used."""

    def __init__(self, *, expected: str) -> None:
        super().__init__(
            f"A key file of the audit is not there or does not hold what it should: {expected}. "
            "Expected a file that 'vitruvian audit key make FILE' wrote, readable by this account."
        )


class AuditKeyThere(Conflict):
    """A key file was to be made where something lies."""

    def __init__(self) -> None:
        super().__init__(
            "Something lies there already, or the folder does not exist. A key is never written "
            "over, because what it signed could not be told any more. Choose a new name."
        )


class AuditKeyInside(BadInput):
    """The signing key lies in the lake that it vouches for."""

    def __init__(self) -> None:
        super().__init__(
            "The signing key lies in the folder of the lake, where whoever can rewrite the audit "
            "finds it. Move it to a place of its own, readable by this account alone."
        )


def make_audit_key(path: Path) -> Signer:
    """Write a new signing key, and beside it `FILE.pub` for those who verify.

    Raises
    ------
    AuditKeyThere
        When one of the two files is there, or their folder is not.
    """
    public = public_path(path)
    if public.exists():
        raise AuditKeyThere
    signer = Signer(secrets.token_bytes(KEY_BYTES))
    _write(path, f"{SECRET} {signer.secret.hex()}\n", mode=0o600)
    _write(public, f"{PUBLIC} {signer.public}\n", mode=0o644)
    fsync_all([path, public])
    return signer


def _write(path: Path, words: str, *, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise AuditKeyThere from None
    with storage_errors("writing the key"), os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(words)


def public_path(path: Path) -> Path:
    """Where the public key of a signing key lies."""
    return path.with_name(f"{path.name}.pub")


def read_signer(path: Path, *, lake: Path) -> Signer:
    """The signing key in a file; raises `BadAuditKey`, `AuditKeyInside`."""
    if lake.resolve() in path.resolve().parents:
        raise AuditKeyInside
    return Signer(bytes.fromhex(_digits(path, SECRET, expected="a signing key")))


def read_public(path: Path) -> str:
    """The public key in a file; raises `BadAuditKey`."""
    return _digits(path, PUBLIC, expected="a public key, FILE.pub")


def _digits(path: Path, word: str, *, expected: str) -> str:
    try:
        found, _, digits = path.read_text("ascii").strip().partition(" ")
        sound = found == word and len(bytes.fromhex(digits)) == KEY_BYTES
    except (OSError, ValueError):
        sound, digits = False, ""
    if not sound:
        raise BadAuditKey(expected=expected)
    return digits.lower()
