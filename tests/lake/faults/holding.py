"""What must be true of a lake after a job died, was refused, or lost its power."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.lake.faults.kernel.zygote import Run
from tests.lake.faults.scene import PATIENTS, Scene
from tests.lake.faults.victim import REFUSED
from tests.lake.keeping.test_backup import WANTS, events
from tests.lake.keeping.test_older import HELD as OLDER
from tests.lake.keeping.test_older import events as events_of
from tests.lake.rows import DOCTOR, event, ids
from vitruvian.cli.main import main as command
from vitruvian.lake import Lake, backup, check_folder, migrate, restore
from vitruvian.lake.keeping.vault import Vault
from vitruvian.trust import SYSTEM

HELD = [11, 12, 13, 14]
LOADED = [101, 102, 103, 104, 105]


def digest(folder: Path) -> str:
    """All names below a folder and all bytes of its files."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        said = path.read_bytes() if path.is_file() else b"folder"
        name = str(path.relative_to(folder)).encode()
        whole.update(b"%d %s %d %s" % (len(name), name, len(said), said))
    return whole.hexdigest()


@dataclass
class Proofs:
    """What was held once: the same question of the same bytes has the same answer."""

    held: set[tuple[object, ...]] = field(default_factory=set)

    def fresh(self, folder: Path, *question: object) -> bool:
        """Whether this was not yet asked of these very bytes; from now on it was."""
        asked = (*question, digest(folder))
        known = asked in self.held
        self.held.add(asked)
        return not known


def told(run: Run, *place: object) -> bool:
    """Whether the job says it worked; it may only work, or say in a sentence why not."""
    assert not run.hung, place
    if run.code == 0:
        return True
    sentence = run.code == REFUSED or (run.code == 1 and "vitruvian: " in run.err)
    assert sentence, (place, run.code, run.err[-3000:])
    assert "something unforeseen" not in run.err, (place, run.err[-3000:])
    assert "Traceback" not in run.err, (place, run.err[-3000:])
    return "done" in run.out


def hold(scene: Scene, job: str, *, acknowledged: bool, proofs: Proofs) -> None:
    """Nothing acknowledged is lost, nothing is doubled, all of it is sound, and work goes on.

    What was proven of the very same bytes, by their hash, is not proven again: a call that changed
    nothing on the disk, or left a folder as it was, costs a hash.
    """
    if not proofs.fresh(scene.folder, job, acknowledged):
        return
    if job == "migrate":
        _hold_older(scene)
    elif job == "ingest":
        _hold_ingested(scene, acknowledged=acknowledged)
    else:
        _hold_kept(scene, job, acknowledged=acknowledged, proofs=proofs)


def _sound(lake: Lake) -> list[int]:
    """The events of a lake in which every byte is as it was written."""
    assert list(lake.check()) == []
    with lake.read(DOCTOR) as reader:
        return ids(reader.rows("event"))


def _hold_older(scene: Scene) -> None:
    migrate(scene.lake, SYSTEM)
    assert list(check_folder(scene.lake)) == []
    with Lake.open(scene.lake) as lake:
        assert events_of(lake) == OLDER


def _hold_ingested(scene: Scene, *, acknowledged: bool) -> None:
    """The same file again completes the rest."""
    with Lake.create(scene.lake) as lake:
        held = _sound(lake)
    assert set(HELD) <= set(held)
    assert len(held) == len(set(held))
    assert not acknowledged or len(held) == len(HELD) + 2 * PATIENTS
    assert command(["ingest", str(scene.file), "--lake", str(scene.lake)]) == 0
    with Lake.open(scene.lake) as lake:
        held = _sound(lake)
    assert len(held) == len(set(held)) == len(HELD) + 2 * PATIENTS


def _hold_kept(scene: Scene, job: str, *, acknowledged: bool, proofs: Proofs) -> None:
    # a restore only reads backups: its lake is the one proven before, byte for byte
    untouched = job == "restore" and not proofs.fresh(scene.lake, "lake")
    if not untouched:
        _hold_lake(scene.lake, loaded=acknowledged and job == "load")
    if acknowledged:
        assert job != "backup" or Vault(scene.fresh).names()
        assert job != "restore" or scene.again.exists()
    for vault in (scene.copies, scene.fresh):
        if proofs.fresh(vault, "vault"):
            _hold_vault(vault, scene.folder / "listed")
    _hold_restored(scene.again)
    _go_on(scene, job)
    if not untouched:
        _takes_more(scene.lake)


def _hold_lake(path: Path, *, loaded: bool) -> None:
    with Lake.create(path) as lake:
        held = _sound(lake)
    assert held in (HELD, [*HELD, *LOADED])
    assert not loaded or held == [*HELD, *LOADED]


def _hold_vault(vault: Path, place: Path) -> None:
    """Every backup that is listed is whole."""
    for name in Vault(vault).names():
        restore(vault, place, WANTS, name=name)
        _hold_restored(place)


def _hold_restored(place: Path) -> None:
    """What stands at the place, if anything, is the whole lake; it is removed."""
    if place.exists():
        assert list(check_folder(place)) == []
        assert events(place) == HELD
        shutil.rmtree(place)


def _go_on(scene: Scene, job: str) -> None:
    """The same job, this time to its end, and it leaves nothing half."""
    if job == "load":
        with Lake.open(scene.lake) as lake, lake.bulk(SYSTEM) as load:
            load.put_blob(b"scan 101")  # what lay there already must be whole: checked below
    elif job == "backup":
        backup(scene.lake, scene.fresh, WANTS)
        _hold_vault(scene.fresh, scene.again)
        assert not list(scene.fresh.glob("objects/drafts-*"))
    elif job == "restore":
        restore(scene.copies, scene.again, WANTS)
        assert events(scene.again) == HELD
    assert not [path for path in scene.folder.iterdir() if "restoring" in path.name]


def _takes_more(path: Path) -> None:
    with Lake.open(path) as lake:
        lake.append(SYSTEM, {"event": [event(999)]})
        lake.drain(SYSTEM)
        assert 999 in _sound(lake)
