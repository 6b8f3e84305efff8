"""What a sentence says of a term in it: affirmed or not, certain, when, and of whom.

References
----------
Harkema H, Dowling JN, Thornblade T, Chapman WW. ConText: an algorithm for determining negation,
experiencer, and temporal status from clinical reports. J Biomed Inform 2009;42:839-851,
doi:10.1016/j.jbi.2009.05.002. The rules and words here are our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from vitruvian.derive.text.pack import Cue, Effect
from vitruvian.derive.text.terms import Mention


class Context(NamedTuple):
    """The four columns of an event that a sentence decides, and the relative it names."""

    polarity: str = "affirmed"
    certainty: str = "certain"
    temporality: str = "current"
    experiencer: str = "patient"
    relation: str | None = None


AFFIRMED = Context()


class Scope(NamedTuple):
    """Where in the text an effect holds (half-open), and the cue it comes from."""

    start: int
    end: int
    cue: Mention
    effect: Effect


class Sentence(NamedTuple):
    """A sentence (half-open) and its text in lower case."""

    start: int
    end: int
    text: str

    def until(self, start: int, end: int, *, effect: Effect) -> int:
        """The end of a reach, moved forward to the first sign that ends it."""
        text, base = self.text, self.start
        low, high = start - base, end - base
        if effect.axis == "certainty":
            high = _first(text, " - ", low, _first(text, ";", low, high))
        if effect.axis == "polarity":
            high = _first(text, ";", low, high)
            closing = _first(text, ")", low, high)
            high = closing if text.rfind("(", 0, low) > text.rfind(")", 0, low) else high
        if effect.comma:
            high = _first(text, ",", low, high)
        if effect.anew:
            high = _anew(text, effect.anew, low, high)
        return base + high

    def closed_at(self, place: int) -> bool:
        """Whether a statement ends at a place."""
        return self.text[place - self.start :].lstrip()[:1] in _ENDS

    def since(self, start: int, end: int, *, effect: Effect) -> int:
        """The start of a reach to the left, moved behind the last sign that ends it."""
        if effect.axis != "polarity":
            return start
        return max(start, self.start + self.text.rfind(";", 0, end - self.start))


# What follows the end of a statement; "" is the end of the sentence.
_ENDS = frozenset({"", ".", ",", ";", ":", ")", "/", "?", "-"})


def _anew(text: str, words: tuple[str, ...], low: int, high: int) -> int:
    """The comma behind which something else begins, where no "or" joins it to what was denied."""
    comma = text.find(",", low, high)
    while comma >= 0:
        if text.startswith(words, comma + 1) and " or " not in text[comma:high]:
            return comma
        comma = text.find(",", comma + 1, high)
    return high


def _first(text: str, sign: str, start: int, end: int) -> int:
    place = text.find(sign, start, end)
    return end if place < 0 else place


def scopes(cues: Sequence[Mention], *, sentence: Sentence) -> list[Scope]:
    """The reach of every cue of one sentence.

    Parameters
    ----------
    cues
        The sentence's cues in order; the meaning of each is a ``Cue``.
    sentence
        Where it begins and ends, and its text.
    """
    found = []
    for number, cue in enumerate(cues):
        start, end, meaning = cue
        for effect in meaning.effects:
            if effect.closing and not sentence.closed_at(end):
                continue
            low, high = end, start
            if effect.side != "before":
                low = _left_end(cues, number, effect, sentence)
            if effect.side != "after":
                high = _right_end(cues, number, effect, sentence)
            found.append(Scope(low, high, cue, effect))
        # What a shorter phrase says holds only for a term that begins inside the longer one.
        for effect in meaning.hidden:
            found.append(Scope(start, end, cue, effect))  # noqa: PERF401  # two kinds in order
    return found


def _right_end(cues: Sequence[Mention], number: int, effect: Effect, sentence: Sentence) -> int:
    edge, end = cues[number].end, sentence.end
    limit = end if effect.reach is None else min(end, edge + effect.reach)
    for later in cues[number + 1 :]:
        if later.start >= limit:
            break
        if effect.stop in later.meaning.stops:
            limit = later.start
            break
    return sentence.until(edge, limit, effect=effect)


def _left_end(cues: Sequence[Mention], number: int, effect: Effect, sentence: Sentence) -> int:
    edge, start = cues[number].start, sentence.start
    limit = start if effect.reach is None else max(start, edge - effect.reach)
    for earlier in reversed(cues[:number]):
        if earlier.end <= limit:
            break
        if effect.stop in earlier.meaning.stops:
            limit = earlier.end
            break
    return sentence.since(limit, edge, effect=effect)


# Where several cues reach a term the stronger word wins, whatever their order.
_STRENGTH = {
    "negated": 1,
    "possible": 1,
    "probable": 0,
    "historical": 0,
    "hypothetical": 1,
    "family": 0,
}


def context_of(
    start: int, end: int, *, reached_by: Iterable[Scope], section: Mapping[str, str]
) -> Context:
    """The context of one term.

    Parameters
    ----------
    start, end
        The term.
    reached_by
        The scopes of its sentence.
    section
        What its section says of everything in it.
    """
    said: dict[str, str] = dict(section)
    strength: dict[str, int] = {}
    relation: str | None = None
    for low, high, (first, last, _), effect in reached_by:
        # The scope holds the term, and the cue is no part of the term itself.
        if start >= last:
            if not low <= start < high:
                continue
        elif end <= first:
            if not low < end <= high:
                continue
        elif high != last or first >= start:
            continue
        strong = _STRENGTH[effect.value]
        if strong >= strength.get(effect.axis, -1):
            said[effect.axis] = effect.value
            strength[effect.axis] = strong
            # "Father colon cancer, aunt diabetes": the relative before the term is meant, the
            # last of several; one behind it only where there is none before.
            if relation is None or last <= start:
                relation = effect.relation or relation
    return _told(said, relation)


def _told(said: dict[str, str], relation: str | None) -> Context:
    if not said:
        return AFFIRMED
    # What is denied is not in doubt: "nothing to suggest pericarditis".
    if said.get("polarity") == "negated":
        said.pop("certainty", None)
    return Context(**said, relation=relation)


__all__ = ["AFFIRMED", "Context", "Cue", "Scope", "context_of", "scopes"]
