"""Signed checkpoints of the audit: how many rows it had, and where its chain stood, at an instant.

Whoever may write the lake's files may write a whole new chain that holds together. Nobody without
the signing key can write the checkpoints that belong to it, and with the key neither: the true ones
lie in a second place by then. Checkpoints are numbered, each names the one before it, and a new key
is introduced by the old one, so none can be taken out, changed or moved.

References
----------
RFC 8032 (2017), Ed25519. RFC 9162 (2021), section 4.10: signed heads of a log, from which the idea
is taken. Schneier, Kelsey (1999), Secure audit logs to support computer forensics,
doi:10.1145/317087.317089.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from vitruvian.trust.audit.rows import GENESIS

FORMAT = "vitruvian_audit_checkpoint"
VERSION = 1
KEY_BYTES = 32
ID_DIGITS = 16


@dataclass(frozen=True)
class Checkpoint:
    """What the audit was at one instant.

    Parameters
    ----------
    lake
        Which lake, as its backups call it.
    number
        From 1 on, without gaps.
    rows
        How many rows the chain had.
    head
        Hash of the last of them.
    at
        When it was signed.
    before
        sha256 of the line of the checkpoint before; zeros for the first.
    key
        Public key that signed, in hexadecimal.
    following
        Public key that signs from the next one on; empty when it stays the same.
    signature
        Of everything above, in hexadecimal.
    """

    lake: str
    number: int
    rows: int
    head: str
    at: str
    before: str
    key: str
    following: str = ""
    signature: str = ""

    def body(self) -> bytes:
        """What is signed, in one fixed spelling that begins with the words of the format."""
        said = asdict(replace(self, signature=""))
        del said["signature"]
        return json.dumps({FORMAT: VERSION, **said}, separators=(",", ":")).encode()

    def line(self) -> str:
        """The checkpoint as one line."""
        return json.dumps({FORMAT: VERSION, **asdict(self)}, separators=(",", ":"))

    def digest(self) -> str:
        """What the next one names it by."""
        return hashlib.sha256(self.line().encode()).hexdigest()

    @property
    def signer(self) -> str:
        """The key from the next checkpoint on."""
        return self.following or self.key


@dataclass(frozen=True)
class Signer:
    """A signing key."""

    secret: bytes = field(repr=False)

    @property
    def public(self) -> str:
        """The public key, in hexadecimal."""
        return self._key().public_key().public_bytes_raw().hex()

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)

    def signed(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with this key and its signature."""
        ours = replace(checkpoint, key=self.public)
        return replace(ours, signature=self._key().sign(ours.body()).hex())


def holds(checkpoint: Checkpoint) -> bool:
    """Whether the signature is the named key's, over just these words."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.key))
        key.verify(bytes.fromhex(checkpoint.signature), checkpoint.body())
    except (ValueError, InvalidSignature):
        return False
    return True


def short(key: str) -> str:
    """A public key as people compare it: its first sixteen digits."""
    return key[:ID_DIGITS]


def parse_checkpoint(line: str) -> Checkpoint | None:
    """The checkpoint in a line, also behind what a log collector writes before it; None if none.

    Raises
    ------
    ValueError
        When the line speaks of a checkpoint that cannot be read.
    """
    begin = line.find(f'{{"{FORMAT}":')
    if begin < 0:
        return None
    said, _ = json.JSONDecoder().raw_decode(line[begin:])
    if said.pop(FORMAT) != VERSION:
        raise ValueError
    try:
        found = Checkpoint(**said)
    except TypeError:
        raise ValueError from None
    kinds = Checkpoint.__dataclass_fields__.values()
    if any(type(getattr(found, one.name)).__name__ != one.type for one in kinds):
        raise ValueError
    return found


def read_checkpoints(lines: Iterable[str]) -> tuple[tuple[Checkpoint, ...], tuple[str, ...]]:
    """The checkpoints in the lines of a place, and which lines cannot be read.

    A line that came twice, as from a feed that was cut off and sent again, counts once.
    """
    found: dict[Checkpoint, None] = {}
    wrong = []
    for number, line in enumerate(lines, start=1):
        try:
            read = parse_checkpoint(line)
        except (ValueError, RecursionError):
            wrong.append(f"line {number} of the checkpoints cannot be read")
            continue
        if read is not None:
            found[read] = None
    return tuple(found), tuple(wrong)


def checkpoint_faults(
    checkpoints: Sequence[Checkpoint], heads: Mapping[int, str], *, lake: str, trusted: str
) -> Iterator[str]:
    """What does not hold of some checkpoints, and of the chain that they speak of.

    Parameters
    ----------
    checkpoints
        In the order in which they stand in their place.
    heads
        The chain's hash after so many rows; counts that it has not are left out.
    lake
        Which lake it is.
    trusted
        The public key that signed the first one.
    """
    key, before, expected = trusted, GENESIS, 1
    rows, at = 0, ""
    for one in checkpoints:
        named = f"checkpoint {one.number}"
        if one.lake != lake:
            yield f"{named} is of another lake"
        if one.number != expected or one.before != before:
            yield f"{named} stands where checkpoint {expected} is expected, or names another before"
        if one.key != key:
            yield f"{named} is signed by the key {short(one.key)}, not by {short(key)}"
        if not holds(one):
            yield f"{named} carries a signature that is not of its words"
        if one.rows < rows or one.at < at:
            yield f"{named} is of less than the one before it"
        if one.rows not in heads:
            yield f"{named} counts {one.rows:,} rows, and the audit has fewer: its end is gone"
        elif heads[one.rows] != one.head:
            yield f"{named} was signed over other rows: rows up to {one.rows:,} were rewritten"
        key, before, expected = one.signer, one.digest(), one.number + 1
        rows, at = one.rows, one.at
