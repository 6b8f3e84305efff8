"""Counts of requests for a monitoring system: routes and statuses, no person.

References
----------
Prometheus text exposition format 0.0.4.
"""

from __future__ import annotations

import threading
from collections import Counter

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What one server process has answered since it started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[str] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()

    def count(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Add one answered request."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]  # Counter adds floats too
            for bound in BUCKETS_SECONDS:
                if seconds <= bound:
                    self._buckets[route, bound] += 1

    def as_text(self) -> str:
        """Everything counted, in the exposition format."""
        with self._lock:
            return "\n".join([*self._request_lines(), *self._duration_lines(), ""])

    def _request_lines(self) -> list[str]:
        lines = ["# TYPE vitruvian_requests_total counter"]
        for (method, route, status), number in sorted(self._requests.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            lines.append(f"vitruvian_requests_total{{{labels}}} {number}")
        return lines

    def _duration_lines(self) -> list[str]:
        name = "vitruvian_request_seconds"
        lines = [f"# TYPE {name} histogram"]
        for route in sorted(self._seconds):
            total = sum(n for (_, r, _), n in self._requests.items() if r == route)
            for bound in BUCKETS_SECONDS:
                count = self._buckets[route, bound]
                lines.append(f'{name}_bucket{{route="{route}",le="{bound}"}} {count}')
            lines.append(f'{name}_bucket{{route="{route}",le="+Inf"}} {total}')
            lines.append(f'{name}_sum{{route="{route}"}} {self._seconds[route]:.6f}')
            lines.append(f'{name}_count{{route="{route}"}} {total}')
        return lines
