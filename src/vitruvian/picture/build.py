"""The picture of one patient: banner and panels, as of a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.picture.facts.events import Aligned, Events, align, instant, names
from vitruvian.picture.facts.mention import Mention, Mentions
from vitruvian.picture.moment import Moment
from vitruvian.picture.panels import statements
from vitruvian.picture.panels.banner import Death, Sources, banner, death_of
from vitruvian.picture.panels.documents import documents, imaging
from vitruvian.picture.panels.episodes import current_stay, encounters
from vitruvian.picture.panels.laboratory import cumulative
from vitruvian.picture.panels.medicines import medicines
from vitruvian.picture.record import Record, read_record
from vitruvian.picture.types import AllergyPanel, Panels, Picture

if TYPE_CHECKING:
    from vitruvian.lake import Reader

STAND_ALONE = ("encounter", "document", "imaging")


def build_picture(reader: Reader, person_id: int, *, moment: Moment) -> Picture:
    """Banner and panels of one person, as of a moment.

    Raises
    ------
    NoSuchPatient
        When nothing is stored about that person at the moment asked about.
    """
    return picture_of(read_record(reader, person_id, moment=moment))


def picture_of(record: Record) -> Picture:
    """The picture from the rows read."""
    aligned = align(record.events)
    death = death_of(record.patients, at=record.moment.judged_at)
    allergies = statements.allergies(aligned)
    stay = current_stay(record.encounters, record.stays, at=record.moment.judged_at)
    sources = Sources(record.patients, aligned, allergies, stay, at=record.moment.judged_at)
    times = [time for time in aligned.events.column("time") if time is not None]
    return Picture(
        as_of=record.as_of,
        banner=banner(record.person_id, sources),
        panels=panels(record, aligned, allergies, death=death),
        event_count=len(aligned.shown),
        hidden_count=aligned.hidden + record.superseded,
        first_time=instant(min(times, default=None)),
        last_time=instant(max(times, default=None)),
    )


def panels(
    record: Record, aligned: Aligned, allergies: AllergyPanel, *, death: Death | None
) -> Panels:
    """Everything below the banner."""
    at = record.moment.judged_at
    told = mentions(aligned.events)
    return Panels(
        problems=statements.problems(aligned, at=at),
        medicines=medicines(aligned, at=at, codings=record.codings, death=death),
        laboratory=cumulative(aligned, "laboratory"),
        vitals=cumulative(aligned, "vital"),
        encounters=encounters(record.encounters, record.stays, told=told),
        procedures=statements.procedures(aligned),
        allergies=allergies,
        immunisations=statements.listed(aligned, "immunisation"),
        microbiology=statements.listed(aligned, "microbiology"),
        genomics=statements.listed(aligned, "genomics"),
        documents=documents(record.notes, told=told),
        imaging=imaging(record.images, told=told),
        family=statements.listed(aligned, "family"),
        social=statements.social(aligned),
        freshness=statements.freshness(aligned, sources=record.sources),
    )


def mentions(events: Events) -> Mentions:
    """The timeline's event of each resource version, and of each encounter, with its own rows."""
    columns = (events.column(name) for name in names("version_id encounter_id event_id category"))
    words, codes = events.column("code_text"), events.column("code")
    versions: dict[int, Mention] = {}
    encounters: dict[int, Mention] = {}
    for place, (version, encounter, event, category) in enumerate(zip(*columns, strict=True)):
        if category in STAND_ALONE:
            found = Mention(str(event), words[place] or codes[place])
            versions[version] = found
            if category == "encounter":
                encounters[encounter] = found
    return Mentions(versions, encounters)
