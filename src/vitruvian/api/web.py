"""The built web pages: files as they are, and the page itself for every other address."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, PlainTextResponse

from vitruvian.api.problems import NoSuchPage

NOT_BUILT = "The web pages are not built yet. Run 'make web', then start the server again.\n"
FOREVER = "public, max-age=31536000, immutable"


def file_below(static: Path, address: str) -> Path | None:
    """The file an address names below the folder, or None; never one outside of it."""
    wanted = (static / address).resolve()
    return wanted if wanted.is_relative_to(static.resolve()) and wanted.is_file() else None


def page_answer(static: Path, address: str) -> Response:
    """A file of the web application, or the page that finds its way by the address."""
    file = file_below(static, address)
    if file is not None and file.name != "index.html":
        hashed = file.parent.name == "assets"
        return FileResponse(file, headers={"cache-control": FOREVER if hashed else "no-cache"})
    index = static / "index.html"
    if not index.is_file():
        return PlainTextResponse(NOT_BUILT, status_code=503)
    return FileResponse(index, headers={"cache-control": "no-cache"})


def install_web(app: FastAPI, *, static: Path) -> None:
    """Serve the web pages at every address that no other route answers."""

    @app.get("/{address:path}", include_in_schema=False)
    def web_page(address: str) -> Response:
        if address == "api" or address.startswith("api/") or "\0" in address:
            raise NoSuchPage
        return page_answer(static, address)
