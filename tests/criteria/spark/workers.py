"""A Sail cluster on this machine with so many workers, each on a core of its own where it can."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

SLOTS = 64
STARTING_SECONDS = 60


@contextmanager
def sail(workers: int, *, parallelism: int = 2, pinned: bool = False) -> Iterator[str]:
    """The address of a fresh cluster: a driver and workers that shuffle over the network.

    Parameters
    ----------
    workers
        How many.
    parallelism
        Pieces a plan is cut into, whatever the number of workers.
    pinned
        Whether the cluster may use as many cores as it has workers, and no more.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = {
        "SAIL_MODE": "local-cluster",
        "SAIL_CLUSTER__WORKER_INITIAL_COUNT": str(workers),
        "SAIL_CLUSTER__WORKER_MAX_COUNT": str(workers),
        "SAIL_CLUSTER__WORKER_TASK_SLOTS": str(SLOTS),
        "SAIL_EXECUTION__DEFAULT_PARALLELISM": str(parallelism),
        "RUST_LOG": "off",
    }
    command = [sys.executable, "-m", "pysail", "spark", "server", "--ip", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, **said},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            if pinned and hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(server.pid, sorted(os.sched_getaffinity(0))[:workers])
            _wait_for(port)
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
