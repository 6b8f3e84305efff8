"""The access matrix, whole: every question against a model written from the page, not the code.

The model is a table of sentences (`docs/reference/trust.md`); it shares no line with the policy
reader, the file or the judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice, product

import pytest

from vitruvian.trust.access import OPERATIONS, PURPOSES
from vitruvian.trust.policy import Question, judge
from vitruvian.trust.policy.decide import default_policy

ROLES = (
    *("clinician", "radiologist", "geneticist", "researcher", "data steward"),
    *("patient", "proxy", "auditor", "administrator", "operator", "system", "porter"),
)
NEAR = ("care-team", "ward", "study", "self", "proxy", "glass")
LABELS = (
    *("psychiatry", "substance-use", "sexual-health", "violence"),
    *("genetic", "restricted", "very-restricted"),
)
TYPES = (None, "Patient", "Observation", "ImagingStudy", "MolecularSequence", "Consent")
CONSENTS = ("permit", "deny", "silent", "unreadable")
MOST = frozenset(LABELS) - {"very-restricted"}
EVERY = frozenset(LABELS)
LOOKS_AT_IMAGES = {None, "Patient", "Observation", "ImagingStudy"}


def labels_seen(role: str, purpose: str, near: frozenset[str]) -> frozenset[str]:
    """The sensitive records a role sees, by how close it is."""
    close = bool(near & {"care-team", "ward", "glass"})
    if (role, purpose) == ("clinician", "treatment"):
        return EVERY if close else MOST
    return {
        ("clinician", "quality"): frozenset({"genetic"}),
        ("radiologist", "treatment"): frozenset({"genetic", "restricted"}),
        ("geneticist", "treatment"): frozenset({"genetic", "restricted", "sexual-health"}),
        ("researcher", "research"): frozenset({"genetic", "psychiatry", "substance-use"}),
        ("researcher", "quality"): frozenset({"genetic"}),
        ("data steward", "operations"): MOST,
        ("data steward", "quality"): MOST,
        ("proxy", "treatment"): frozenset({"genetic"}),
    }.get((role, purpose), EVERY)


def may(role: str, purpose: str, operation: str) -> bool:
    """Whether a role does such a thing for such a purpose at all."""
    whole = {"read", "count", "write", "export"}
    table = {
        ("clinician", "treatment"): whole,
        ("clinician", "quality"): {"read", "count"},
        ("radiologist", "treatment"): whole - {"export"},
        ("geneticist", "treatment"): whole - {"export"},
        ("researcher", "research"): whole - {"write"},
        ("researcher", "quality"): {"count"},
        ("data steward", "operations"): whole - {"export"},
        ("data steward", "quality"): whole - {"export"},
        ("patient", "treatment"): {"read", "export"},
        ("proxy", "treatment"): {"read"},
        **{("administrator", purpose): whole for purpose in ("treatment", "quality", "operations")},
        **{("operator", purpose): whole for purpose in ("treatment", "quality", "operations")},
        ("system", "operations"): whole,
    }
    return operation in table.get((role, purpose), set())


def reached(role: str, purpose: str, near: frozenset[str], *, guarded: bool) -> bool:
    """Whether a relation ties the role to the person."""
    if role in ("operator", "system"):
        return True
    if role == "patient":
        return "self" in near
    if role == "proxy":
        return "proxy" in near
    if (role, purpose) == ("researcher", "research"):
        return "study" in near
    if role in ("clinician", "radiologist", "geneticist", "administrator"):
        tied = {"care-team", "ward"} | ({"glass"} if purpose == "treatment" else set())
        if role == "administrator" and purpose == "quality":
            tied.add("glass")
        if role == "administrator" and purpose == "operations":
            tied = set()
        return not guarded or bool(near & tied)
    return not guarded


def consented(purpose: str, operation: str, near: frozenset[str], consent: str) -> bool:
    """Whether the stated basis and the person's consents let it happen."""
    if "self" in near:
        return True
    if consent == "unreadable":
        return purpose in ("treatment", "operations") and operation != "export"
    if purpose == "research":
        return consent == "permit"
    if purpose == "operations" or "glass" in near:
        return True
    return consent != "deny"


def model(question: Question) -> bool:
    role, purpose, near = question.role, question.purpose, question.relations
    if not may(role, purpose, question.operation):
        return False
    if not reached(role, purpose, near, guarded=bool(question.guards)):
        return False
    if not consented(purpose, question.operation, near, question.consent):
        return False
    if role == "radiologist" and question.type not in LOOKS_AT_IMAGES:
        return False
    return question.labels <= labels_seen(role, purpose, near)


def relations() -> list[frozenset[str]]:
    """Every set of at most two relations."""
    return [frozenset(some) for count in range(3) for some in combinations(NEAR, count)]


def label_sets() -> list[frozenset[str]]:
    """Nothing sensitive, each label alone, and one pair."""
    alone = [frozenset({one}) for one in LABELS]
    return [frozenset(), *alone, frozenset({"genetic", "sexual-health"})]


def questions(*, every: int = 1) -> Iterator[Question]:
    """Every question there is, or each so-many-th one: a prime meets all values of all parts."""
    everything = product(
        product(
            ROLES, PURPOSES, OPERATIONS, relations(), (frozenset(), frozenset({"vip"})), CONSENTS
        ),
        product(label_sets(), TYPES),
    )
    for (role, purpose, operation, near, guards, consent), (labels, kind) in islice(
        everything, 0, None, every
    ):
        yield Question(role, purpose, operation, near, guards, consent, labels, kind)  # type: ignore[arg-type]


def wrong(*, every: int) -> tuple[int, int, int]:
    """How many were asked, how many leaks there are, how many wrongful refusals."""
    policy = default_policy()
    leaks = refusals = asked = 0
    for question in questions(every=every):
        asked += 1
        found, expected = judge(policy, question) == "allowed", model(question)
        leaks += found and not expected
        refusals += expected and not found
    return asked, leaks, refusals


def test_part_of_the_matrix__is_answered_as_by_an_independent_model() -> None:
    asked, *faults = wrong(every=11)
    assert asked > 100_000
    assert faults == [0, 0]


@pytest.mark.torture
def test_matrix__every_answer_is_that_of_an_independent_model() -> None:
    asked, *faults = wrong(every=1)
    assert asked > 1_000_000
    assert faults == [0, 0]


def test_behind_glass__is_said_exactly_when_breaking_it_would_open() -> None:
    policy = default_policy()
    for question in questions(every=97):
        broken = Question(**{**vars(question), "relations": question.relations | {"glass"}})
        if not model(question):
            said = judge(policy, question)
            assert said == ("behind-glass" if model(broken) else "refused")
