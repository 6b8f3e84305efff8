"""A language as data: headings, sentence ends and context cues, read from TOML once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from vitruvian.derive.text.dates import Dates
from vitruvian.derive.text.patterns import Pattern
from vitruvian.derive.text.terms import Terms

Axis = Literal["polarity", "certainty", "temporality", "experiencer"]
LANGUAGES = Path(__file__).with_name("languages")
DEFAULT = "en"
# Tags that share a file: Norwegian, and its nynorsk form.
SHARED = {"no": "nb", "nn": "nb"}
# So many characters tell the language of a note.
HEAD = 600
_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+")
_STANDS = re.compile("<([A-Z]+)>")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cue says of what lies on one side of it.

    ``reach`` counts characters; None is up to the next phrase that stops ``stop`` (one of
    the lists under ``[stops]``), the next comma if ``comma``, or the end of the sentence.
    ``anew``: behind a comma these begin something else ("no fracture, small calcification").
    ``closing``: it counts only where its phrase ends a statement ("sepsis likely.").
    """

    axis: Axis
    value: str
    side: Literal["before", "after", "both"]
    reach: int | None = None
    relation: str | None = None
    stop: str = ""
    comma: bool = False
    anew: tuple[str, ...] = ()
    closing: bool = False


@dataclass(frozen=True)
class Cue:
    """A phrase: its effects, and which effects of others it ends.

    ``shorter`` is the longest other phrase that it begins with: it counts where the rest of the
    phrase belongs to the term itself ("no change" before "change in vision").
    """

    effects: tuple[Effect, ...]
    stops: frozenset[str]
    shorter: Cue | None = None

    @cached_property
    def hidden(self) -> tuple[Effect, ...]:
        """The effects of the longest shorter phrase that has any, where this one has none."""
        inner = None if self.effects else self.shorter
        while inner is not None and not inner.effects:
            inner = inner.shorter
        return () if inner is None else inner.effects


@dataclass(frozen=True)
class Pack:
    """One language."""

    language: str
    version: str
    abbreviations: frozenset[str]
    headings: Mapping[str, str]
    section_context: Mapping[str, Mapping[str, str]]
    cues: Terms
    # What a term of these words says by itself, and words that headings may begin with.
    term_context: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    possessives: tuple[str, ...] = ()
    # Words in which an illness is named and none is meant: "stroke unit".
    no_illness: tuple[str, ...] = ()
    # Abbreviated headings that need no colon, as written: "PMH asthma".
    short_headings: Mapping[str, str] = field(default_factory=dict)
    dates: Dates = field(default_factory=lambda: Dates({}))

    @cached_property
    def short_heading(self) -> Pattern | None:
        """An abbreviated heading where a statement begins and goes on in small letters."""
        if not self.short_headings:
            return None
        names = "|".join(sorted(self.short_headings, key=len, reverse=True))
        return Pattern(rf"(?:^|\n|[.;] )({names}) [a-z0-9(]")

    @cached_property
    def section_named(self) -> Callable[[str], str | None]:
        """The section that a heading opens; "his social history" is "social history"."""

        @lru_cache(maxsize=4096)
        def named(heading: str) -> str | None:
            name = " ".join(heading.lower().replace("/", " ").split())
            if name.startswith(self.possessives):
                name = name.partition(" ")[2]
            return self.headings.get(name)

        return named

    @cached_property
    def abbreviation_ends(self) -> frozenset[str]:
        """The last two letters of the abbreviations."""
        return frozenset(word[-2:] for word in self.abbreviations)


@cache
def languages() -> tuple[str, ...]:
    """The languages there are packs for."""
    return tuple(sorted(path.stem for path in LANGUAGES.glob("*.toml")))


def language_told(text: str) -> str:
    """The language that a note without a language seems to be in.

    Chinese where a tenth of its first characters are ideographs; otherwise the language with
    the most of its `common` words there, at least two; English where none has more than that.
    """
    head = text[:HEAD]
    if not head.isascii() and 10 * len(_HAN.findall(head)) > len(head.replace(" ", "")):
        return "zh"
    words = _WORD.findall(head.lower())
    counts = {name: sum(map(common.__contains__, words)) for name, common in _common()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] > max(counts[DEFAULT], 1) else DEFAULT


@cache
def _common() -> tuple[tuple[str, frozenset[str]], ...]:
    """The words by which each language is known: small ones, in every note."""
    return tuple(
        (name, frozenset(tomllib.loads(_path(name).read_text("utf-8")).get("common", ())))
        for name in languages()
    )


def _path(language: str) -> Path:
    return LANGUAGES / f"{language}.toml"


def pack_for(language: str | None) -> Pack:
    """The pack of a BCP 47 language tag; English where none is said.

    A language without a file has an empty pack: extractors have no words for it either, and
    nothing is read, rather than read wrongly.
    """
    return _pack_of((language or DEFAULT).lower().replace("_", "-").split("-")[0])


@cache
def _pack_of(language: str) -> Pack:
    language = SHARED.get(language, language)
    if language not in languages():
        return Pack(language, "", frozenset(), {}, {}, Terms(()))
    return _read(language)


def _read(language: str) -> Pack:
    said = tomllib.loads(_path(language).read_text("utf-8"))
    return Pack(
        language=language,
        version=said["version"],
        abbreviations=frozenset(said["abbreviations"]),
        headings={
            heading: section for section, all_of in said["sections"].items() for heading in all_of
        },
        section_context=said["section_context"],
        cues=Terms(_cues(said)),
        term_context=dict(_term_context(said)),
        possessives=tuple(f"{word} " for word in said.get("possessives", ())),
        no_illness=tuple(said.get("no_illness", ())),
        short_headings={
            heading: section
            for section, all_of in said.get("short_headings", {}).items()
            for heading in all_of
        },
        dates=Dates(said.get("dates", {})),
    )


def _term_context(said: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for group in said.get("term_context", ()):
        axes = {axis: value for axis, value in group.items() if axis != "terms"}
        for term in group["terms"]:
            yield term, axes


# TOML values are of any type; a malformed pack fails the tests of its language.
def _cues(said: Mapping[str, Any]) -> Iterator[tuple[str, Cue]]:
    effects: dict[str, list[Effect]] = {}
    stops: dict[str, set[str]] = {}
    for phrase, effect in _effects(said):
        effects.setdefault(phrase, []).append(effect)
    for name, phrases in said["stops"].items():
        for phrase in phrases:
            stops.setdefault(phrase, set()).update(said["stops"] if name == "every" else (name,))
    silent = [one for phrases in said["nothing"].values() for one in _spelled(phrases, said)]
    made: dict[str, Cue] = {}
    for phrase in sorted({*effects, *stops, *silent}, key=len):
        shorter = _shorter(phrase, made)
        ends = stops.get(phrase, set())
        # "who presents" ends whatever "who" ends.
        inherited = shorter.stops if shorter and ends else frozenset()
        made[phrase] = Cue(tuple(effects.get(phrase, ())), inherited | ends, shorter)
        yield phrase, made[phrase]


def _spelled(phrases: Iterable[str], said: Mapping[str, Any]) -> Iterator[str]:
    """Phrases with each word that a name in brackets stands for: "<ONE> said"."""
    names = said.get("stand_for", {})
    for phrase in phrases:
        name = _STANDS.search(phrase)
        yield from (_STANDS.sub(word, phrase) for word in names[name[1]]) if name else (phrase,)


def _shorter(phrase: str, made: Mapping[str, Cue]) -> Cue | None:
    words = phrase.split()
    starts = (" ".join(words[:count]) for count in range(len(words) - 1, 0, -1))
    return next((made[start] for start in starts if start in made), None)


def _effects(said: Mapping[str, Any]) -> Iterator[tuple[str, Effect]]:
    for group in said["cues"]:
        plain = Effect(
            axis=group["axis"],
            value=group["value"],
            side=group["side"],
            reach=group.get("reach"),
            stop=group.get("stop", group["value"]),
            comma=group.get("comma", False),
            anew=tuple(said.get("anew", {}).get(group["value"], ())),
            closing=group.get("closing", False),
        )
        for phrase in group.get("phrases", ()):
            yield phrase, plain
        for role, phrases in said["relations"].items() if group.get("relations") else ():
            for phrase in phrases:
                yield phrase, replace(plain, relation=f"ROLECODE//{role}")
