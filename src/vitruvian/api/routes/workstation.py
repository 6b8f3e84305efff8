"""The imaging workstation: the prebuilt OHIF viewer below ``/workstation``, on our DICOMweb.

Its files are laid out by ``web/workstation/take.mjs`` while building. It is somebody else's
program, so it has a content security policy of its own; every exception has its reason here.

References
----------
W3C, Content Security Policy Level 3: ``script-src``, ``worker-src``.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, PlainTextResponse

from vitruvian.api.web import FOREVER, file_below

ROOT = "/workstation"
NOT_BUILT = "The imaging workstation is not built yet. Run 'make web', then start again.\n"
_VIEWER = "index.html"


def workstation_answer(static: Path, address: str) -> Response:
    """A file of the workstation, or its page, which finds the study by the address."""
    folder = static / ROOT.lstrip("/")
    file = file_below(folder, address)
    if file is not None and file.name != _VIEWER:
        hashed = ".bundle." in file.name or file.suffix == ".wasm"
        return FileResponse(file, headers={"cache-control": FOREVER if hashed else "no-cache"})
    page = folder / _VIEWER
    if not page.is_file():
        return PlainTextResponse(NOT_BUILT, status_code=503)
    return FileResponse(page, headers={"cache-control": "no-cache"})


def install_workstation(app: FastAPI, *, static: Path) -> None:
    """Serve the workstation at every address below its root."""

    @app.get(ROOT + "/{address:path}", include_in_schema=False)
    def workstation_page(address: str) -> Response:
        return workstation_answer(static, "" if "\0" in address else address)
