"""The application: routes, frame, problems, and the built web pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from vitruvian.api.frame import LOOPBACK, Frame
from vitruvian.api.guard.bodies import Bodies
from vitruvian.api.guard.load import Bounds, Load
from vitruvian.api.metrics import Metrics
from vitruvian.api.problems import install_problems
from vitruvian.api.routes.about.routes import router as about
from vitruvian.api.routes.about.routes import watch
from vitruvian.api.routes.alerts.routes import router as alerts
from vitruvian.api.routes.audit.routes import router as audit
from vitruvian.api.routes.break_glass.routes import router as break_glass
from vitruvian.api.routes.cds_hooks.routes import router as cds_hooks
from vitruvian.api.routes.cohorts.routes import router as cohorts
from vitruvian.api.routes.dicomweb.routes import router as dicomweb
from vitruvian.api.routes.emergency import EmergencyFrame
from vitruvian.api.routes.fhir.routes import router as fhir
from vitruvian.api.routes.guides.routes import router as guides
from vitruvian.api.routes.held import router as held
from vitruvian.api.routes.identity.routes import router as identity
from vitruvian.api.routes.imaging.overlays import router as overlays
from vitruvian.api.routes.imaging.routes import router as imaging
from vitruvian.api.routes.ingest.routes import router as ingest
from vitruvian.api.routes.launch.routes import pages as launch_pages
from vitruvian.api.routes.launch.routes import router as launch
from vitruvian.api.routes.my_record.routes import router as my_record
from vitruvian.api.routes.notes.routes import router as notes
from vitruvian.api.routes.patient.routes import router as patient
from vitruvian.api.routes.review.routes import router as review
from vitruvian.api.routes.sign_in.by_provider import pages as provider_pages
from vitruvian.api.routes.sign_in.by_provider import router as provider
from vitruvian.api.routes.sign_in.patience import Patience
from vitruvian.api.routes.sign_in.routes import router as sign_in
from vitruvian.api.routes.signals import router as signals
from vitruvian.api.routes.smart.cors import CrossOrigin
from vitruvian.api.routes.smart.routes import oauth
from vitruvian.api.routes.smart.routes import router as apps
from vitruvian.api.routes.source.routes import router as source
from vitruvian.api.routes.wearables import router as wearables
from vitruvian.api.routes.worklist.routes import router as worklist
from vitruvian.api.routes.workstation import install_workstation
from vitruvian.api.web import install_web
from vitruvian.base.clock import Clock, system_clock
from vitruvian.lake.keeping.emergency import EmergencyLake

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from vitruvian.lake import Lake

STATIC = Path(__file__).parent / "static"
PAGES = (
    *(sign_in, worklist, patient, source, cohorts, guides, about, dicomweb, signals, notes),
    *(review, identity, break_glass, apps, imaging, alerts, ingest, wearables, my_record, held),
    overlays,
    provider,
    launch,
    audit,
)
# The authorisation server comes before the interfaces whose addresses it shares.
BESIDE = (provider_pages, launch_pages, oauth, watch, fhir, cds_hooks)


@dataclass(frozen=True)
class Settings:
    """How one server behaves. An empty set of hosts answers for every host."""

    hosts: frozenset[str] = field(default=LOOPBACK)
    encrypted_only: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    static: Path = STATIC
    clock: Clock = system_clock


def operation_id(route: APIRoute) -> str:
    """A stable name for each operation: its function's name."""
    return route.name


@cache
def every_route() -> tuple[BaseRoute, ...]:
    """The routes of every application; the shapes of their answers are worked out only once."""
    every = APIRouter(generate_unique_id_function=operation_id)
    for router in PAGES:
        every.include_router(router, prefix="/api")
    for router in BESIDE:
        every.include_router(router)
    return tuple(every.routes)


def create_app(lake: Lake, *, settings: Settings | None = None) -> FastAPI:
    """The web application over one lake."""
    settings = settings or Settings()
    app = FastAPI(
        title="Vitruvian",
        version=version("vitruvian"),
        summary="One aligned picture of each patient, every item traced to its source.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
    )
    app.state.lake = lake
    app.state.clock = settings.clock
    app.state.metrics = Metrics()
    app.state.patience = Patience(settings.clock)
    app.router.routes.extend(every_route())
    install_workstation(app, static=settings.static)
    install_web(app, static=settings.static)
    install_problems(app)
    if isinstance(lake, EmergencyLake):
        app.add_middleware(EmergencyFrame, lake=lake)
    app.add_middleware(CrossOrigin, lake=lake)
    app.add_middleware(Bodies)
    app.add_middleware(Load, bounds=settings.bounds)
    app.add_middleware(Frame, metrics=app.state.metrics, settings=settings)
    return app
