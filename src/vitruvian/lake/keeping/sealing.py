"""Encryption of backups: one key file outside, keys of the folder wrapped by it inside.

The folder has data keys of its own, wrapped by the key of the file. Another file takes over by
wrapping them again, without touching what they encrypt; with it comes a new data key, for what is
written from then on. Each object is encrypted under a key derived from a data key and a salt of its
own, in pieces, so that neither a piece moved, left out or exchanged nor a shorter end goes unseen.

References
----------
NIST SP 800-38D (2007): AES-GCM, here with 256 bits. RFC 5869 (2010): HKDF with SHA-256. Hoang,
Reyhanitabar, Rogaway, Vizar (CRYPTO 2015): STREAM, pieces numbered and the last one marked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vitruvian.base.errors import BadInput, Conflict
from vitruvian.lake.disk.durable import fsync_all, storage_errors

MARK = b"vitruvian sealed 1\n"
KEY_BYTES = 32
ID_BYTES = 8
SALT_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
PIECE = 1 << 20
KEY_FILE = "vitruvian-key-1"


class BadKeyFile(BadInput):
    """The key file cannot be used."""

    def __init__(self) -> None:
        super().__init__(
            "The key file is not there or holds no key. Expected one that "
            "'vitruvian key make FILE' wrote, readable by this account."
        )


class KeyFileThere(Conflict):
    """A key file was to be made where something lies."""

    def __init__(self) -> None:
        super().__init__(
            "Something lies there already, or the folder does not exist. A key is never written "
            "over, because what it opens would be lost. Choose a new name."
        )


class WrongKey(BadInput):
    """The key does not open these backups."""

    def __init__(self) -> None:
        super().__init__(
            "This key does not open these backups, or they were changed. Give the key file that "
            "was in force when they were written, or the one that took over since."
        )


@dataclass(frozen=True)
class Key:
    """The key of a key file: 32 bytes that stand in no folder of backups."""

    secret: bytes = field(repr=False)


def make_key(path: Path) -> Key:
    """Write a new key to a new file that its owner alone may read; raises `KeyFileThere`."""
    secret = secrets.token_bytes(KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (FileExistsError, FileNotFoundError, NotADirectoryError):
        raise KeyFileThere from None
    with storage_errors("writing the key"), os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(f"{KEY_FILE} {secret.hex()}\n")
    fsync_all([path])
    return Key(secret)


def read_key(path: Path) -> Key:
    """The key in a file; raises `BadKeyFile`."""
    try:
        word, _, digits = path.read_text("ascii").strip().partition(" ")
        secret = bytes.fromhex(digits)
    except (OSError, ValueError):
        raise BadKeyFile from None
    if word != KEY_FILE or len(secret) != KEY_BYTES:
        raise BadKeyFile
    return Key(secret)


@dataclass(frozen=True)
class Seal:
    """The data keys of one folder, by id; the first names objects, the last encrypts new ones."""

    keys: tuple[tuple[bytes, bytes], ...] = field(repr=False)

    @staticmethod
    def fresh() -> Seal:
        """A seal with one new key."""
        return Seal(()).renewed()

    def renewed(self) -> Seal:
        """The same with one more key, for what is written from now on."""
        new = (secrets.token_bytes(ID_BYTES), secrets.token_bytes(KEY_BYTES))
        return Seal((*self.keys, new))

    def wrapped(self, key: Key, *, of: str) -> str:
        """The keys as only the key file opens them, for one folder."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = json.dumps([[name.hex(), one.hex()] for name, one in self.keys]).encode()
        return b64encode(nonce + AESGCM(key.secret).encrypt(nonce, plain, of.encode())).decode()

    @staticmethod
    def opened(wrapped: str, key: Key, *, of: str) -> Seal:
        """The keys of a folder; raises `WrongKey`."""
        try:
            data = b64decode(wrapped, validate=True)
            nonce, sealed = data[:NONCE_BYTES], data[NONCE_BYTES:]
            plain = AESGCM(key.secret).decrypt(nonce, sealed, of.encode())
        except (ValueError, InvalidTag):
            raise WrongKey from None
        return Seal(tuple((bytes.fromhex(a), bytes.fromhex(b)) for a, b in json.loads(plain)))

    def name(self, sha256: str) -> str:
        """What an object is called: from outside nobody can tell whether a known file is here."""
        return hmac.new(
            _derived(self.keys[0][1], b"", b"names"), sha256.encode(), "sha256"
        ).hexdigest()

    def closed(self, pieces: Iterable[bytes], *, called: str) -> Iterator[bytes]:
        """Bytes encrypted piece by piece; each piece but the last holds `PIECE` bytes."""
        ident, key = self.keys[-1]
        head = MARK + ident + secrets.token_bytes(SALT_BYTES)
        box = _Box(key, head, called)
        yield head
        waiting = b""
        for piece in pieces:
            waiting += piece
            while len(waiting) > PIECE:
                yield box.close(waiting[:PIECE], last=False)
                waiting = waiting[PIECE:]
        yield box.close(waiting, last=True)

    def open(self, stream: BinaryIO, *, called: str) -> Iterator[bytes]:
        """What was encrypted; raises `Unsealed` at the first piece that was not written so."""
        head = stream.read(len(MARK) + ID_BYTES + SALT_BYTES)
        key = dict(self.keys).get(head[len(MARK) : len(MARK) + ID_BYTES])
        if not head.startswith(MARK) or key is None:
            raise Unsealed
        box = _Box(key, head, called)
        here = stream.read(PIECE + TAG_BYTES)
        while following := stream.read(PIECE + TAG_BYTES):
            yield box.open(here, last=False)
            here = following
        yield box.open(here, last=True)


class Unsealed(Exception):
    """Never leaves this room: bytes do not open as what they should be."""


class _Box:
    """The pieces of one object, in their order."""

    def __init__(self, key: bytes, head: bytes, called: str) -> None:
        self._cipher = AESGCM(_derived(key, head[-SALT_BYTES:], b"object"))
        self._about = hashlib.sha256(head + called.encode()).digest()
        self._number = 0

    def _nonce(self, *, last: bool) -> bytes:
        self._number += 1
        return self._number.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])

    def close(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), piece, self._about)

    def open(self, piece: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last=last), piece, self._about)
        except InvalidTag:
            raise Unsealed from None


def _derived(key: bytes, salt: bytes, what: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt or None, b"vitruvian " + what).derive(key)
