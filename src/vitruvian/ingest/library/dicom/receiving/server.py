"""A DICOM receiver: C-ECHO, C-STORE and Storage Commitment.

References
----------
DICOM PS3.4 annexes A (verification), B (storage); PS3.7 annex C (statuses).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import structlog

from vitruvian.base.errors import Unavailable, VitruvianError
from vitruvian.ingest.engine.listeners import Feed, Listening
from vitruvian.ingest.library.dicom.receiving.commitment import Commitments
from vitruvian.ingest.library.dicom.receiving.inbox import Inbox, absorb_quietly
from vitruvian.ingest.library.dicom.receiving.peers import peers

TITLE = "VITRUVIAN"
SUCCESS, SAME_UID, OUT_OF_RESOURCES, CANNOT_UNDERSTAND = 0x0000, 0x0111, 0xA700, 0xC000
_STATUS = {"taken": SUCCESS, "known": SUCCESS, "other-bytes": SAME_UID}
_LOOK_EVERY_S = 1.0
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
    BadPeers
        When the site's file of peers cannot be used.
    """
    network, inbox, stopped = _network(), Inbox(feed), threading.Event()
    entity, asked = _entity(network), Commitments(inbox, peers(), calling=TITLE)
    inbox.absorb()
    handlers = [
        (network.evt.EVT_C_STORE, _on_store, [inbox]),
        (network.evt.EVT_N_ACTION, asked.on_request),
        (network.evt.EVT_PDU_SENT, asked.on_sent),
    ]
    server = entity.start_server(
        (listening.host, listening.port), block=False, evt_handlers=handlers
    )
    threads = [
        threading.Thread(target=_now_and_then, args=(what, stopped, seconds))
        for what, seconds in (
            (partial(absorb_quietly, inbox), listening.absorb_every_seconds),
            (asked.tell_peers, _LOOK_EVERY_S),
        )
    ]
    for thread in threads:
        thread.start()
    try:
        yield int(server.socket.getsockname()[1])
    finally:
        server.shutdown()
        stopped.set()
        for thread in threads:
            thread.join()
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


def _now_and_then(what: Callable[[], object], stopped: threading.Event, seconds: float) -> None:
    while not stopped.wait(seconds):
        what()


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
