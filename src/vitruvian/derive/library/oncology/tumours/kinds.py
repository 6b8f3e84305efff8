"""What kind of tumour a word names: none, where only a meeting or a medicine is; or a narrower one.

References
----------
Kundra R et al. OncoTree: a cancer classification system for precision oncology. JCO Clin Cancer
Inform 2021;5:221-230, doi:10.1200/CCI.20.00108.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from vitruvian.derive.library.oncology.tumours.words import Words
from vitruvian.derive.library.oncology.ways import way
from vitruvian.derive.text import Mention, Note


def is_meant(note: Note, mention: Mention, words: Words) -> bool:
    """Whether a word is a tumour here: no meeting named after it, and no "-like"."""
    start, end, _ = mention
    beside, shown = words.only_beside.get(note.words[start:end]), note.folded.shown
    if beside is not None and not shown[start:end].isupper():
        return False
    if way("named_after", note.pack.language).match(note.folded.folded, end):
        return False
    if beside is None:
        return True
    alone = shown[start - 1 : start] not in {"/", "-"} and shown[end : end + 1] not in {"/", "-"}
    return alone and beside.search(note.folded.folded) is not None


def narrower_kind(note: Note, mention: Mention, words: Words) -> tuple[int, str, str]:
    """Where the name ends, and what it is, with a kind told right behind it."""
    end, (code, name, _) = mention.end, mention.meaning
    kinds = words.kinds.get(code)
    behind = _KIND.match(note.words, end) if kinds else None
    if kinds is None or behind is None:
        return end, code, name
    for phrase, (narrow, its_name) in kinds.items():
        if note.words.startswith(f"{phrase} ", behind.end()):
            end = behind.end() + len(phrase)
            ends = (one for one in words.kind_ends if note.words.startswith(f" {one} ", end))
            return end + len(next((f" {one}" for one in ends), "")), narrow, its_name
    return end, code, name


_KIND = re.compile(r"[ ,(]{1,3}")


def oncotree(
    site: str, morphology: str, types: Iterable[tuple[str, frozenset[str], str]]
) -> str | None:
    """The OncoTree code of a morphology at a site; None where the table has none."""
    organ = site.partition(".")[0]
    for where, kinds, code in types:
        if morphology in kinds and where in {"*", organ}:
            return code
    return None
