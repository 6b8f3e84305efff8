"""The four shelves of the documentation, in the order a reader needs them.

A page joins its shelf by lying in its folder; nothing is edited elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHELVES = {
    "Start": "start",
    "How": "how",
    "Why": "why",
    "Reference": "reference",
}


def pages_on(shelf: Path) -> list[str]:
    """Pages of a shelf by name, its index first, as paths below the documentation."""
    pages = sorted(shelf.rglob("*.md"), key=lambda page: (page.name != "index.md", page))
    return [page.relative_to(shelf.parent).as_posix() for page in pages]


def navigation(documents: Path) -> list[dict[str, Any] | str]:
    """Navigation as MkDocs wants it: front page, the shelves, then what stands beside them."""
    shelves: list[dict[str, Any] | str] = [
        {title: pages}
        for title, folder in SHELVES.items()
        if (pages := pages_on(documents / folder))
    ]
    beside = [page.name for page in sorted(documents.glob("*.md")) if page.name != "index.md"]
    return ["index.md", *shelves, *beside]


def on_config(config: Any) -> Any:
    """Hand the navigation to MkDocs."""
    config.nav = navigation(Path(config.docs_dir))
    return config
