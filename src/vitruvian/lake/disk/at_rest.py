"""Whether what a folder holds is encrypted on its disk, as far as the system tells.

What a disk, a storage system or a hypervisor does by itself cannot be seen from here.

References
----------
Linux: proc_pid_mountinfo(5); sysfs-block-dm (``dm/uuid`` of dm-crypt begins with ``CRYPT-``);
ioctl_iflags(2) and fscrypt (``FS_ENCRYPT_FL``).
"""

from __future__ import annotations

import array
import fcntl
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ENCRYPTING = frozenset({"ecryptfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.encfs", "fuse.securefs"})
GET_FLAGS, ENCRYPTED_FLAG = 0x80086601, 0x800
DM_CRYPT = "CRYPT-"


@dataclass(frozen=True)
class AtRest:
    """What is known of the encryption under a folder.

    Parameters
    ----------
    state
        Encrypted; clear; or unknown, where the system does not tell.
    how
        What encrypts, or what kind of file system it is.
    """

    state: Literal["encrypted", "clear", "unknown"]
    how: str


@dataclass(frozen=True)
class Mount:
    """One mounted file system: where, of which kind, from what."""

    place: Path
    kind: str
    source: str


def at_rest(folder: Path, *, system: Path = Path("/")) -> AtRest:
    """Whether a folder lies on an encrypted file system.

    Parameters
    ----------
    folder
        Must be there.
    system
        Below which ``proc`` and ``sys`` are looked for.
    """
    mount = mount_of(folder, system / "proc" / "self" / "mountinfo")
    if mount is None:
        return AtRest("unknown", "this system does not tell")
    if mount.kind in ENCRYPTING:
        return AtRest("encrypted", mount.kind.removeprefix("fuse."))
    if encrypted_by_itself(folder):
        return AtRest("encrypted", f"fscrypt on {mount.kind}")
    device = system / "sys" / "class" / "block" / Path(mount.source).resolve().name
    if not mount.source.startswith("/dev/") or not device.exists():
        return AtRest("unknown", f"{mount.kind}, of which nothing is told")
    return AtRest("encrypted", "dm-crypt") if on_crypt(device) else AtRest("clear", mount.kind)


def mount_of(folder: Path, table: Path) -> Mount | None:
    """The file system a folder lies on: of the mounts above it the innermost, and newest."""
    try:
        lines = table.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    whole, found = folder.resolve(), None
    for line in lines:
        before, _, after = line.partition(" - ")
        place = Path(_unescaped(before.split()[4]))
        inner = found is None or len(place.parts) >= len(found.place.parts)
        if whole.is_relative_to(place) and inner:
            kind, source = after.split()[:2]
            found = Mount(place, kind, _unescaped(source))
    return found


def _unescaped(word: str) -> str:
    """Spaces and the like stand in the table as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), word)


def on_crypt(device: Path) -> bool:
    """Whether dm-crypt lies below a block device; of several disks below, below each."""
    uuid = device / "dm" / "uuid"
    if uuid.is_file() and uuid.read_text("ascii").startswith(DM_CRYPT):
        return True
    below = sorted((device / "slaves").glob("*"))
    return bool(below) and all(on_crypt(one.resolve()) for one in below)


def encrypted_by_itself(folder: Path) -> bool:
    """Whether the file system encrypts this folder by fscrypt."""
    flags = array.array("L", [0])
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, GET_FLAGS, flags)
    except OSError:
        return False  # this kind of file system has no such flags
    finally:
        os.close(handle)
    return bool(flags[0] & ENCRYPTED_FLAG)
