"""The codes that banner and tables choose, read from the table beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class BannerChoice:
    """One line of the banner and the codes that may fill it; `usual` answers raise no alert."""

    key: str
    label: str
    absent: str
    codes: tuple[str, ...]
    alert: bool = False
    usual: frozenset[str] = frozenset()
    not_for_sex: frozenset[str] = frozenset()


@cache
def table() -> dict[str, Any]:
    """The whole table."""
    text = resources.files("vitruvian.picture.panels").joinpath("choices.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def banner_choices() -> tuple[BannerChoice, ...]:
    """The lines of the banner, in order."""
    return tuple(
        BannerChoice(
            key=entry["key"],
            label=entry["label"],
            absent=entry["absent"],
            codes=tuple(entry["codes"]),
            alert=entry.get("alert", False),
            usual=frozenset(entry.get("usual", ())),
            not_for_sex=frozenset(entry.get("not_for_sex", ())),
        )
        for entry in table()["banner"]
    )


@cache
def none_known() -> frozenset[str]:
    """The codes that say: asked, and no allergy is known."""
    return frozenset(table()["allergies"]["none_known"])


@cache
def places(kind: str) -> dict[str, tuple[int, str]]:
    """The place and group of each code in the `laboratory` or `vital` table."""
    listed = ((code, entry["group"]) for entry in table()[kind] for code in entry["codes"])
    return {code: (place, group) for place, (code, group) in enumerate(listed)}
