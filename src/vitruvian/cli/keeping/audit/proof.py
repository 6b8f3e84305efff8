"""Commands that prove the audit: its chain, its signed checkpoints, and the keys that sign."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.terminal import DONE, FAILED, NoSuchFile, access_of, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.audit.checkpoints import Proof
    from vitruvian.trust.audit.checkpoint import Checkpoint

PUBLIC = "VITRUVIAN_AUDIT_PUBLIC"
MOST_FAULTS = 20


class NoSigningKey(BadInput):
    """No key is named that could sign."""

    def __init__(self) -> None:
        super().__init__(
            "No key is named to sign with. Give --key FILE, or set VITRUVIAN_AUDIT_KEY to it; "
            "'vitruvian audit key make FILE' makes one."
        )


def add_proof(audit: Words) -> None:
    """Commands that prove the audit."""
    verify = audit.command(
        "verify", run_verify, example="audit verify --lake lake --public audit.key.pub"
    )
    words = "of the key that signed first; else the file that VITRUVIAN_AUDIT_PUBLIC names"
    verify.lake().add_argument("--public", type=Path, metavar="FILE", help=words)
    words = "the second place, or what a log collector kept of it; may be given again, oldest first"
    verify.add_argument("--checkpoints", type=Path, action="append", metavar="FILE", help=words)
    verify.json()
    example = "audit checkpoint --lake lake --key audit.key --to /mnt/second/checkpoints"
    sign = audit.command("checkpoint", run_checkpoint, example=example).lake()
    _add_signing(sign)
    key = audit.add_group("key", "Keys that sign checkpoints; each is a file, kept elsewhere.")
    make = key.command("make", run_key_make, example="audit key make audit.key")
    make.add_argument("file", type=Path, metavar="FILE", help="a new file")
    example = "audit key rotate --lake lake --key audit.key --new next.key"
    rotate = key.command("rotate", run_key_rotate, example=example).lake()
    _add_signing(rotate)
    words = "signs from the next checkpoint on; made with 'audit key make'"
    rotate.add_argument("--new", type=Path, required=True, metavar="FILE", help=words)


def _add_signing(command: Words) -> None:
    words = "signs; else the file that VITRUVIAN_AUDIT_KEY names"
    command.add_argument("--key", type=Path, metavar="FILE", help=words)
    words = (
        "second place: a file, tls://HOST:PORT or tcp://127.0.0.1:PORT of a log collector; else "
        "what VITRUVIAN_AUDIT_CHECKPOINTS names"
    )
    command.add_argument("--to", metavar="PLACE", help=words)


def run_verify(asked: argparse.Namespace) -> int:
    """Walk the whole hash chain in both sinks, and hold it against signed checkpoints.

    Returns
    -------
    int
        1 when a row was changed, taken out, put in or moved, or the whole was written anew.
    """
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        faults = list(lake.audit.faults())
        rows, head = lake.audit.head()
        proof = _proof(lake, asked)
        at = lake.audit.at(rows)
    faults += proof.faults if proof is not None else ()
    if asked.json:
        newest = None if proof is None or proof.newest is None else proof.newest
        answer = {"rows": rows, "head": head, "faults": faults, "newest": newest}
        say_json(answer | {"checkpoints": None if proof is None else proof.checkpoints})
        return FAILED if faults else DONE
    for fault in faults[:MOST_FAULTS]:
        say(fault)
    if faults[MOST_FAULTS:]:
        say(f"and {len(faults) - MOST_FAULTS:,} more")
    if faults:
        return FAILED
    say(f"the chain of {rows:,} rows holds in both sinks")
    if rows:
        say(f"last row {rows}, {at}, hash {head}")
    for line in _told(proof):
        say(line)
    return DONE


def _proof(lake: Lake, asked: argparse.Namespace) -> Proof | None:
    """What the checkpoints say; None when nobody said whose signature counts."""
    from vitruvian.lake.audit.checkpoints import prove
    from vitruvian.lake.audit.keys import read_public

    named = asked.public or os.environ.get(PUBLIC)
    if not named:
        return None
    place = None if asked.checkpoints is None else _lines(asked.checkpoints)
    return prove(lake, trusted=read_public(Path(named)), place=place)


def _lines(paths: Sequence[Path]) -> list[str]:
    try:
        return [line for path in paths for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise NoSuchFile("--checkpoints") from None


def _told(proof: Proof | None) -> list[str]:
    """What the checkpoints vouch for, in a few lines."""
    if proof is None or proof.newest is None:
        return [
            "no signature was looked at: whoever may write the lake could have written all of it",
            "anew. Give --public FILE.pub, and --checkpoints with what the second place holds",
        ]
    newest = proof.newest
    at = datetime.fromisoformat(newest.at)
    return [
        f"{proof.checkpoints:,} signed checkpoints hold; the newest is of {at:%Y-%m-%d %H:%M} UTC",
        f"rows up to {newest.rows:,} are vouched for, {proof.unsigned:,} came after it",
    ]


def run_checkpoint(asked: argparse.Namespace) -> int:
    """Sign how the audit stands now, and bring that to the second place."""
    return _signed(asked)


def run_key_rotate(asked: argparse.Namespace) -> int:
    """Sign with another key from now on; the old key vouches for it in a checkpoint."""
    return _signed(asked, new=asked.new)


def _signed(asked: argparse.Namespace, *, new: Path | None = None) -> int:
    from vitruvian.lake import Lake
    from vitruvian.lake.audit.checkpoints import make_checkpoint
    from vitruvian.lake.audit.keys import read_signer
    from vitruvian.lake.audit.places import place_of
    from vitruvian.lake.audit.telling import tell_checkpoints

    named = asked.key or os.environ.get("VITRUVIAN_AUDIT_KEY")
    if not named:
        raise NoSigningKey
    signer = read_signer(Path(named), lake=asked.lake)
    following = None if new is None else read_signer(new, lake=asked.lake)
    words = asked.to or os.environ.get("VITRUVIAN_AUDIT_CHECKPOINTS")
    authority = os.environ.get("VITRUVIAN_AUDIT_AUTHORITY")
    place = None
    if words:
        beside = Path(authority) if authority else None
        place = place_of(words, lake=asked.lake, authority=beside)
    with Lake.open(asked.lake) as lake:
        access = access_of("operations")
        made = make_checkpoint(lake, signer, access=access, following=following)
        told = None if place is None else tell_checkpoints(lake, place)
    _say_made(made, told)
    return DONE


def _say_made(made: Checkpoint, told: int | None) -> None:
    from vitruvian.trust.audit.checkpoint import short

    say(f"checkpoint {made.number}: {made.rows:,} rows, key {short(made.key)}")
    if made.following:
        say(f"from the next one on {short(made.following)} signs; the old key may be destroyed")
    if told is None:
        say("kept in the lake alone: give --to a second place, or it proves little")
    else:
        say(f"brought to the second place: {told:,}")


def run_key_make(asked: argparse.Namespace) -> int:
    """Make a key that signs checkpoints, and FILE.pub for those who verify."""
    from vitruvian.lake.audit.keys import make_audit_key
    from vitruvian.trust.audit.checkpoint import short

    signer = make_audit_key(asked.file)
    say(f"A new key, {short(signer.public)}. Keep it apart from the lake, readable by the account")
    say("that serves; give FILE.pub to whoever verifies, and let them keep it.")
    return DONE
