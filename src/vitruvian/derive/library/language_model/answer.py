"""A model's answer as facts: each anchored in the note, or left out and counted.

Nothing of an answer is believed: its form is checked key by key, its words must stand in the note,
its numbers must stand in its words, and its codes are not asked for.

References
----------
Greshake K et al. Not what you've signed up for: compromising real-world LLM-integrated
applications with indirect prompt injection. AISec 2023, doi:10.1145/3605764.3623985: a text can
give orders to the model that reads it, so what comes back is bounded by form, not by trust.
Soroush A et al. Large language models are poor medical coders. NEJM AI 2024;1(5),
doi:10.1056/AIdbp2300040: why no code is taken from a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from unicodedata import combining

import orjson

from vitruvian.derive.text.fold import fold

FIELDS: Mapping[str, tuple[str, ...] | None] = {
    "kind": ("problem", "medicine", "procedure", "allergy", "imaging", "measurement"),
    "quote": None,
    "passage": None,
    "detail": None,
    "act": ("observed", "reported", "ordered", "planned", "administered", "stopped"),
    "polarity": ("affirmed", "negated"),
    "certainty": ("certain", "probable", "possible"),
    "temporality": ("current", "historical", "hypothetical"),
    "experiencer": ("patient", "family"),
}
MOST_FACTS, LONGEST_QUOTE, LONGEST_PASSAGE = 200, 200, 1_000
NUMBER = re.compile(r"([<>]=?)?\s*(\d{1,9}(?:[.,]\d{1,9})?)\s*(\D.{0,19})?")
# Letters of these scripts stand without spaces between words.
_WITHOUT_SPACES = re.compile("[\u2e80-\u9fff\uac00-\ud7a3]")


class Unusable(Exception):
    """An answer or a fact cannot be used; the reason is a word for the count."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Said(NamedTuple):
    """One fact of an answer, and where its words stand in the part of the note it was given."""

    start: int
    end: int
    fields: Mapping[str, str]


def schema() -> dict[str, Any]:
    """The JSON Schema that an answer has to meet."""
    text = {"type": "string"}
    said = {name: {**text, "enum": list(of)} if of else text for name, of in FIELDS.items()}
    fact = {
        "type": "object", "properties": said, "required": list(said), "additionalProperties": False,
    }  # fmt: skip
    facts = {"type": "array", "items": fact, "maxItems": MOST_FACTS}
    return {
        "type": "object", "properties": {"facts": facts}, "required": ["facts"],
        "additionalProperties": False,
    }  # fmt: skip


def facts_of(body: bytes) -> list[Any]:
    """The facts in the body of an answer, not looked at yet.

    Raises
    ------
    Unusable
        When it was refused, cut short, is not JSON, or not of the form that was asked for.
    """
    try:
        choice = orjson.loads(body)["choices"][0]
        message, ended = choice["message"], choice.get("finish_reason")
        if message.get("refusal") or ended == "content_filter":
            raise Unusable("refused")
        if ended == "length":
            raise Unusable("cut-short")
        content = message["content"]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError):
        raise Unusable("not-a-completion") from None
    try:
        told = orjson.loads(content)
    except (orjson.JSONDecodeError, TypeError):
        raise Unusable("not-json") from None
    facts = told.get("facts") if isinstance(told, dict) and set(told) == {"facts"} else None
    if not isinstance(facts, list):
        raise Unusable("not-the-form")
    return facts


def anchored(fact: Any, part: str) -> Said:
    """A fact with the place of its words.

    Parameters
    ----------
    fact
        As the model said it.
    part
        What it was given to read, with line ends as spaces.

    Raises
    ------
    Unusable
        When a field is missing, too many or not of its list, or its words do not stand there, or
        stand there more than once.
    """
    fields = _checked(fact)
    quote, passage = _plain(fields["quote"]), _plain(fields["passage"])
    if not quote or len(quote) > LONGEST_QUOTE or len(passage) > LONGEST_PASSAGE:
        raise Unusable("not-the-form")
    first, last = _only_place(passage, part, bounds=(0, len(part)))
    start, end = _only_place(quote, part, bounds=(first, last))
    detail = _plain(fields["detail"])
    if detail and detail not in part[first:last]:
        raise Unusable("detail-not-in-passage")
    return Said(start, end, {**fields, "detail": detail})


def _checked(fact: Any) -> dict[str, str]:
    if not isinstance(fact, dict) or set(fact) != set(FIELDS):
        raise Unusable("not-the-form")
    for name, of in FIELDS.items():
        if not isinstance(fact[name], str) or (of and fact[name] not in of):
            raise Unusable("not-the-form")
    return fact


def _plain(words: str) -> str:
    """Words as the part of the note has them: white space and full-width signs made plain."""
    return fold(words).shown.replace("\n", " ").strip()


def _only_place(words: str, part: str, *, bounds: tuple[int, int]) -> tuple[int, int]:
    """Where words stand, as whole words; they must stand there just once."""
    found = list(_places(words, part, *bounds))
    if not found:
        raise Unusable("not-in-the-note")
    if len(found) > 1:
        raise Unusable("place-not-clear")
    return found[0], found[0] + len(words)


def _places(words: str, part: str, first: int, last: int) -> Iterator[int]:
    at = part.find(words, first, last) if words else -1
    while at >= 0:
        end = at + len(words)
        if not (_joined(part[at - 1 : at], words[0]) or _joined(words[-1], part[end : end + 1])):
            yield at
        at = part.find(words, at + 1, last)


def _joined(before: str, after: str) -> bool:
    """Whether two signs lie inside one word, or are a letter and its mark."""
    if before.strip() and after and combining(after):
        return True
    both = before + after
    return before.isalnum() and after.isalnum() and not _WITHOUT_SPACES.search(both)


def number_in(words: str) -> tuple[str | None, str, str | None] | None:
    """Comparator, number as written, and unit; None where the words are no single number.

    Examples
    --------
    >>> number_in("10.2 g/dL"), number_in("< 0,5 mg/L"), number_in("1,200"), number_in("high")
    ((None, '10.2', 'g/dL'), ('<', '0,5', 'mg/L'), None, None)
    """
    found = NUMBER.fullmatch(words)
    # "1,200" is twelve hundred to one writer and one and a fifth to another.
    if found is None or re.search(r",\d{3}$", found[2]):
        return None
    return found[1], found[2], found[3] and found[3].strip()
