"""Family history: which relative has which disease, since what age, on which side.

Every fact is one of the relative (``experiencer`` family, lane family), as a FamilyMemberHistory
of FHIR is; the patient's own problems are not read here.

References
----------
HL7 v3 RoleCode (terminology.hl7.org/CodeSystem/v3-RoleCode): MTH is a mother, MAUNT an aunt on the
mother's side, FAMMEMB a family member of whom nothing more is said.
Bennett RL et al. Practice resource-focused revision: standardized pedigree nomenclature update. J
Genet Couns 2022;31:1238-1248, doi:10.1002/jgc4.1621: relative, side, disease, age at diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.text import Mention, Note, Terms, between

FOLDER = Path(__file__).parent
SECTION = "family"
ANYBODY = "FAMMEMB"
MATERNAL, PATERNAL = "maternal side", "paternal side"
# How far behind a disease the age at its onset may stand, in characters; nobody is older.
NEAR, OLDEST = 70, 110
_HEADING = re.compile(r"^[^:]{0,40}:")
_OTHER_SIDE = re.compile(r"\b(?:maternal|paternal) (?:and|or|/|&) $")


class Words(NamedTuple):
    """The words of one language."""

    relatives: Terms
    conditions: Terms
    died: Terms
    # For the few dozen characters around a disease.
    patterns: Mapping[str, re.Pattern[str]]


class Extractor(OfTables):
    """Finds the diseases of ``terms.<language>.toml`` where a relative is said to have them."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of relatives and of diseases."""
        words = words_of(language)
        return words.relatives, words.conditions

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a relative and disease."""
        words = words_of(note.pack.language)
        relatives = note.find(words.relatives)
        if not relatives and "famil" not in note.words and not note.has_section(SECTION):
            return
        told = [one for one in note.find(words.conditions) if one.meaning]
        for mention in told:
            first, last = note.sentence_of(mention.start)
            named = between(relatives, first, last)
            own = note.context(mention.start, mention.end).experiencer != "family"
            # Most diseases are the patient's own.
            if own and not named:
                continue
            statement = Statement(note, words, mention, named, between(told, mention.end, last))
            if not own or statement.joined("sure"):
                yield from statement.findings()


@cache
def words_of(language: str) -> Words:
    """The tables of one language; empty ones where it has none."""
    said = knowledge(FOLDER, "terms", language)
    relatives: list[tuple[str, str | None]] = [
        (name.strip(), role)
        for role, names in lines_of(said.get("relatives", ""))
        for name in names.split(",")
    ]
    relatives += [(word, MATERNAL) for word in said.get("maternal", ())]
    relatives += [(word, PATERNAL) for word in said.get("paternal", ())]
    relatives += [(word, None) for word in said.get("nobody", ())]
    nothing = ((word, None) for word in said.get("nothing", ()))
    return Words(
        Terms(relatives),
        Terms([*_conditions(said), *nothing], plurals=True),
        Terms((word, word) for word in said.get("died", ())),
        {name: re.compile(text) for name, text in said.get("patterns", {}).items()},
    )


def _conditions(said: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for code, name, others in lines_of(said.get("conditions", "")):
        for term in (name, *filter(None, map(str.strip, others.split(",")))):
            yield term, (f"ICD10//{code}", name)


@dataclass(frozen=True)
class Statement:
    """One disease of somebody in the family, and what its sentence says of it.

    ``every``: the relatives of its sentence, in-laws too; ``later``: the diseases behind it there.
    """

    note: Note
    words: Words
    mention: Mention
    every: Sequence[Mention]
    later: Sequence[Mention]

    @property
    def first(self) -> int:
        """Where the sentence begins."""
        return self.note.sentence_of(self.mention.start)[0]

    @property
    def last(self) -> int:
        """Where it ends."""
        return self.note.sentence_of(self.mention.start)[1]

    def findings(self) -> Iterator[Finding]:
        """One for each relative who has it; none where only somebody by marriage does."""
        start, end, (code, name) = self.mention
        context = self.note.context(start, end)
        who = self.who()
        if context.temporality == "hypothetical" or not who:
            return
        ages = self.age() if context.polarity == "affirmed" else (None, None)
        state = "deceased" if self.died_of_it() else None
        for low, high, role, side in who:
            yield Finding(
                min(low, start), max(high, end), "family", code, name,
                context._replace(experiencer="family", relation=f"ROLECODE//{role}"),
                act="reported",
                numeric_value=ages[0], unit=None if ages[0] is None else "a",
                value_as_sent=ages[1], text_value=side, state=state,
            )  # fmt: skip

    def who(self) -> list[tuple[int, int, str, str | None]]:
        """Whose disease it is: spans, roles, sides; empty where nobody of the family is meant."""
        chosen = self.joined("to") or self.before() or self.joined("comma")
        meant = [one for one in chosen if one.meaning]
        if chosen:
            return [(one.start, one.end, *role) for one in meant for role in self.roles(one)]
        patterns = self.words.patterns
        text = _HEADING.sub("", self.note.folded.folded[self.first : self.last])
        in_section = self.note.section_of(self.mention.start) == SECTION
        # "She has diabetes" under this heading is about somebody named before, or the patient.
        in_section = in_section and not patterns["pronoun"].match(text)
        if in_section or patterns["general"].search(text):
            return [(self.mention.start, self.mention.end, ANYBODY, None)]
        return []

    def roles(self, relative: Mention) -> Iterator[tuple[str, str | None]]:
        """Role and side; "maternal and paternal grandparents" are two."""
        role = str(relative.meaning)
        if role in {MATERNAL, PATERNAL}:
            yield ANYBODY, role
            return
        yield role, side_of(role)
        before = self.note.folded.folded[self.first : relative.start]
        if role[0] in "MP" and role[1:] in _OF_A_SIDE and _OTHER_SIDE.search(before):
            other = ("P" if role[0] == "M" else "M") + role[1:]
            yield other, side_of(other)

    def joined(self, by: str) -> list[Mention]:
        """The relatives behind the disease, or behind the last of a list that it stands in."""
        text, end = self.note.folded.folded, self.mention.end
        for other in self.later:
            if not self.words.patterns["and"].match(text[end : other.start]):
                break
            end = other.end
        behind = [one for one in self.every if one.start >= end]
        if not behind or not self.words.patterns[by].match(text[end : behind[0].start]):
            return []
        return self.listed(behind)

    def before(self) -> list[Mention]:
        """The relatives named last before the disease, those joined to them too."""
        ahead = [one for one in self.every if one.end <= self.mention.start]
        if not ahead or ";" in self.note.folded.folded[ahead[-1].end : self.mention.start]:
            return []
        return self.listed(ahead[::-1])

    def listed(self, relatives: Sequence[Mention]) -> list[Mention]:
        """The first, and the next ones as long as only a list joins them."""
        chosen, text, sure = [relatives[0]], self.note.folded.folded, [relatives[0]]
        for one in relatives[1:]:
            left, right = sorted((chosen[-1], one))
            joins = self.words.patterns["list"].match(text[left.end : right.start])
            # "... in his father, mother with stroke": what is said of her comes behind.
            if not joins or (one is right and self.words.patterns["own"].match(text, one.end)):
                break
            chosen.append(one)
            # "... in his father, a sister had": a comma alone joins none before the disease.
            if one is right or self.words.patterns["joint"].search(joins[0]):
                sure = list(chosen)
        return sure

    def age(self) -> tuple[float | None, str | None]:
        """The age at onset in years, and as written; only the words where a decade is told."""
        patterns = self.words.patterns
        for place in self.places_of_age():
            for name in ("bare", "age", "decade"):
                found = patterns[name].search(place)
                if found and not patterns["not_onset"].search(place[: found.start()]):
                    return (None, found[0].strip()) if name == "decade" else _years(found["age"])
        return None, None

    def places_of_age(self) -> Iterator[str]:
        """Where the age at onset may stand: behind the disease, or between relative and disease."""
        text, (start, end, _) = self.note.folded.folded, self.mention
        joined = self.joined("to")
        begin = max([end, *(one.end for one in joined)])
        others = [one.start for one in (*self.later, *self.every) if one.start >= begin]
        if not self.died_of_it():
            yield text[begin : min([self.last, begin + NEAR, *others])]
        low = max([one.end for one in self.every if one.end <= start], default=self.first)
        ahead = text[max(low, start - NEAR) : start]
        if not joined and self.words.patterns["began"].search(ahead):
            yield ahead

    def died_of_it(self) -> bool:
        """Whether the words right before the disease say that the relative died of it."""
        begin = max([one.end for one in self.every if one.end <= self.mention.start], default=0)
        low = max(begin, self.first, self.mention.start - NEAR)
        return bool(self.words.died.find(self.note.words[low : self.mention.start]))


_OF_A_SIDE = frozenset("GRMTH GRFTH GRPRN AUNT UNCLE COUSN".split())


def side_of(role: str) -> str | None:
    """The side of the family that a role tells.

    Examples
    --------
    >>> side_of("MAUNT"), side_of("FTH"), side_of("SIS")
    ('maternal side', 'paternal side', None)
    """
    if role == "MTH" or (role[0] == "M" and role[1:] in _OF_A_SIDE):
        return MATERNAL
    if role == "FTH" or (role[0] == "P" and role[1:] in _OF_A_SIDE):
        return PATERNAL
    return None


def _years(written: str) -> tuple[float | None, str | None]:
    number = int(written)
    return (float(number), written) if 0 < number <= OLDEST else (None, None)
