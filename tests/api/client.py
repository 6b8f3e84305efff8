"""The in-process browser of the tests."""

from __future__ import annotations

import warnings

# Starlette asks for a successor of httpx when its test client is imported; httpx still does.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

__all__ = ["TestClient"]
