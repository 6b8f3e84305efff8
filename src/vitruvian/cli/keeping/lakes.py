"""Commands that look after a lake: its bytes, copies of it, its version."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from vitruvian.cli.terminal import DONE, FAILED, access_of, far, moment_of, say, say_json
from vitruvian.cli.words import Words


def add_lakes(whole: Words) -> None:
    """Commands that look after a lake."""
    whole.command("check", run_check, example="check --lake lake").lake()
    whole.command("compact", run_compact, example="compact --lake lake").lake()
    copy = whole.command("backup", run_backup, example="backup copies --lake lake").lake()
    copy.add_argument("to", type=Path, metavar="TO", help="folder of this lake's backups")
    copy.add_argument("--keep", type=at_least_one, metavar="N", help="drop all but the newest N")
    copy.json()
    again = whole.command("restore", run_restore, example="restore copies --lake new-lake").lake()
    again.add_argument("source", type=Path, metavar="FROM", help="folder of backups")
    again.add_argument("--at", metavar="T", help="only what was recorded up to this instant")
    again.add_argument("--backup", metavar="NAME", help="which one; the newest if not given")
    again.json()
    whole.command("migrate", run_migrate, example="migrate --lake lake").lake()


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
    return FAILED if findings else DONE


def run_compact(asked: argparse.Namespace) -> int:
    """Move the hot log into tables, rewrite them in order, remove what nobody needs."""
    from vitruvian.lake import Lake

    access = access_of("operations")
    with Lake.open(asked.lake) as lake:
        moved = lake.drain(access)
        lake.compact(access)
        removed = lake.vacuum(access)
    say(f"moved {moved:,} rows out of the log, removed {removed:,} files")
    return DONE


def at_least_one(word: str) -> int:
    """A count of one or more."""
    count = int(word)
    if count < 1:
        raise ValueError
    return count


def run_backup(asked: argparse.Namespace) -> int:
    """Copy a lake into a folder of backups while it is in use; only new bytes are copied."""
    from vitruvian.lake import Wants, backup

    with far("backup") as tell:
        wants = Wants(access_of("operations"), keep=asked.keep, progress=tell)
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

    at = moment_of(asked.at)
    with far("restore") as tell:
        wants = Wants(access_of("operations"), progress=tell)
        report = restore(asked.source, asked.lake, wants, at=at, name=asked.backup)
    if asked.json:
        say_json(asdict(report))
        return DONE
    say(f"restored {report.files:,} files, {report.size:,} bytes from backup {report.name}")
    say(f"the lake holds what was recorded until {report.recorded_until.isoformat()}, checked")
    return DONE


def run_migrate(asked: argparse.Namespace) -> int:
    """Bring a lake that an older version wrote up to this version; every answer stays."""
    from vitruvian.lake import migrate

    lacked = migrate(asked.lake, access_of("operations"))
    for table, columns in sorted(lacked.items()):
        say(f"{table}: added {', '.join(columns)}")
    say("the lake has every column of this version")
    return DONE
