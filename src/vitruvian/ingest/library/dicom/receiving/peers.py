"""Where other systems listen, as the site declares it.

The file that ``VITRUVIAN_DICOM_PEERS`` names, one table for each calling title::

    [CT_ROOM_2]
    host = "10.1.2.3"
    port = 104

A title is no proof of who is calling; so what is said to it goes to the site's address for it, and
never to one that the caller names.

References
----------
DICOM PS3.5 section 6.2: an application entity title (AE) has at most 16 characters.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vitruvian.base.errors import BadInput

SETTING = "VITRUVIAN_DICOM_PEERS"
_LONGEST_TITLE, _LAST_PORT = 16, 65_535


class BadPeers(BadInput):
    """The file of DICOM peers cannot be used."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The DICOM peers of the setting {SETTING} cannot be used: {fault}. Expected a TOML "
            "file with a table for each calling title, of at most 16 characters, with host and "
            "port. Correct the file, or unset it: reports then go back on the same association."
        )


@dataclass(frozen=True)
class Peer:
    """Another system: its title, and where it listens."""

    title: str
    host: str
    port: int


def peers(named: str | None = None) -> Mapping[str, Peer]:
    """The peers by title; none where the site declares none.

    Parameters
    ----------
    named
        The file; the one of the setting if not given.

    Raises
    ------
    BadPeers
        When the file cannot be read, or a peer has no place.
    """
    path = named or os.environ.get(SETTING, "").strip()
    if not path:
        return {}
    try:
        said = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as fault:
        raise BadPeers(fault.strerror or "the file cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadPeers("the file is no TOML") from None  # noqa: TRY003
    return {title.strip(): _peer(title.strip(), place) for title, place in said.items()}


def _peer(title: str, place: Any) -> Peer:
    found = place if isinstance(place, dict) else {}
    host, port = found.get("host", ""), found.get("port", 0)
    placed = isinstance(host, str) and host.strip() and type(port) is int
    if not (placed and 0 < port <= _LAST_PORT and 0 < len(title) <= _LONGEST_TITLE):
        raise BadPeers(f"the table [{title}] is not one of a peer")  # noqa: TRY003
    return Peer(title, host.strip(), port)
