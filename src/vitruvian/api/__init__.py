"""The web application and its HTTP interface."""

from vitruvian.api.app import Settings, create_app

__all__ = ["Settings", "create_app"]
