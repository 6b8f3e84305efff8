"""What goes to cold storage, when, and where that lies: one setting of the lake."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.lake.cold.errors import BadRule

if TYPE_CHECKING:
    from vitruvian.lake.store.catalogue import Catalogue

KEY = "cold"
# By what names a blob: the table and its columns. The first that names it says its kind: the
# file of a recording is named as a record, too.
KINDS = {
    "signal": ("signal", ("blob_sha256", "file_sha256")),
    "document": ("note", ("blob_sha256",)),
    "image": ("resource", ("content_hash",)),
}


@dataclass(frozen=True)
class Rules:
    """What moves to cold storage.

    Parameters
    ----------
    place
        A folder outside the lake, or the address of an object store: ``s3://bucket/folder``.
        Credentials stand in the environment, never here.
    kinds
        Of `KINDS`: ``image``, ``signal``, ``document``.
    days
        How many whole days after it was stored; zero moves at once.

    Raises
    ------
    BadRule
        For no kind, an unknown one or an age below zero.
    """

    place: str
    kinds: tuple[str, ...]
    days: int

    def __post_init__(self) -> None:
        if not self.kinds or not set(self.kinds) <= set(KINDS):
            raise BadRule(why=f"name some of {', '.join(KINDS)}, and nothing else")
        if self.days < 0:
            raise BadRule(why="an age in days is zero or more")


def read_rules(catalogue: Catalogue) -> Rules | None:
    """The rules in force; None when everything stays near."""
    said = catalogue.meta(KEY)
    if not said:
        return None
    found = json.loads(said)
    return Rules(found["place"], tuple(found["kinds"]), found["days"])


def write_rules(catalogue: Catalogue, root: Path, rules: Rules) -> None:
    """Put rules in force for the lake in that folder."""
    catalogue.set_meta(KEY, json.dumps({**asdict(rules), "root": str(root.resolve())}))


def drop_rules(catalogue: Catalogue) -> None:
    """Keep everything near from now on."""
    catalogue.set_meta(KEY, "")


def owns_its_place(catalogue: Catalogue, root: Path) -> bool:
    """Whether this folder is the one the rules were set for, and not a copy of it.

    A copy of a lake reads what its original moved. It must never remove any of it.
    """
    said = json.loads(catalogue.meta(KEY) or "{}")
    return bool(said) and said["root"] == str(root.resolve())
