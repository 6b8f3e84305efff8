"""A DICOM receiver: C-ECHO, C-STORE and Storage Commitment.

References
----------
DICOM PS3.4 annexes A (verification), B (storage), J (storage commitment push model);
PS3.7 annex C (statuses).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import structlog

from vitruvian.base.errors import Unavailable, VitruvianError
from vitruvian.ingest.engine.listeners import Feed, Listening
from vitruvian.ingest.library.dicom.receiving.inbox import Inbox, absorb_quietly

TITLE = "VITRUVIAN"
SUCCESS, SAME_UID, OUT_OF_RESOURCES, CANNOT_UNDERSTAND = 0x0000, 0x0111, 0xA700, 0xC000
WRONG_ACTION = 0x0123
_STATUS = {"taken": SUCCESS, "known": SUCCESS, "other-bytes": SAME_UID}
_REQUEST, _ALL_KEPT, _SOME_LACKING = 1, 1, 2
_NO_SUCH_OBJECT = 0x0112
_UNLIMITED = 0
_log = structlog.get_logger(__name__)


class NoReceiver(Unavailable):
    """The package that speaks DICOM over the network is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Objects cannot be received over DICOM: the package pynetdicom is not installed. "
            'Install it with: pip install "vitruvian[imaging]".'
        )


def _network() -> Any:
    if find_spec("pynetdicom") is None:
        raise NoReceiver
    return import_module("pynetdicom")


@contextmanager
def serving(feed: Feed, listening: Listening) -> Iterator[int]:
    """Receive while the context is open; it gives the port.

    What an earlier run left over is put onto the timeline first, what waits at the end last.

    Raises
    ------
    NoReceiver
        When the package that speaks DICOM is not installed.
    """
    network, inbox, stopped = _network(), Inbox(feed), threading.Event()
    inbox.absorb()
    entity, asked = _entity(network), _Asked(inbox)
    handlers = [
        (network.evt.EVT_C_STORE, _on_store, [inbox]),
        (network.evt.EVT_N_ACTION, asked.on_request),
        (network.evt.EVT_PDU_SENT, asked.on_sent),
    ]
    server = entity.start_server(
        (listening.host, listening.port), block=False, evt_handlers=handlers
    )
    mapping = threading.Thread(
        target=_absorb_now_and_then, args=(inbox, stopped, listening.absorb_every_seconds)
    )
    mapping.start()
    try:
        yield int(server.socket.getsockname()[1])
    finally:
        server.shutdown()
        stopped.set()
        mapping.join()
        absorb_quietly(inbox)


def _entity(network: Any) -> Any:
    """What is taken: every storage class in every transfer syntax, echo, commitment."""
    entity = network.AE(ae_title=TITLE)
    entity.maximum_pdu_size = _UNLIMITED
    every = network.ALL_TRANSFER_SYNTAXES
    for context in network.AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, every)
    classes = import_module("pynetdicom.sop_class")
    entity.add_supported_context(classes.Verification)
    entity.add_supported_context(classes.StorageCommitmentPushModel)
    return entity


def _absorb_now_and_then(inbox: Inbox, stopped: threading.Event, seconds: float) -> None:
    while not stopped.wait(seconds):
        absorb_quietly(inbox)


def _on_store(event: Any, inbox: Inbox) -> int:
    """Take one object; success is said once it is durable."""
    try:
        uid = str(event.request.AffectedSOPInstanceUID)
        file = event.encoded_dataset()
        if not uid or str(event.dataset.get("SOPInstanceUID") or "") != uid:
            return CANNOT_UNDERSTAND
    except Exception as fault:  # noqa: BLE001  a library meets hostile bytes: any failure refuses this one
        _log.warning("object not understood", reason=type(fault).__name__)
        return CANNOT_UNDERSTAND
    try:
        return _STATUS[inbox.take(uid, file)]
    except (VitruvianError, OSError) as fault:
        _log.error("object not stored, the sender repeats", reason=type(fault).__name__)
        return OUT_OF_RESOURCES


class _Asked:
    """Requests for a commitment, each told of once it was answered that it was taken.

    Senders expect that answer first (PS3.7 10.1.4), and the report after it. It is the first thing
    that leaves on an association after its request came, so the report starts when it has left.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._waiting: dict[Any, Any] = {}

    def on_request(self, event: Any) -> tuple[int, None]:
        """Promise to tell which objects are durable here."""
        if event.action_type != _REQUEST:
            return WRONG_ACTION, None
        self._waiting[event.assoc] = event.action_information
        return SUCCESS, None

    def on_sent(self, event: Any) -> None:
        """Tell on the same association, at once; a sender that has gone holds nobody up."""
        asked = self._waiting.pop(event.assoc, None)
        if asked is not None:
            said = (event.assoc, asked, self._inbox)
            threading.Thread(target=_tell, args=said, daemon=True).start()


def _tell(association: Any, asked: Any, inbox: Inbox) -> None:
    """The report on a request: what is kept, and what is not here."""
    classes = import_module("pynetdicom.sop_class")
    kept: list[Any] = []
    lacking: list[Any] = []
    for item in asked.get("ReferencedSOPSequence") or []:
        (kept if inbox.holds(str(item.ReferencedSOPInstanceUID)) else lacking).append(item)
    told = import_module("pydicom").Dataset()
    told.TransactionUID = asked.TransactionUID
    if kept:
        told.ReferencedSOPSequence = kept
    if lacking:
        for item in lacking:
            item.FailureReason = _NO_SUCH_OBJECT
        told.FailedSOPSequence = lacking
    try:
        association.send_n_event_report(
            told,
            _SOME_LACKING if lacking else _ALL_KEPT,
            classes.StorageCommitmentPushModel,
            classes.StorageCommitmentPushModelInstance,
        )
    except (RuntimeError, ValueError) as fault:
        _log.warning("commitment not told, the sender has gone", reason=type(fault).__name__)
