"""What this server is, whether it is well, and what it has answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter, Request, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, SignedIn
from vitruvian.api.metrics import MEDIA_TYPE
from vitruvian.api.problems import described
from vitruvian.lake.keeping.emergency import EmergencyLake
from vitruvian.trust import SYSTEM

router = APIRouter(tags=["about"], responses=REFUSALS)
watch = APIRouter(tags=["about"], responses=described(503))
PROMISE = (
    "Every number on these pages leads to the record it was read from. "
    "Vitruvian is not a certified medical device and does not replace clinical judgement."
)


@dataclass(frozen=True)
class About:
    """What this server is."""

    version: str
    site: str
    promise: str


@dataclass(frozen=True)
class Health:
    """The lake can be read, in an emergency only read; the snapshot it reads."""

    # ok, emergency, or audit-alarm: one sink cannot be written, and only treatment goes on.
    status: str
    version: str
    snapshot: str
    published_at: datetime


@router.get("/about", response_model=About)
def about(visit: SignedIn) -> Response:
    """Version, site, and what is promised."""
    return JsonAnswer(About(version=version("vitruvian"), site=visit.lake.site, promise=PROMISE))


@watch.get("/health", response_model=Health)
def health(request: Request) -> Response:
    """Whether the stored data can be read; for a monitor, without a session."""
    lake = request.app.state.lake
    with lake.read(SYSTEM) as reader:
        snapshot = reader.snapshot
    alarm = "audit-alarm" if lake.audit.down else "ok"
    status = "emergency" if isinstance(lake, EmergencyLake) else alarm
    return JsonAnswer(Health(status, version("vitruvian"), snapshot.id, snapshot.published_at))


@watch.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Counts and durations of requests in the Prometheus text format."""
    lake = request.app.state.lake
    backlog = lake.backlog()
    waiting = (
        "# TYPE vitruvian_log_rows gauge\n"
        f"vitruvian_log_rows {backlog.rows}\n"
        "# TYPE vitruvian_log_oldest_seconds gauge\n"
        f"vitruvian_log_oldest_seconds {backlog.age.total_seconds():.3f}\n"
        "# TYPE vitruvian_audit_sinks_down gauge\n"
        f"vitruvian_audit_sinks_down {len(lake.audit.down)}\n"
    )
    return Response(request.app.state.metrics.as_text() + waiting, media_type=MEDIA_TYPE)
