"""Cohorts: written, counted, explained, compared, saved, handed out."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request, Response

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, SignedIn, number
from vitruvian.api.routes.cohorts.asking import Desk, counted, desk_of
from vitruvian.api.routes.cohorts.telling import checked, codes_like, split, why_shown
from vitruvian.api.routes.cohorts.words import (
    Checked,
    CodeSearch,
    CohortAnswer,
    CohortPatients,
    Compared,
    Draft,
    Exporting,
    FoundCodes,
    OnePerson,
    Page,
    SavedList,
    Saving,
    SiteList,
    Two,
    WhyShown,
    Written,
)
from vitruvian.criteria.cohorts import Asked, compare, examples, read_definition
from vitruvian.criteria.cohorts.kept.saved import Saved
from vitruvian.criteria.cohorts.shown.export import as_csv, as_group, as_meds
from vitruvian.criteria.cohorts.why import why
from vitruvian.criteria.over_lake.sites import require_site, sites_of
from vitruvian.risks import scores

router = APIRouter(prefix="/cohorts", tags=["cohorts"], responses=REFUSALS)


def desk(request: Request, visit: SignedIn) -> Desk:
    """The desk of this request."""
    return desk_of(request, visit)


AtDesk = Annotated[Desk, Depends(desk)]


@router.post("/check", response_model=Checked)
def check_cohort(draft: Draft, _: SignedIn) -> Response:
    """A definition as text and as elements, and what is wrong with it."""
    return JsonAnswer(checked(draft))


@router.post("/answer", response_model=CohortAnswer)
def answer_cohort(written: Written, at: AtDesk) -> Response:
    """How many are in, the way there, and who they are."""
    return JsonAnswer(counted(at, written))


@router.post("/patients", response_model=CohortPatients)
def list_cohort(page: Page, at: AtDesk) -> Response:
    """The patients of a cohort, page by page; refused to roles that see counts only."""
    at.require_patients()
    definition = read_definition(page.text)
    with at.reading(page) as reader:
        persons = at.answer(definition, page, reader).persons(page.verdict)
        some = persons[page.offset : page.offset + page.limit]
        patients = at.patients(reader, some, page)
    return JsonAnswer(CohortPatients(len(persons), patients))


@router.post("/why", response_model=WhyShown)
def explain_cohort(one: OnePerson, at: AtDesk) -> Response:
    """Why one person is in, out or unknown; refused to roles that see counts only."""
    at.require_patients()
    person = number(one.person_id, kind="patient")
    definition = read_definition(one.text)
    with at.reading(one) as reader:
        found = why(definition, Asked(reader, scores()), person)
        return JsonAnswer(why_shown(found, reader, person))


@router.post("/compare", response_model=Compared)
def compare_cohorts(two: Two, at: AtDesk) -> Response:
    """Which patients two definitions, dates or sites judge differently, and by which line."""
    first, second = read_definition(two.first), read_definition(two.second)
    with at.reading(two) as reader, at.reading_first(two, reader) as before:
        for site in (two.site, two.first_site):
            require_site(reader, site)
        asked = Asked(reader, scores(), two.site)
        of_first = Asked(before, scores(), two.first_site or two.site)
        found = at.floor.comparison(compare(first, second, asked, of_first=of_first))
        splits = [split(group, at, reader, two) for group in found.groups]
    return JsonAnswer(Compared(splits, at.floor.least))


@router.get("/sites", response_model=SiteList)
def list_sites(at: AtDesk) -> Response:
    """The sites whose sources told of any patient."""
    with at.visit.read(at.visit.now, operation=at.counting) as reader:
        return JsonAnswer(SiteList(sites_of(reader)))


@router.post("/export")
def export_cohort(wish: Exporting, at: AtDesk) -> Response:
    """The members as CSV, a FHIR Group or MEDS labels; refused to roles that see counts only."""
    at.require_patients()
    definition = read_definition(wish.text)
    with at.reading(wish) as reader:
        answer = at.answer(definition, wish, reader)
        reader.note(answer.persons("in") + answer.persons("unknown"))
        if wish.form == "csv":
            return Response(as_csv(answer), media_type="text/csv")
        if wish.form == "meds":
            return Response(as_meds(answer), media_type="application/vnd.apache.parquet")
        group = as_group(answer, reader, at=at.visit.clock())
    return Response(orjson.dumps(group), media_type="application/fhir+json")


@router.get("/saved", response_model=SavedList)
def list_saved(at: AtDesk) -> Response:
    """Every version that this account saved, and the examples to begin with."""
    return JsonAnswer(SavedList(at.shelf.of(at.owner), examples()))


@router.post("/saved", response_model=Saved)
def save_cohort(saving: Saving, at: AtDesk) -> Response:
    """Keep a definition as the next version of its name."""
    title = read_definition(saving.text).title
    return JsonAnswer(at.shelf.save(at.owner, name=saving.name, title=title, text=saving.text))


@router.post("/codes", response_model=FoundCodes)
def search_codes(wish: CodeSearch, at: AtDesk) -> Response:
    """Codes of this lake that hold the words, with how many persons have them."""
    with at.visit.read(at.visit.now, operation=at.counting) as reader:
        return JsonAnswer(FoundCodes(codes_like(reader, wish.text, at.floor)))
