"""Alerts: how each stands and what it did; drafts, trials, and steps from state to state."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, SignedIn, Visit
from vitruvian.api.problems import described
from vitruvian.api.routes.alerts.shelf import shelf_of
from vitruvian.api.routes.alerts.trials import Running, Trials
from vitruvian.api.routes.alerts.words import (
    AlertAnswer,
    AlertChoices,
    AlertGuide,
    AlertName,
    NewAlert,
    NewState,
    NewTrial,
    OutcomeChoice,
    TrialProgress,
)
from vitruvian.api.routes.cds_hooks.memory import FILE as HOOKS
from vitruvian.api.routes.cds_hooks.memory import memory_of
from vitruvian.api.routes.cohorts.asking import Desk, desk_of
from vitruvian.guides import guide_named, guides
from vitruvian.guides.alerts.errors import BadAlert
from vitruvian.guides.alerts.outcome import DEATH
from vitruvian.guides.alerts.page import (
    NOT_SHOWN,
    NOTHING_YET,
    AlertPage,
    live_by_alert,
    page_of_alert,
)
from vitruvian.guides.alerts.rule import LOUD, rule_for
from vitruvian.guides.alerts.shelf import Asks, Standing

router = APIRouter(prefix="/alerts", tags=["alerts"], responses=REFUSALS | described(409))


def _desk(request: Request, visit: Visit) -> Desk:
    """The desk of somebody who may see patients; others are refused."""
    desk = desk_of(request, visit)
    desk.require_patients()
    return desk


def _pages(request: Request, visit: Visit, found: list[Standing]) -> list[AlertPage]:
    """Alerts with their receipts, and what became of them since."""
    _desk(request, visit)
    with visit.read(visit.now) as reader:
        live = live_by_alert(reader)
    hooks = (visit.lake.path / HOOKS).is_file()
    return [
        page_of_alert(
            each,
            overrides=memory_of(request.app).overrides(each.rule) if hooks else NOT_SHOWN,
            live=live.get(each.rule.name, NOTHING_YET),
        )
        for each in found
    ]


@router.get("", response_model=list[AlertPage])
def list_alerts(request: Request, visit: SignedIn) -> Response:
    """Every alert with its state, its receipt, its overrides and what it wrote on new data."""
    return JsonAnswer(_pages(request, visit, list(shelf_of(request.app).all())))


@router.get("/choices", response_model=AlertChoices)
def read_alert_choices(request: Request, visit: SignedIn) -> Response:
    """The guidelines that may become alerts, and the outcomes a trial may be held against."""
    desk = _desk(request, visit)
    saved = [OutcomeChoice(each.title, each.text) for each in desk.shelf.of(desk.owner)]
    return JsonAnswer(
        AlertChoices(
            guides=_guides(),
            outcomes=[OutcomeChoice("Death", DEATH), *saved],
            owner=visit.session.account.name,
        )
    )


def _guides() -> list[AlertGuide]:
    """Every guideline that may interrupt, with the answers that it has something to tell by."""
    found = []
    for guide in guides():
        rows = [row for row in guide.rows if row.urgency != "none"]
        try:
            rule_for("any", guide, answers=[row.answer for row in rows])
        except BadAlert:
            continue
        answers = [AlertAnswer(row.answer, row.urgency in LOUD) for row in rows]
        edition = guide.card.edition
        found.append(AlertGuide(guide.name, guide.manifest.title, edition, answers))
    return found


@router.post("", status_code=201, response_model=AlertPage)
def draft_alert(said: NewAlert, request: Request, visit: SignedIn) -> Response:
    """Make a draft; it looks at nothing and tells nobody."""
    _desk(request, visit)
    rule = rule_for(
        said.name, guide_named(said.guide), answers=said.answers, quiet_hours=said.quiet_hours
    )
    drafted = shelf_of(request.app).draft(rule, by=visit.session.account.name)
    (page,) = _pages(request, visit, [drafted])
    return JsonAnswer(page, status_code=201)


@router.post("/{name}/trial", response_model=TrialProgress)
def try_alert(name: AlertName, said: NewTrial, request: Request, visit: SignedIn) -> Response:
    """Run a silent trial over history, a little with every request until `finished`."""
    desk, shelf = _desk(request, visit), shelf_of(request.app)
    state = request.app.state
    if not hasattr(state, "alert_trials"):
        state.alert_trials = Trials()
    rule = shelf.get(name).rule
    trial = Running(visit, shelf, state.alert_trials, desk.counting).go_on(rule, said)
    page = _pages(request, visit, [shelf.get(name)])[0] if trial.finished else None
    return JsonAnswer(TrialProgress(trial.done, len(trial.people), trial.finished, page))


@router.post("/{name}/state", response_model=AlertPage)
def move_alert(name: AlertName, said: NewState, request: Request, visit: SignedIn) -> Response:
    """Put an alert in another state; active is refused without a trial and an owner."""
    _desk(request, visit)
    who = visit.session.account.name
    moved = shelf_of(request.app).move(name, Asks(said.state, who, said.owner, said.why))
    (page,) = _pages(request, visit, [moved])
    return JsonAnswer(page)
