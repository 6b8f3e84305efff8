"""The shelf of alerts of one application, opened when first wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from vitruvian.guides.alerts import AlertShelf

if TYPE_CHECKING:
    from fastapi import FastAPI

_STARTING = threading.Lock()


def shelf_of(app: FastAPI) -> AlertShelf:
    """The shelf of this application."""
    with _STARTING:
        if not hasattr(app.state, "alert_shelf"):
            app.state.alert_shelf = AlertShelf(app.state.lake.path, clock=app.state.clock)
        found: AlertShelf = app.state.alert_shelf
        return found
