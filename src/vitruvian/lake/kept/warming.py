"""What a server reads before its first request, so that no request has to."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from vitruvian.lake.engines.arrow import Sought
from vitruvian.lake.errors import Damaged
from vitruvian.record import TABLES

if TYPE_CHECKING:
    from vitruvian.lake.engines.arrow import KeyReader
    from vitruvian.lake.store.store import Store


def warm(store: Store, near: KeyReader) -> None:
    """Read the ends of the files of patients' rows, which say where in them each patient's lie.

    The end of a file of a million events takes about 15 milliseconds of processor time, which would
    fall on the first patient asked for of each file.
    A file that cannot be read is told of when it is needed.
    """
    nobody = Sought("subject_id", ())
    lease, state = store.leases.take()
    try:
        for name in [name for name, table in TABLES.items() if table.cluster_by[0] == nobody.by]:
            for one in near.listings.files(store.catalogue, name, state=state):
                with suppress(Damaged):
                    near.weight(store.root / one.path, sought=nobody)
    finally:
        store.leases.release(lease)
