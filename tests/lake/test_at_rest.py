"""Whether the disk below is encrypted: what the system tells, and unknown where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from vitruvian.lake.disk.at_rest import AtRest, at_rest

# As proc_pid_mountinfo(5) describes the lines: here a root, and mounts below the folder tested.
LINE = "36 35 {device} / {place} rw,noatime master:1 - {kind} {source} rw"


def system(tmp_path: Path, *mounts: tuple[str, str, str]) -> Path:
    """A made-up /proc: place below the folder, kind, source."""
    folder = tmp_path / "system"
    (folder / "proc" / "self").mkdir(parents=True)
    lines = [LINE.format(device="8:1", place="/", kind="ext4", source="/dev/sda1")]
    for place, kind, source in mounts:
        where = str(tmp_path / place).replace(" ", "\\040")
        lines.append(LINE.format(device="0:9", place=where, kind=kind, source=source))
    (folder / "proc" / "self" / "mountinfo").write_text("\n".join(lines), "utf-8")
    for disk in ("sda1", "sdb"):
        device(folder, disk)
    return folder


def device(folder: Path, name: str, *, uuid: str | None = None, on: tuple[str, ...] = ()) -> None:
    """A made-up block device in /sys."""
    place = folder / "sys" / "class" / "block" / name
    (place / "slaves").mkdir(parents=True)
    if uuid is not None:
        (place / "dm").mkdir()
        (place / "dm" / "uuid").write_text(uuid, "ascii")
    for below in on:
        (place / "slaves" / below).symlink_to(place.parent / below)


def lake(tmp_path: Path, name: str = "data/lake") -> Path:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    return folder


def test_system_that_does_not_tell__is_unknown(tmp_path: Path) -> None:
    assert at_rest(lake(tmp_path), system=tmp_path / "none").state == "unknown"


@pytest.mark.parametrize("kind", ["zfs", "nfs4", "overlay", "tmpfs"])
def test_file_systems_that_do_not_tell__are_unknown_not_clear(tmp_path: Path, kind: str) -> None:
    found = at_rest(lake(tmp_path), system=system(tmp_path, ("data", kind, "pool/x")))
    assert found == AtRest("unknown", f"{kind}, of which nothing is told")


def test_plain_disk__is_clear(tmp_path: Path) -> None:
    assert at_rest(lake(tmp_path), system=system(tmp_path)) == AtRest("clear", "ext4")


def test_other_folder_that_is_encrypted__says_nothing_of_this_one(tmp_path: Path) -> None:
    beside = system(tmp_path, ("data/lake2", "fuse.gocryptfs", "/x"))
    assert at_rest(lake(tmp_path), system=beside).state == "clear"


@pytest.mark.parametrize("place", ["data", "data/lake", "a place/lake"])
def test_gocryptfs__is_encrypted(tmp_path: Path, place: str) -> None:
    made = system(tmp_path, (place, "fuse.gocryptfs", "/cipher"))
    folder = lake(tmp_path, place if "lake" in place else f"{place}/lake")
    assert at_rest(folder, system=made) == AtRest("encrypted", "gocryptfs")


def test_dm_crypt__is_found_below_a_logical_volume(tmp_path: Path) -> None:
    made = system(tmp_path, ("data", "xfs", "/dev/dm-1"))
    device(made, "dm-0", uuid="CRYPT-LUKS2-5f0c-luks", on=("sdb",))
    device(made, "dm-1", uuid="LVM-abc", on=("dm-0",))
    assert at_rest(lake(tmp_path), system=made) == AtRest("encrypted", "dm-crypt")


def test_volume_of_which_one_disk_is_in_the_clear__is_clear(tmp_path: Path) -> None:
    made = system(tmp_path, ("data", "xfs", "/dev/dm-1"))
    device(made, "dm-0", uuid="CRYPT-LUKS2-5f0c-luks", on=("sdb",))
    device(made, "dm-1", uuid="LVM-abc", on=("dm-0", "sda1"))
    assert at_rest(lake(tmp_path), system=made) == AtRest("clear", "xfs")


def test_this_machine__answers_without_failing(tmp_path: Path) -> None:
    assert at_rest(tmp_path).state in {"encrypted", "clear", "unknown"}
