"""A person decides what an app may do: shown, allowed for one patient or all, or denied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vitruvian.api.deps import Visit
from vitruvian.api.routes.smart.asking import Asked, address_with
from vitruvian.api.routes.smart.staying import encounter_of, may_know
from vitruvian.base.errors import BadInput, NotFound, Refused
from vitruvian.lake.accounts import SESSION_LIVES
from vitruvian.lake.apps.errors import NoApp
from vitruvian.lake.apps.given import REFRESH_LIVES, Bound, Given, Launching, new_id
from vitruvian.trust import Deed
from vitruvian.trust.smart import read_scopes, words_of
from vitruvian.trust.smart.claims import TOKEN_LIVES

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.lake.apps.registry import App

CODE_AND_TOKEN = TOKEN_LIVES + timedelta(minutes=2)


class PatientNotChosen(BadInput):
    """The app reaches one patient only, and none was chosen."""

    def __init__(self) -> None:
        super().__init__("This app is for one patient. Choose the patient first.")


class NotInFhir(NotFound):
    """A patient has no Patient record that an app could ask for."""

    def __init__(self) -> None:
        super().__init__(
            "This patient has no FHIR record that an app could ask for, or none you may see. "
            "Choose another patient."
        )


class OtherLaunch(Refused):
    """An app was opened from a patient's page by somebody else."""

    def __init__(self) -> None:
        super().__init__(
            "This app was opened by another account than the one signed in here. "
            "Open it again from the patient's page."
        )


@dataclass(frozen=True)
class AppQuestion:
    """What is shown before a person decides."""

    app: str
    title: str
    answer_goes_to: str
    may: list[str]
    wants_patient: bool
    person_id: str | None
    stays: str


def opened(visit: Visit, app: App, *, person_id: int, base: str) -> str:
    """Where the browser goes to open an app with a patient in context."""
    if app.launch is None:
        raise NoApp
    with visit.read(visit.now) as reader:
        chosen = chosen_of(reader, person_id)
        encounter = encounter_of(reader, visit, person_id)
    whose = (app.name, visit.session.account.name, chosen.subject, chosen.fhir_id)
    word = visit.lake.apps.grants.launching(Launching(*whose, encounter))
    return address_with(app.launch, {"iss": f"{base}/fhir", "launch": word})


@dataclass(frozen=True)
class Chosen:
    """A patient as FHIR knows them."""

    subject: int
    fhir_id: str


def question_of(asked: Asked, visit: Visit) -> AppQuestion:
    """What is shown before a person decides."""
    scopes, plain = read_scopes(asked.scopes)
    launching = asked.launching
    if launching is not None and launching.account != visit.session.account.name:
        raise OtherLaunch
    person = None
    if launching is not None:
        with visit.read(visit.now) as reader:
            person = str(reader.person_of(launching.subject_id))
    may = words_of(scopes)
    may += ["know who you are"] if {"openid", "fhirUser", "profile"} & set(plain) else []
    may += ["know which visit is going on"] if "launch/encounter" in plain else []
    return AppQuestion(
        app=asked.app.name,
        title=asked.app.title,
        answer_goes_to=urlsplit(asked.redirect).netloc,
        may=may,
        wants_patient=asked.wants_patient,
        person_id=person,
        stays=_stays(plain),
    )


def _stays(plain: tuple[str, ...]) -> str:
    if "offline_access" in plain:
        return f"for {REFRESH_LIVES.days} days, also while you are not signed in"
    if "online_access" in plain:
        return f"for {SESSION_LIVES.seconds // 3600} hours"
    return f"for {TOKEN_LIVES.seconds // 60} minutes"


def allowed(asked: Asked, visit: Visit, *, person_id: int | None) -> str:
    """Give what was asked for; the address that the browser is to go to."""
    account = visit.session.account.name
    launching = asked.launching
    if launching is not None and launching.account != account:
        raise OtherLaunch
    chosen, encounter = None, None
    if launching is not None:
        chosen, encounter = Chosen(launching.subject_id, launching.patient), launching.encounter
    elif asked.wants_patient:
        if person_id is None:
            raise PatientNotChosen
        with visit.read(visit.now) as reader:
            chosen = chosen_of(reader, person_id)
            encounter = encounter_of(reader, visit, person_id)
    lake = visit.lake
    encounter = encounter if may_know(asked.scopes) else None
    grant = lake.apps.grants.give(_given(asked, visit, chosen, encounter))
    if asked.launch:
        lake.apps.grants.forget_launch(asked.launch)
    subjects = () if chosen is None else (chosen.subject,)
    deed = Deed("account", subjects=subjects, definition=f"app {asked.app.name} allowed")
    lake.audit.record(replace(visit.access, app=asked.app.name, scopes=asked.scopes), deed)
    return asked.answer(code=lake.apps.grants.code(grant, Bound(asked.challenge, asked.redirect)))


def _given(asked: Asked, visit: Visit, chosen: Chosen | None, encounter: str | None) -> Given:
    plain = read_scopes(asked.scopes)[1]
    lives = CODE_AND_TOKEN
    if "offline_access" in plain:
        lives = REFRESH_LIVES
    elif "online_access" in plain:
        lives = SESSION_LIVES
    return Given(
        id=new_id(),
        app=asked.app.name,
        account=visit.session.account.name,
        scopes=asked.scopes,
        expires_at=visit.clock() + lives,
        subject_id=None if chosen is None else chosen.subject,
        patient=None if chosen is None else chosen.fhir_id,
        encounter=encounter,
        nonce=asked.nonce,
    )


def chosen_of(reader: Reader, person_id: int) -> Chosen:
    """The Patient record of a person whom the account may see; raises `NotInFhir`."""
    found = reader.rows(
        "resource",
        subjects=reader.subjects_of(person_id),
        columns=("subject_id", "resource_id", "recorded_at"),
        where="resource_type = 'Patient' AND NOT deleted",
    ).to_pylist()
    if not found:
        raise NotInFhir
    newest = max(found, key=lambda row: (row["recorded_at"], row["resource_id"]))
    return Chosen(newest["subject_id"], newest["resource_id"])
