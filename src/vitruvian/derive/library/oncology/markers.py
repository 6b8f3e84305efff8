"""Names of biomarkers, words of their answers, and how far an answer of a name may stand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import knowledge, lines_of
from vitruvian.derive.library.oncology.scores import of_list
from vitruvian.derive.library.oncology.ways import ENGLISH, way
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
# A name whose answer is nobody's fact.
OTHER = "other"
# LOINC where it has one code for the answer as such.
CODES = {"MSI": "LOINC//81695-9"}
BEHIND = 60
# More names share no answer; a text of nothing but names is read in good time.
LIST_AT_MOST = 24
PAIR = 2


class Marker(NamedTuple):
    """A biomarker: its code, name and kind of answer; a stand-alone answer, or None."""

    code: str
    name: str
    kind: str
    answer: str | None = None
    # Code and name of the second gene of a name for two.
    also: tuple[str, str] | None = None
    # Whether the name means either of the two: "BRCA".
    either: bool = False


@cache
def tables(language: str) -> tuple[Terms, Terms, Any]:
    """Names of biomarkers, words of answers, and what an answer means for each kind."""
    said = knowledge(FOLDER, "terms", language)
    if not said:
        return Terms(()), Terms(()), {}
    # Genes have one name everywhere; what an answer means is the same too.
    common = knowledge(FOLDER, "terms", ENGLISH)
    others = ((word, Marker("", word, OTHER)) for word in common["others"]["words"])
    names = {**dict(others), **dict(_names(common)), **dict(_names(said))}
    return Terms(names.items()), Terms(_answers(said)), common["meaning"]


def _genes(said: Any) -> Iterator[tuple[str, Marker]]:
    for name, hgnc, kind, names in lines_of(said.get("biomarkers", {}).get("table", "")):
        code = f"HGNC//HGNC:{hgnc}" if hgnc else CODES.get(name, f"TEXT//{name.lower()}")
        for term in names.split(","):
            yield term.strip(), Marker(code, name, kind)


def _names(said: Any) -> Iterator[tuple[str, Marker]]:
    yield from _genes(said)
    genes = {marker.name: marker for _, marker in _genes(said)}
    for table in ("pairs", "either"):
        for pair, phrases in said.get(table, {}).items():
            one, other = (genes[name] for name in pair.split("+"))
            both = one._replace(also=(other.code, other.name), either=table == "either")
            yield from ((phrase, both) for phrase in phrases)
    for key, phrases in said.get("stand_alone", {}).items():
        name, _, answer = key.partition(":")
        code = genes[name].code if name in genes else CODES.get(name, f"TEXT//{name.lower()}")
        for phrase in phrases:
            yield phrase, Marker(code, name, "msi", answer)


def _answers(said: Any) -> Iterator[tuple[str, str]]:
    for answer, phrases in said["answers"].items():
        for phrase in phrases:
            yield phrase, "" if answer == "nothing" else answer


class About:
    """One name among those of a note, and how far its answer may stand."""

    def __init__(self, note: Note, mentions: list[Mention], number: int) -> None:
        self.note, self.mention = note, mentions[number]
        at = number
        last = min(len(mentions), number + LIST_AT_MOST) - 1
        while at < last and _joined(note, mentions[at].end, mentions[at + 1].start):
            at += 1
        # A list of names shares the answer behind the last one, and the no before the first.
        self.list_end = mentions[at].end
        first, change = (
            first_of_list(note, mentions, number, joined) for joined in ("names", "changes")
        )
        self.first, self.first_change = mentions[first].start, mentions[change].start
        # Which name of its list it is, and of how many.
        self.place, self.listed = number - first, at - first + 1
        end = self.list_end + BEHIND
        self.is_next = at + 1 < len(mentions) and mentions[at + 1].start <= end
        end = mentions[at + 1].start if self.is_next else end
        shown, language = note.folded.shown, note.pack.language
        self.beyond = end
        over = [way(name, language).search(shown, self.list_end, end) for name in ("over", "aside")]
        self.limit = min([found.start() for found in over if found], default=end)
        self.is_next = self.is_next and self.limit == end

    def shown(self) -> str:
        """What follows the name, of a list of answers the one that is its own."""
        text, end = self.note.folded.shown[self.mention.end : self.limit], self.list_end
        names = end - self.mention.end
        language = self.note.pack.language
        return text[:names] + of_list(text[names:], self.place, self.listed, language=language)

    def answers(self, words: Terms) -> list[Mention]:
        """The answers behind the name, at places from its end on; none that is the next one's."""
        end = self.mention.end
        said = words.find(self.note.words[end : self.limit])
        if said and self.is_next:
            last, language = end + said[-1].end, self.note.pack.language
            text = self.note.folded.folded[last : self.limit]
            # "Positive for ER, negative for HER2", "MMR by IHC: loss of MLH1".
            of_next = way("of_next", language).search(self.note.words[end:last])
            of_next = of_next or way("for_next", language).match(text)
            said = said[:-1] if of_next and way("between", language).match(text) else said
        return said[1:] if self._is_heading(said) else said

    def _is_heading(self, said: list[Mention]) -> bool:
        """Whether the first answer only tells what the second one answers."""
        if len(said) < PAIR:
            return False
        (start, first, _), (second, *_), *_ = said
        end, language = self.mention.end, self.note.pack.language
        return (
            way("change", language).match(self.note.words[end + start : end + first]) is not None
            and way("told_apart", language).match(
                self.note.folded.folded[end + first : end + second]
            )
            is not None
        )


def first_of_list(note: Note, mentions: list[Mention], number: int, joined: str) -> int:
    """The first of a list of names that shares one answer before it: "loss of MLH1 and PMS2"."""
    at, shared, text = number, way(joined, note.pack.language), note.folded.folded
    least = max(0, number - LIST_AT_MOST)
    while at > least and shared.match(text[mentions[at - 1].end : mentions[at].start]):
        at -= 1
    return at


def _joined(note: Note, end: int, start: int) -> bool:
    return way("names", note.pack.language).match(note.folded.folded[end:start]) is not None
