"""One name of a biomarker among those of a note, and how far its answer may stand."""

from __future__ import annotations

import re

from vitruvian.derive.library.oncology.ways import way
from vitruvian.derive.text import Mention, Note, Terms

BEHIND = 60
# More names share no answer; a text of nothing but names is read in good time.
LIST_AT_MOST = 24
PAIR = 2
# This runs on the few dozen characters behind a name, never on a whole note.
_NEXT_ONE = re.compile(r"^ (?:for|of|in)\b")


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
        self.first, self.first_change = (
            mentions[first_of_list(note, mentions, number, joined)].start
            for joined in ("names", "changes")
        )
        end = self.list_end + BEHIND
        self.is_next = at + 1 < len(mentions) and mentions[at + 1].start <= end
        end = mentions[at + 1].start if self.is_next else end
        shown, language = note.folded.shown, note.pack.language
        self.beyond = end
        over = [way(name, language).search(shown, self.list_end, end) for name in ("over", "aside")]
        self.limit = min([found.start() for found in over if found], default=end)
        self.is_next = self.is_next and self.limit == end

    def answers(self, words: Terms) -> list[Mention]:
        """The answers behind the name, at places from its end on; none that is the next one's."""
        end = self.mention.end
        said = words.find(self.note.words[end : self.limit])
        if said and self.is_next:
            text = self.note.folded.folded[end + said[-1].end : self.limit]
            between = way("between", self.note.pack.language).match(text)
            # "Positive for ER, negative for HER2", "MMR by IHC: loss of MLH1".
            of = self.note.words[end : end + said[-1].end].endswith(" of")
            said = said[:-1] if between and (of or _NEXT_ONE.match(text)) else said
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
