"""Names of codes that their sources sent without words, from the site's terminology releases.

What a source says, in this row or another of the same person, always comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.terms.releases import Terms

if TYPE_CHECKING:
    from vitruvian.lake import Reader

# What is asked, and what was answered in codes: the column of the code and that of its words.
WORDED = (("code", "code_text"), ("value_code", "text_value"))


def with_names(events: pa.Table, reader: Reader) -> pa.Table:
    """One person's events, in which a code without words carries its name in a release.

    Parameters
    ----------
    events
        With the columns above, or without some of them: then these are left alone.
    reader
        The door, as of the moment asked about.
    """
    return with_names_each({0: events}, reader)[0]


def with_names_each(of_each: Mapping[int, pa.Table], reader: Reader) -> dict[int, pa.Table]:
    """The same for several persons, one look into the releases for all."""
    bare = {
        one: {code: _bare(events, code, words) for code, words in WORDED}
        for one, events in of_each.items()
    }
    codes = frozenset[str]().union(*(codes for own in bare.values() for codes in own.values()))
    names = Terms(reader).displays(codes) if codes else {}
    return {one: _named(events, bare[one], names) for one, events in of_each.items()}


def _named(
    events: pa.Table, bare: Mapping[str, frozenset[str]], names: Mapping[str, str]
) -> pa.Table:
    for code, words in WORDED if names else ():
        known = {each: names[each] for each in bare[code] if each in names}
        events = _filled(events, code, words, known) if known else events
    return events


def _bare(events: pa.Table, code: str, words: str) -> frozenset[str]:
    """Codes that no row has words for."""
    if not {code, words} <= set(events.column_names) or not events.column(words).null_count:
        return frozenset()
    if events.column(code).null_count == events.num_rows:
        return frozenset()
    silent = pc.is_null(events.column(words))
    bare = events.column(code).filter(silent).unique().to_pylist()
    said = set(events.column(code).filter(pc.invert(silent)).unique().to_pylist())
    return frozenset(each for each in bare if each and "//" in each and each not in said)


def _filled(events: pa.Table, code: str, words: str, names: Mapping[str, str]) -> pa.Table:
    at = pc.index_in(events.column(code), value_set=pa.array(names, pa.string()))
    told = pa.array(names.values(), pa.string()).take(at.combine_chunks())
    filled = pc.coalesce(events.column(words), told)
    return events.set_column(events.column_names.index(words), words, filled)


def name_in_release(code: str, reader: Reader, *, shown: str) -> str | None:
    """A sentence on where the name shown comes from; None when it is no release's name."""
    named = Terms(reader).names([code]).get(code)
    if named is None or named.display != shown:
        return None
    return f"sent without words; {named.release.called} calls it {named.display!r}"
