"""The four shelves of the documentation, in the order a reader needs them.

A page joins its shelf by lying in its folder; nothing is edited elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")

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


def told(page: Path) -> tuple[str, str]:
    """Title of a page, and the first sentence below it that is no table, list or block."""
    lines = page.read_text("utf-8").splitlines()
    title = next((line[2:].strip() for line in lines if line.startswith("# ")), page.stem)
    skipped, fenced = ("#", "|", "-", "!", ":", ">", "<", "*", "`", "["), False
    for line in lines:
        fenced ^= line.startswith("```")
        if line.strip() and not fenced and not line.startswith(skipped):
            return title, line.strip()
    return title, ""


def contents(documents: Path, shelf: str) -> str:
    """Table of the pages of a shelf, for its index: whoever opens it sees what it holds."""
    rows = ["| page | begins |", "| --- | --- |"]
    for path in pages_on(documents / shelf):
        title, sentence = told(documents / path)
        place = path.removeprefix(f"{shelf}/")
        if place != "index.md":
            # Links of a sentence lead on from its own page, not from here.
            plain = LINK.sub(r"\1", sentence).replace("|", "\\|")
            rows.append(f"| [{title}]({place}) | {plain} |")
    return "\n".join(rows)


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Hand MkDocs the index of a shelf with its contents."""
    shelf, _, name = page.file.src_path.partition("/")
    if shelf not in SHELVES.values() or name != "index.md":
        return markdown
    return f"{markdown}\n\n{contents(Path(config.docs_dir), shelf)}\n"


def on_config(config: Any) -> Any:
    """Hand the navigation to MkDocs."""
    config.nav = navigation(Path(config.docs_dir))
    return config
