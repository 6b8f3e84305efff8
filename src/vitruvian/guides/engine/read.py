"""A guideline out of its three files."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from vitruvian.base.manifest import read_manifest
from vitruvian.criteria import Task, parse_task
from vitruvian.criteria.errors import InvalidTask
from vitruvian.criteria.language.document import Entry, read_document
from vitruvian.criteria.language.duration import microseconds
from vitruvian.criteria.language.formula import names_in, read_formula
from vitruvian.guides.engine.asked import AGE_AT_LEAST, AGE_AT_MOST, ASKED
from vitruvian.guides.engine.guide import Card, Criterion, FedScore, Guide, Row, Seen
from vitruvian.guides.errors import BadList, UnreadableGuide
from vitruvian.guides.lists import CodeList, read_own_list, site_list
from vitruvian.guides.owners import at_this_site
from vitruvian.risks import score_named

# Any: YAML and TOML as they came, looked at element by element below.
Written: TypeAlias = dict[str, Any]

ConceptSets: TypeAlias = Mapping[str, Sequence[str]]

SITE_CODES = Path(__file__).resolve().parents[1] / "site_codes.toml"
AGE, IN_HOSPITAL = "age_years", "in_hospital"
OWN_NUMBERS = (AGE, IN_HOSPITAL)
_NOW = {"start": "end - 1s", "end": "trigger", "start_inclusive": True, "end_inclusive": True}
_AT_LEAST_ONE, _ANY_NUMBER = "(1, None)", "(0, None)"


def read_guide(folder: Path, *, sets: ConceptSets | None = None) -> Guide:
    """The guideline in a folder.

    Parameters
    ----------
    folder
        Of the library.
    sets
        Concept sets by name, in place of its own of the same names.

    Raises
    ------
    UnreadableGuide
        When an element is missing or names something that is not defined.
    InvalidTask
        When a predicate, window, measure or formula cannot be used as written.
    NoSuchScore
        When a score is named that is not in the library.
    """
    manifest = read_manifest(folder)
    document = read_criteria(folder)
    lists = lists_of(folder, document)
    document["concept_sets"] = own_sets(document, lists) | dict(sets or {})
    combine: Written = tomllib.loads((folder / "combine.toml").read_text("utf-8"))
    criteria = {name: _criterion(name, said) for name, said in document["criteria"].items()}
    measures = document.get("measure", {})
    guide = Guide(
        manifest=manifest,
        card=at_this_site(manifest.name, _card(combine["guide"], lists)),
        task=_task(document, criteria.values()),
        measured={name: Seen(each["window"], each["of"]) for name, each in measures.items()},
        scores={
            name: FedScore(each["by"], each["from"])
            for name, each in document.get("score", {}).items()
        },
        criteria=criteria,
        population=tuple(combine.get("population", ())),
        exclusions=tuple(combine.get("exclusions", ())),
        rows=tuple(_row(row) for row in combine["row"]),
        words=document.get("words", {}),
    )
    _check(guide)
    return guide


def read_criteria(folder: Path) -> Written:
    """What a guideline looks at and its criteria, as written."""
    document: Written = read_document((folder / "criteria.yaml").read_text("utf-8")).value
    return document


def lists_of(folder: Path, document: Written) -> dict[str, tuple[CodeList, ...]]:
    """The lists that a guideline reads, by name: its own, and the one that the site declares."""
    return {
        name: (own, *site) if not any(each.instead for each in site) else site
        for name, said in document.get("lists", {}).items()
        for own in [read_own_list(folder / said["file"])]
        for site in [_site_lists(said["site"])]
    }


def _site_lists(variable: str) -> tuple[CodeList, ...]:
    """The list that the site declares, if any.

    One that cannot be used silences no guideline: the card's edition says that it is not used.
    """
    try:
        found = site_list(variable)
    except BadList:
        return (CodeList("the site's list cannot be used", f"{variable} is to be corrected", ()),)
    return () if found is None else (found,)


def own_sets(
    document: Written, lists: Mapping[str, Sequence[CodeList]]
) -> dict[str, tuple[str, ...]]:
    """The concept sets of a guideline by name, those that are lists among them."""
    written = {name: tuple(codes) for name, codes in document.get("concept_sets", {}).items()}
    listed = {
        name: tuple(dict.fromkeys(code for each in found for code in each.codes))
        for name, found in lists.items()
    }
    return written | listed


def _card(said: Written, lists: Mapping[str, Sequence[CodeList]]) -> Card:
    """The card; its edition names the lists too, as they decide answers."""
    named = [f"{each.source}, {each.edition}" for found in lists.values() for each in found]
    return Card(**{**said, "edition": "; ".join([said["edition"], *named])})


def _criterion(name: str, said: Written) -> Criterion:
    at = f"criteria.{name}"
    needs, within = said.get("needs"), said.get("observed_within")
    return Criterion(
        name=name,
        says=said["says"],
        cite=said["cite"],
        asks=(
            Seen(said["in"], said["found"])
            if "found" in said
            else read_formula(Entry(said["when"], f"{at}.when"))
        ),
        needs=None if needs is None else read_formula(Entry(needs, f"{at}.needs")),
        deviation=said.get("deviation", ""),
        observed_within=None if within is None else _span(within, at=f"{at}.observed_within"),
    )


def _span(written: str, *, at: str) -> timedelta:
    found = microseconds(str(written))
    if found is None:
        fault = "not a span of time"
        raise InvalidTask(fault, at=at, expected="weeks, days or hours: 730d")
    return timedelta(microseconds=found)


def _row(said: Written) -> Row:
    lists = {key: tuple(said.get(key, ())) for key in ("all", "any", "none", "instead_of")}
    return Row(
        answer=said["answer"],
        says=said["says"],
        cite=said["cite"],
        all_of=lists["all"],
        any_of=lists["any"],
        none_of=lists["none"],
        instead_of=lists["instead_of"],
        urgency=said.get("urgency", "info"),
        suggest=said.get("suggest", ""),
    )


@cache
def _site_codes() -> Mapping[str, str]:
    """What a site calls a fact, and what we call it."""
    said = tomllib.loads(SITE_CODES.read_text("utf-8"))
    codes: dict[str, str] = said["codes"]
    return codes


def _with_site_codes(predicate: Written) -> Written:
    """The predicate, which hits a site's own codes as well."""
    code = predicate.get("code")
    named = code["any"] if isinstance(code, dict) and "any" in code else [code]
    own = [site for site, ours in _site_codes().items() if ours in named]
    return {**predicate, "code": {"any": [*named, *own]}} if own else predicate


def _task(document: Written, criteria: Iterable[Criterion]) -> Task:
    """Everything that the guideline looks at; what is counted can be named as evidence."""
    windows = {name: {**said, "has": {}} for name, said in document.get("windows", {}).items()}
    measures = document.get("measure", {})
    for measure in measures.values():
        windows[measure["window"]]["has"][measure["of"]] = _ANY_NUMBER
    for criterion in criteria:
        if isinstance(criterion.asks, Seen):
            windows[criterion.asks.window]["has"][criterion.asks.predicate] = _AT_LEAST_ONE
    own = {"asked": ASKED, "age_at_least": AGE_AT_LEAST, "age_at_most": AGE_AT_MOST}
    ages = ("age_at_least", "age_at_most")
    written = {
        "concept_sets": document.get("concept_sets", {}),
        "predicates": {
            name: _with_site_codes(said) for name, said in document["predicates"].items()
        }
        | {name: {"code": code} for name, code in own.items()},
        "trigger": "asked",
        "windows": {**windows, "now": _NOW},
        "measure": measures | {age: {"of": age, "window": "now", "take": "last"} for age in ages},
    }
    return parse_task(json.dumps(written))


def _check(guide: Guide) -> None:
    """Every name is defined, and the table always has an answer."""
    known = {*guide.criteria}
    for at, names in {
        "population": guide.population,
        "exclusions": guide.exclusions,
        **{f"row {row.answer!r}": row.criteria for row in guide.rows},
    }.items():
        _defined(guide, at, names, known)
    numbers = {*guide.measured, *_seen(guide.criteria), *OWN_NUMBERS}
    for name, score in guide.scores.items():
        score_named(score.by)
        _defined(guide, f"score.{name}.from", score.inputs.values(), numbers)
        numbers.add(name)  # a score may feed the ones written below it
    _defined(guide, "words", guide.words, {*guide.task.predicates, *numbers})
    for name, criterion in guide.criteria.items():
        for formula in (criterion.asks, criterion.needs):
            if formula is not None and not isinstance(formula, Seen):
                spoken = names_in(formula)
                _defined(guide, f"criteria.{name}", spoken, numbers)
    if not guide.rows or guide.rows[-1].criteria:
        raise UnreadableGuide(
            guide.name,
            "the table may leave a patient without an answer",
            at="combine.toml",
            expected="a last row without criteria",
        )


def _seen(criteria: Mapping[str, Criterion]) -> list[str]:
    return [name for name, each in criteria.items() if isinstance(each.asks, Seen)]


def _defined(guide: Guide, at: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise UnreadableGuide(
                guide.name, f"{name!r} is not defined", at=at, expected="a defined name"
            )
