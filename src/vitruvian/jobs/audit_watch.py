"""Signing the audit at intervals and telling others of it, while a server or a listener runs.

What is wanted stands in the environment, like every secret: which key signs, where checkpoints and
rows go. A place that is down is told again; treatment never waits for it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from vitruvian.base.errors import BadInput
from vitruvian.lake import Lake
from vitruvian.lake.audit.checkpoints import is_due, make_checkpoint
from vitruvian.lake.audit.keys import read_signer
from vitruvian.lake.audit.places import Place, place_of
from vitruvian.lake.audit.telling import tell_checkpoints, tell_rows
from vitruvian.trust.audit.checkpoint import Signer

KEY, CHECKPOINTS = "VITRUVIAN_AUDIT_KEY", "VITRUVIAN_AUDIT_CHECKPOINTS"
ROWS, AUTHORITY = "VITRUVIAN_AUDIT_SYSLOG", "VITRUVIAN_AUDIT_AUTHORITY"
EVERY = "VITRUVIAN_AUDIT_MINUTES"
MINUTES, LEAST, MOST = 60, 1, 7 * 24 * 60
LOOK_EVERY_S = 5.0
log = structlog.get_logger("vitruvian.jobs")


class BadInterval(BadInput):
    """How often the audit is signed cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            f"The setting {EVERY} is no interval. Expected whole minutes from {LEAST} to {MOST}, "
            f"or leave it out: {MINUTES}."
        )


@dataclass(frozen=True)
class Wanted:
    """What a site wants for its audit.

    Parameters
    ----------
    signer
        The key that signs; None signs nothing.
    checkpoints
        Where checkpoints go; None keeps them in the lake alone.
    rows
        Where rows go as they are written; None for nowhere.
    every
        How often it is signed.
    """

    signer: Signer | None = None
    checkpoints: Place | None = None
    rows: Place | None = None
    every: timedelta = timedelta(minutes=MINUTES)


def wanted(lake: Path, environment: Mapping[str, str] = os.environ) -> Wanted:
    """What the environment says.

    Raises
    ------
    BadAuditKey, AuditKeyInside
        When the key cannot be used.
    BadPlace
        When a place cannot.
    BadInterval
        When the interval cannot be read.
    """
    said = {name: environment.get(name, "").strip() for name in (KEY, CHECKPOINTS, ROWS)}
    vouching = environment.get(AUTHORITY, "").strip()
    authority = Path(vouching) if vouching else None

    def place(name: str) -> Place | None:
        return place_of(said[name], lake=lake, authority=authority) if said[name] else None

    signer = read_signer(Path(said[KEY]), lake=lake) if said[KEY] else None
    every = timedelta(minutes=_minutes(environment.get(EVERY, "").strip()))
    return Wanted(signer, place(CHECKPOINTS), place(ROWS), every)


def _minutes(words: str) -> int:
    if not words:
        return MINUTES
    if not (words.isascii() and words.isdecimal() and LEAST <= int(words) <= MOST):
        raise BadInterval
    return int(words)


class AuditWatch:
    """Signs and tells the audit of one lake, one look at a time."""

    def __init__(self, lake: Lake, wish: Wanted) -> None:
        self._lake = lake
        self._wish = wish
        self._down: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="audit", daemon=True)

    def look(self) -> None:
        """Sign if it is time, then tell each place what it has not; none keeps another back."""
        wish = self._wish
        self._try("signing", self._sign)
        self._tell("checkpoints", wish.checkpoints, tell_checkpoints)
        self._tell("rows", wish.rows, tell_rows)

    def _sign(self) -> None:
        wish = self._wish
        if wish.signer is not None and is_due(self._lake, every=wish.every):
            make_checkpoint(self._lake, wish.signer)

    def _tell(self, what: str, place: Place | None, tell: Callable[[Lake, Place], int]) -> None:
        if place is not None:
            self._try(what, lambda: tell(self._lake, place))

    def _try(self, what: str, work: Callable[[], object]) -> None:
        """Do some work now; its failure is told once, and tried again at the next look."""
        failed = _failure(work)
        if failed is not None and what not in self._down:
            log.error("audit work down", what=what, error=failed)
            self._down.add(what)
        elif failed is None and what in self._down:
            log.warning("audit work whole again", what=what)
            self._down.discard(what)

    def start(self) -> None:
        """Look now and then, until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what was not told is told when the next server starts."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self.look()


def _failure(work: Callable[[], object]) -> str | None:
    """What kept some work from being done, by its name; None when it was done.

    Whatever it is: a watch that ended would never sign again, and nobody would hear of it.
    """
    try:
        work()
    except Exception as error:  # noqa: BLE001  see above; its words could hold a value
        return type(error).__name__
    return None


@contextmanager
def audit_watched(lake: Lake) -> Iterator[None]:
    """Sign and tell the audit of a lake while the block runs, as the environment says."""
    wish = wanted(lake.path)
    if wish == Wanted(every=wish.every):
        yield
        return
    watch = AuditWatch(lake, wish)
    watch.start()
    try:
        yield
    finally:
        watch.stop()
