"""The in-process browser of the tests: whatever it is answered about patients stands in the audit."""

from __future__ import annotations

import warnings
from typing import Any

import httpx

from tests.api.watched import is_about_patients, is_written_down

# Starlette asks for a successor of httpx when its test client is imported; httpx still does.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient as Plain

__all__ = ["TestClient"]


class TestClient(Plain):
    """A client that looks for the audit row of each answer, in every test that has one."""

    __test__ = False

    def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        """The answer, once its row was found."""
        answer: httpx.Response = super().send(request, **how)
        lake = getattr(getattr(self.app, "state", None), "lake", None)
        if lake is not None and is_about_patients(answer):
            said = f"{request.method} {request.url.path} {answer.status_code}"
            assert is_written_down(answer, lake), f"answered without a row in the audit: {said}"
        return answer
