"""What is known about a patient, section by section, in words for the patient."""

from __future__ import annotations

from collections.abc import Iterable

from vitruvian.api.routes.my_record.types import Item, KnownAboutMe, Section
from vitruvian.picture.types import (
    Document,
    EncounterCard,
    Fact,
    Identifier,
    ImagingItem,
    LabTable,
    Medicine,
    Picture,
)

MOST = 100
# The same words whether or not anything waits, so that they tell nothing.
WAITING = (
    "Some things are shown here only after a clinician has gone through them: new genetic results, "
    "what is about others in your family, and letters. Ask your clinician about them."
)
CURRENT = {
    "current": "you take it now",
    "stopped": "stopped",
    "completed": "finished",
    "unknown": "not known whether you take it now",
}
NO_ALLERGY = {
    "none-known": "It is written down that you have no known allergy.",
    "not-asked": "Nobody has written down whether you have an allergy. Tell your clinician.",
    "recorded": "",
}

# Kinds of numbers as records code them: HL7 v2.9 table 0203.
NUMBERS = {
    "MR": "record number",
    "PI": "patient number",
    "NI": "national number",
    "SS": "social security number",
    "PPN": "passport",
    "DL": "driving licence",
}

# Title, what it holds, and what its emptiness says.
WORDS: dict[str, tuple[str, str, str]] = {
    "problems": (
        "Health problems",
        "What clinicians have written down as illness or complaint.",
        "No health problem is written down.",
    ),
    "allergies": ("Allergies", "What you should not be given or come near.", ""),
    "medicines": (
        "Medicines",
        "What was prescribed, given, or you have told us you take.",
        "No medicine is written down.",
    ),
    "results": (
        "Test results",
        "The newest result of each test, beside the laboratory's own range.",
        "There is no laboratory result.",
    ),
    "measurements": (
        "Measurements",
        "Blood pressure, pulse, weight and the like; the newest of each.",
        "There is no measurement.",
    ),
    "vaccinations": (
        "Vaccinations",
        "What you were vaccinated with.",
        "No vaccination is written down here.",
    ),
    "procedures": (
        "Operations and procedures",
        "What was done.",
        "No operation or procedure is written down.",
    ),
    "visits": ("Visits and stays", "When you were here.", "No visit is written down."),
    "letters": (
        "Letters and reports",
        "Documents that a clinician has released to you.",
        "No letter has been released to you.",
    ),
    "imaging": (
        "Pictures",
        "X-rays, scans and ultrasound: when, and of what.",
        "No picture is stored.",
    ),
    "microbiology": (
        "Germs",
        "Cultures and other tests for germs.",
        "No test for germs is stored.",
    ),
    "genetics": (
        "Genetic results",
        "Genetic results that a clinician has released to you.",
        "No genetic result has been released to you.",
    ),
    "family": (
        "Family",
        "What is written down about your family and was released to you.",
        "Nothing about your family has been released to you.",
    ),
    "life": (
        "Way of life",
        "Smoking, work and the like.",
        "Nothing is written down about your way of life.",
    ),
}


def known_of(picture: Picture) -> KnownAboutMe:
    """The whole of it, from the picture as policy shows it to the patient."""
    banner = picture.banner
    return KnownAboutMe(
        person_id=banner.person_id,
        name=" ".join(filter(None, (banner.given, banner.family))) or "No name recorded",
        birth_date=banner.birth_date,
        age_text=banner.age_text,
        identifiers=tuple(map(numbered, banner.identifiers)),
        waiting=WAITING,
        sections=tuple(sections(picture)),
        data_until=picture.as_of.data_until,
    )


def numbered(one: Identifier) -> str:
    """An identifier with its kind in words.

    Examples
    --------
    >>> numbered(Identifier(system="https://north.example/id", value="1234", label="MR"))
    'record number 1234'
    """
    return f"{NUMBERS.get(one.label, one.label)} {one.value}"


def sections(picture: Picture) -> Iterable[Section]:
    """Every section, also the empty ones: that nothing is known is an answer."""
    panels = picture.panels
    none_known = panels.allergies.answer == "none-known"
    found: dict[str, Iterable[Item]] = {
        "problems": map(of_fact, panels.problems),
        "allergies": map(of_fact, () if none_known else panels.allergies.facts),
        "medicines": map(of_medicine, panels.medicines),
        "results": of_table(panels.laboratory),
        "measurements": of_table(panels.vitals),
        "vaccinations": map(of_fact, panels.immunisations),
        "procedures": map(of_fact, panels.procedures),
        "visits": map(of_encounter, panels.encounters),
        "letters": map(of_document, panels.documents),
        "imaging": map(of_image, panels.imaging),
        "microbiology": map(of_fact, panels.microbiology),
        "genetics": map(of_fact, panels.genomics),
        "family": map(of_fact, panels.family),
        "life": map(of_fact, panels.social),
    }
    for key, items in found.items():
        title, about, empty = WORDS[key]
        if key == "allergies":
            empty = NO_ALLERGY[panels.allergies.answer]
        yield section((key, title, about), items, empty=empty)


def section(said: tuple[str, str, str], items: Iterable[Item], *, empty: str) -> Section:
    """One section, the newest lines first; the rest is counted."""
    key, title, about = said
    found = list(items)
    found.sort(key=lambda one: one.when.timestamp() if one.when else 0.0, reverse=True)
    return Section(key, title, about, empty, tuple(found[:MOST]), max(len(found) - MOST, 0))


def of_fact(fact: Fact) -> Item:
    """One fact; what is denied or only suspected says so."""
    value = " ".join(filter(None, (fact.value, fact.unit))) or None
    said = [
        "not present" if fact.negated else None,
        None if fact.certainty == "certain" else f"{fact.certainty}, not certain",
        fact.state,
        "read by a machine in a text" if fact.machine_read else None,
        "sources disagree" if fact.conflict else None,
    ]
    return Item(fact.label, value, fact.time, ", ".join(filter(None, said)) or None, fact.event_id)


def of_medicine(one: Medicine) -> Item:
    """One medicine, with whether it is taken now."""
    told = [fact for fact in (one.ordered, one.dispensed, one.last_given, one.reported) if fact]
    newest = max((fact.time for fact in told if fact.time), default=None)
    event = told[0].event_id if told else None
    return Item(one.label, one.dose_text, newest, CURRENT[one.current], event)


def of_table(table: LabTable) -> Iterable[Item]:
    """The newest result of each test; a range is the laboratory's own, and no judgement of ours."""
    for row in table.rows:
        if row.cells:
            cell = max(row.cells, key=lambda one: one.time)
            value = " ".join(filter(None, (cell.value, row.unit)))
            usual = cell.range_text or row.range_text
            said = f"usual range of the laboratory: {usual}" if usual else None
            out = "outside the usual range" if cell.abnormal else None
            yield Item(row.label, value, cell.time, "; ".join(filter(None, (out, said))) or None,
                       cell.event_id)  # fmt: skip


def of_encounter(one: EncounterCard) -> Item:
    """One visit, with its reason and where it was."""
    where = ", ".join(dict.fromkeys(stay.location for stay in one.stays)) or one.provider
    return Item(one.label, one.reason, one.start, where, one.event_id)


def of_image(one: ImagingItem) -> Item:
    """One imaging study."""
    return Item(one.description or one.modality or "Imaging", one.body_site, one.time, None,
                one.event_id)  # fmt: skip


def of_document(one: Document) -> Item:
    """One letter, whose text is read by its number."""
    return Item(one.title, None, one.time, None, one.event_id, note_id=one.note_id)
