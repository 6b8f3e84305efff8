"""Commands that look after a lake: its bytes, copies of it, its version."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.keeping.storage import tell_moved
from vitruvian.cli.terminal import DONE, FAILED, access_of, far, moment_of, say, say_json
from vitruvian.cli.words import Words, at_least_one

if TYPE_CHECKING:
    from vitruvian.lake.keeping.sealing import Key

KEY_WORDS = "encrypts: a file made with 'key make'; without it, the copies are in the clear"


def add_lakes(whole: Words) -> None:
    """Commands that look after a lake."""
    whole.command("check", run_check, example="check --lake lake").lake()
    whole.command("compact", run_compact, example="compact --lake lake").lake()
    copy = whole.command("backup", run_backup, example="backup copies --lake lake").lake()
    copy.add_argument("to", type=Path, metavar="TO", help="folder of this lake's backups")
    copy.add_argument("--keep", type=at_least_one, metavar="N", help="drop all but the newest N")
    copy.add_argument("--key", type=Path, metavar="FILE", help=KEY_WORDS)
    copy.json()
    again = whole.command("restore", run_restore, example="restore copies --lake new-lake").lake()
    again.add_argument("source", type=Path, metavar="FROM", help="folder of backups")
    again.add_argument("--at", metavar="T", help="only what was recorded up to this instant")
    again.add_argument("--backup", metavar="NAME", help="which one; the newest if not given")
    again.add_argument("--key", type=Path, metavar="FILE", help="opens encrypted backups")
    words = "ledger of erasures; if not given, the one beside the lake's folder"
    again.add_argument("--erasures", type=Path, metavar="FILE", help=words)
    again.json()
    whole.command("migrate", run_migrate, example="migrate --lake lake").lake()
    _add_keys(whole)


def _add_keys(whole: Words) -> None:
    key = whole.add_group("key", "Keys of encrypted backups; each is a file, kept elsewhere.")
    make = key.command("make", run_key_make, example="key make backups.key")
    make.add_argument("file", type=Path, metavar="FILE", help="a new file")
    example = "key rotate copies --key backups.key --new next.key"
    rotate = key.command("rotate", run_key_rotate, example=example)
    rotate.add_argument("to", type=Path, metavar="TO", help="folder of encrypted backups")
    rotate.add_argument("--key", type=Path, required=True, metavar="FILE", help="opens them now")
    words = "opens them from now on; made with 'key make'"
    rotate.add_argument("--new", type=Path, required=True, metavar="FILE", help=words)


def run_check(asked: argparse.Namespace) -> int:
    """Compare every stored byte with its checksum.

    Returns
    -------
    int
        1 when something differs.
    """
    from vitruvian.lake import check_folder

    findings = [f"{found.kind}: {found.what}" for found in check_folder(asked.lake)]
    for finding in findings:
        say(finding)
    say(f"findings: {len(findings)}" if findings else "every stored file is as it was written")
    say(told_at_rest(asked.lake))
    return FAILED if findings else DONE


def told_at_rest(lake: Path) -> str:
    """Whether the lake lies on an encrypted disk, in one sentence."""
    from vitruvian.lake.disk.at_rest import at_rest

    found = at_rest(lake)
    return {
        "encrypted": f"the disk below is encrypted ({found.how})",
        "clear": f"the disk below is not encrypted ({found.how}), as far as this system tells: "
        "see 'Encrypt what is stored' in the documentation",
        "unknown": f"whether the disk below is encrypted cannot be told here ({found.how})",
    }[found.state]


def run_compact(asked: argparse.Namespace) -> int:
    """Move the hot log into tables, rewrite them in order, remove what nobody needs."""
    from vitruvian.lake import Lake

    access = access_of("operations")
    with Lake.open(asked.lake) as lake:
        moved = lake.drain(access)
        lake.compact(access)
        removed = lake.vacuum(access)
    say(f"moved {moved:,} rows out of the log, removed {removed:,} files")
    tell_moved(asked.lake)
    return DONE


def key_of(path: Path | None) -> Key | None:
    """The key in a file; None when no file was given."""
    from vitruvian.lake.keeping.sealing import read_key

    return None if path is None else read_key(path)


def run_key_make(asked: argparse.Namespace) -> int:
    """Make a key; keep a copy where neither the lake nor its backups are."""
    from vitruvian.lake.keeping.sealing import make_key

    make_key(asked.file)
    say("A new key. Without it nobody can restore what it encrypts: keep a copy in a safe place,")
    say("apart from the lake and from the backups.")
    return DONE


def run_key_rotate(asked: argparse.Namespace) -> int:
    """Let a new key open all backups of a folder, and the old one none of them any more."""
    from vitruvian.lake.keeping.sealing import read_key
    from vitruvian.lake.keeping.vault import Vault

    vault = Vault(asked.to, key=read_key(asked.key))
    vault.hand_over(read_key(asked.new))
    say(f"backups here: {len(vault.names()):,}; the new key opens them, the old one none any more")
    say("Copies of this folder made before are still opened by the old key.")
    return DONE


def run_backup(asked: argparse.Namespace) -> int:
    """Copy a lake into a folder of backups while it is in use; only new bytes are copied."""
    from vitruvian.lake import Wants, backup

    key = key_of(asked.key)
    with far("backup") as tell:
        wants = Wants(access_of("operations"), keep=asked.keep, key=key, progress=tell)
        report = backup(asked.lake, asked.to, wants)
    if asked.json:
        say_json(asdict(report))
        return DONE
    say(f"backup {report.name}: {report.files:,} files, {report.size:,} bytes, each read back")
    say(f"copied {report.copied:,} files, {report.copied_size:,} bytes; the rest was there")
    return DONE


def run_restore(asked: argparse.Namespace) -> int:
    """Make a lake from a backup, whole or as it was recorded at an instant."""
    from vitruvian.lake import Wants, restore

    at, key = moment_of(asked.at), key_of(asked.key)
    with far("restore") as tell:
        wants = Wants(access_of("operations"), key=key, erasures=asked.erasures, progress=tell)
        report = restore(asked.source, asked.lake, wants, at=at, name=asked.backup)
    if asked.json:
        say_json(asdict(report))
        return DONE
    say(f"restored {report.files:,} files, {report.size:,} bytes from backup {report.name}")
    say(f"the lake holds what was recorded until {report.recorded_until.isoformat()}, checked")
    say(told_of_erasures(report.erased_again))
    return DONE


def told_of_erasures(again: int | None) -> str:
    """Whether somebody who was erased since the backup is back, in one sentence."""
    if again is None:
        return (
            "no ledger of erasures was found, so whoever was erased after this backup is back: "
            "restore again with --erasures FILE, the ledger beside the lake it was made from"
        )
    return f"{again} erasures made after this backup were done again"


def run_migrate(asked: argparse.Namespace) -> int:
    """Bring a lake that an older version wrote up to this version; every answer stays."""
    from vitruvian.lake import migrate

    lacked = migrate(asked.lake, access_of("operations"))
    for table, columns in sorted(lacked.items()):
        say(f"{table}: added {', '.join(columns)}")
    say("the lake has every column of this version")
    return DONE
