"""Storage Commitment: what a sender asks to be kept, and the report of what is.

A sender that the site has an address for is told there, on a new association, until it answers; so
a scanner that hangs up after asking is told as well. Any other is told on the one it asked on.

References
----------
DICOM PS3.4 annex J (push model: J.3.2 request, J.3.3 report, on either association);
PS3.7 annex C (statuses), annex D.3.3.4 (roles).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

from vitruvian.base.errors import VitruvianError
from vitruvian.ingest.library.dicom.receiving.inbox import Inbox, write_durably
from vitruvian.ingest.library.dicom.receiving.peers import Peer
from vitruvian.lake.disk.durable import make_folder

SUCCESS, WRONG_ACTION, MISSING, NOT_DONE = 0x0000, 0x0123, 0x0120, 0x0110
_REQUEST, _ALL_KEPT, _SOME_LACKING = 1, 1, 2
_NO_SUCH_OBJECT = 0x0112
_ANSWERS_WITHIN_S = 30
_AGAIN_AFTER_S = (10.0, 60.0, 600.0)
_GIVEN_UP_AFTER_S = 24 * 3600.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Asked:
    """A request: its transaction, and class and instance of each object; who asked."""

    title: str
    transaction: str
    objects: list[tuple[str, str]]


class Commitments:
    """Requests for a commitment, each told of once it was answered that it was taken.

    Senders expect that answer first (PS3.7 10.1.4), and the report after it. It is the first thing
    that leaves on an association after its request came, so the report starts when it has left.
    Requests of peers lie in a folder of the lake until they are told: a receiver that is killed
    tells them when it is back.
    """

    def __init__(self, inbox: Inbox, peers: Mapping[str, Peer], *, calling: str) -> None:
        self._inbox, self._peers, self._calling = inbox, peers, calling
        self._folder = inbox.folder / "commitments"
        make_folder(self._folder)
        self._taken: dict[Any, Asked | Path] = {}
        self._tries: dict[Path, tuple[int, float]] = {}

    # -------------------------------------------------------------- asked

    def on_request(self, event: Any) -> tuple[int, None]:
        """Promise to tell which objects are durable here."""
        if event.action_type != _REQUEST:
            return WRONG_ACTION, None
        asked = _asked(event.assoc.requestor.ae_title, event.action_information)
        if asked is None:
            return MISSING, None
        try:
            known = asked.title in self._peers
            self._taken[event.assoc] = self._keep(asked) if known else asked
        except OSError as fault:
            _log.error("commitment not taken, the sender repeats", reason=type(fault).__name__)
            return NOT_DONE, None
        return SUCCESS, None

    def on_sent(self, event: Any) -> None:
        """Tell whoever was just answered; nobody else waits for it."""
        taken = self._taken.pop(event.assoc, None)
        if isinstance(taken, Path):
            self._tries.pop(taken, None)
        elif taken is not None:
            said = (event.assoc, taken)
            threading.Thread(target=self._tell_same, args=said, daemon=True).start()

    def _keep(self, asked: Asked) -> Path:
        """Put a peer's request by; it is due once it was answered, or soon where it was not."""
        path = self._folder / f"{time.time_ns()}.json"
        self._tries[path] = (0, time.monotonic() + _AGAIN_AFTER_S[0])
        write_durably(path, json.dumps(asdict(asked)).encode())
        return path

    # -------------------------------------------------------------- told

    def _tell_same(self, association: Any, asked: Asked) -> None:
        """Tell on the association that it was asked on; a sender that has gone asks again."""
        try:
            self._send(association, asked)
        except (RuntimeError, ValueError, VitruvianError, OSError) as fault:
            _log.warning("commitment not told, the sender has gone", reason=type(fault).__name__)

    def tell_peers(self) -> None:
        """Tell each peer what it asked for and is due; one that is down is told again."""
        for path in sorted(self._folder.glob("*.json")):
            tries, due = self._tries.get(path, (0, 0.0))
            if time.monotonic() < due:
                continue
            if self._told(path):
                path.unlink()
                self._tries.pop(path, None)
                continue
            wait = _AGAIN_AFTER_S[min(tries, len(_AGAIN_AFTER_S) - 1)]
            self._tries[path] = (tries + 1, time.monotonic() + wait)

    def _told(self, path: Path) -> bool:
        """Whether nobody needs to be told of a request any more."""
        try:
            asked = Asked(**json.loads(path.read_bytes()))
            peer = self._peers.get(asked.title)
            if peer is None or time.time() - path.stat().st_mtime > _GIVEN_UP_AFTER_S:
                why = "no address" if peer is None else "no answer in a day"
                _log.error("commitment given up, the sender asks again", reason=why)
                return True
            why = self._tell_there(peer, asked)
        except (RuntimeError, ValueError, VitruvianError, OSError) as fault:
            why = type(fault).__name__
        if why:
            _log.warning("commitment not told, tried again", reason=why)
        return not why

    def _tell_there(self, peer: Peer, asked: Asked) -> str:
        """Tell a peer at its own address; in words why it was not, nothing when it was."""
        network, (model, _) = import_module("pynetdicom"), _push_model()
        entity = network.AE(ae_title=self._calling)
        entity.connection_timeout = entity.acse_timeout = _ANSWERS_WITHIN_S
        entity.dimse_timeout = entity.network_timeout = _ANSWERS_WITHIN_S
        entity.add_requested_context(model)
        # who asks for the association is otherwise taken for the one that asks to be kept
        role = network.build_role(model, scp_role=True)
        association = entity.associate(peer.host, peer.port, ae_title=peer.title, ext_neg=[role])
        if not association.is_established:
            return "no association"
        try:
            answer = self._send(association, asked)
        finally:
            association.release()
        return "" if answer.get("Status") == SUCCESS else "not accepted"

    def _send(self, association: Any, asked: Asked) -> Any:
        """Send the report; the peer's answer."""
        report, lacking = _report(asked, self._inbox)
        kind = _SOME_LACKING if lacking else _ALL_KEPT
        answer, _ = association.send_n_event_report(report, kind, *_push_model())
        return answer


def _push_model() -> tuple[Any, Any]:
    """The class and the one instance that every request is addressed to."""
    classes = import_module("pynetdicom.sop_class")
    return classes.StorageCommitmentPushModel, classes.StorageCommitmentPushModelInstance


def _asked(title: str, said: Any) -> Asked | None:
    """A request; None without a transaction."""
    if not said.get("TransactionUID"):
        return None
    objects = [
        (str(item.get("ReferencedSOPClassUID", "")), str(item.get("ReferencedSOPInstanceUID", "")))
        for item in said.get("ReferencedSOPSequence") or []
    ]
    return Asked(title.strip(), str(said.TransactionUID), objects)


def _report(asked: Asked, inbox: Inbox) -> tuple[Any, bool]:
    """What is kept and what is not here, and whether anything is not."""
    dataset = import_module("pydicom").Dataset
    report, lists = dataset(), {True: [], False: []}  # type: ignore[var-annotated]  # pydicom's
    report.TransactionUID = asked.transaction
    for class_uid, instance_uid in asked.objects:
        kept, item = inbox.holds(instance_uid), dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = class_uid, instance_uid
        if not kept:
            item.FailureReason = _NO_SUCH_OBJECT
        lists[kept].append(item)
    if lists[True]:
        report.ReferencedSOPSequence = lists[True]
    if lists[False]:
        report.FailedSOPSequence = lists[False]
    return report, bool(lists[False])
