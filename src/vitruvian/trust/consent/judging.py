"""What a consent answers, when some of what it says may not be readable. Pure.

Every condition holds, does not hold, or may do either; so a consent answers with all the words
that are possible. Only a single word is an answer; more than one is an unreadable consent.
Where provisions side by side disagree, deny wins.

References
----------
HL7 FHIR R4 (4.0.1), Consent.provision: nested provisions are exceptions to the one around them.
GA4GH Data Use Ontology, release 2021-02-23: DUO_0000042 general research use, DUO_0000006
health, medical or biomedical research, DUO_0000007 disease specific, DUO_0000011 ancestry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from vitruvian.trust.access import Operation, Purpose
from vitruvian.trust.consent.terms import Provision, Terms, Turn
from vitruvian.trust.policy.words import Policy, Study

Word = Literal["permit", "deny", "silent"]
Maybe = bool | None
ACTIONS: dict[Operation, frozenset[str]] = {
    "read": frozenset({"access", "use"}),
    "count": frozenset({"access", "use"}),
    "write": frozenset({"collect", "correct"}),
    "export": frozenset({"disclose"}),
}
KNOWN_ACTIONS = frozenset({"collect", "access", "use", "disclose", "correct"})
DUO = "DUO:"
GENERAL_USE = frozenset({"DUO:0000042", "DUO:0000004"})
MEDICAL_USE, DISEASE_USE, ANCESTRY_USE = "DUO:0000006", "DUO:0000007", "DUO:0000011"
DUO_WORDS = {MEDICAL_USE: "HMB", DISEASE_USE: "DS", ANCESTRY_USE: "POA"}


@dataclass(frozen=True)
class Asked:
    """What a consent is asked about: who wants what, and one record.

    Parameters
    ----------
    now
        The present, ISO 8601 UTC; consents are always judged now.
    actors
        References by which the one who asks is known.
    study
        The project it is for; None for none.
    type, labels, codes, record, time
        The record: its FHIR type, sensitivity labels of the policy, codes, reference, and when
        what it tells of happened. Time is None when not known.
    """

    purpose: Purpose
    now: str
    operation: Operation = "read"
    actors: frozenset[str] = frozenset()
    study: Study | None = None
    type: str | None = None
    labels: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    record: str | None = None
    time: str | None = None


def outcomes(policy: Policy, terms: Terms, asked: Asked) -> frozenset[Word]:
    """Every word this consent may mean for what is asked; one when it is clear.

    Parameters
    ----------
    policy
        Says what a site's codes mean.
    terms
        The consent.
    asked
        What is asked.
    """
    if terms.scope == "research" and asked.purpose != "research":
        return frozenset({"silent"})
    if terms.why_unreadable is not None:
        return frozenset({"permit", "deny", "silent"})
    root, base = terms.root, terms.base
    fits = _fits(policy, root, asked)
    found: set[Word] = set()
    if fits is not True:
        found.add(base if root.turn is not None and base is not None else "silent")
    inner = root.turn or base
    if fits is not False and inner is not None:
        found |= _inside(policy, root, asked, inner)
    return frozenset(found)


def several(each: Iterable[frozenset[Word]]) -> frozenset[Word]:
    """What several consents of one person may mean together: deny wins, then permit."""
    return reduce(_together, each, frozenset[Word]({"silent"}))


def word_of(found: frozenset[Word]) -> Literal["permit", "deny", "silent", "unreadable"]:
    """The one word, or that there is not one."""
    return next(iter(found)) if len(found) == 1 else "unreadable"


def _together(some: frozenset[Word], others: frozenset[Word]) -> frozenset[Word]:
    return frozenset(_stronger(one, other) for one in some for other in others)


def _stronger(one: Word, other: Word) -> Word:
    return next((word for word in ("deny", "permit") if word in (one, other)), "silent")


def _inside(policy: Policy, around: Provision, asked: Asked, base: Turn) -> frozenset[Word]:
    """What may hold inside a provision: its own word, unless exceptions say otherwise."""
    spoken = several(_exception(policy, part, asked) for part in around.parts)
    return frozenset(base if word == "silent" else word for word in spoken)


def _exception(policy: Policy, part: Provision, asked: Asked) -> frozenset[Word]:
    if part.turn is None:
        return frozenset({"permit", "deny", "silent"})
    fits = _fits(policy, part, asked)
    found: set[Word] = set() if fits is True else {"silent"}
    if fits is not False:
        found |= _inside(policy, part, asked, part.turn)
    return frozenset(found)


def _fits(policy: Policy, part: Provision, asked: Asked) -> Maybe:
    """Whether all conditions of a provision hold."""
    held = list(_conditions(policy, part, asked))
    if any(one is False for one in held):
        return False
    return None if any(one is None for one in held) else True


def _conditions(policy: Policy, part: Provision, asked: Asked) -> Iterator[Maybe]:
    if part.unclear:
        yield None
    yield _within(asked.now, part.start, part.end)
    yield _any([_purpose(policy, code, asked) for code in part.purposes])
    yield _any([_actor(policy, actor, asked) for actor in part.actors])
    yield _any([_action(action, asked) for action in part.actions])
    yield _any([_label(policy, code, asked) for code in part.labels])
    yield _any([None if asked.type is None else one == asked.type for one in part.classes])
    yield _any([_code(policy, code, asked) for code in part.codes])
    yield _any([_record(one, asked) for one in part.records])
    if part.data_start or part.data_end:
        yield None if asked.time is None else _within(asked.time, part.data_start, part.data_end)


def _any(each: Sequence[Maybe]) -> Maybe:
    """Whether one of several holds; none to choose from holds always."""
    if not each or any(one is True for one in each):
        return True
    return None if any(one is None for one in each) else False


def _within(at: str, start: str | None, end: str | None) -> bool:
    return (start is None or start <= at) and (end is None or at < end)


def _purpose(policy: Policy, code: str, asked: Asked) -> Maybe:
    if code.startswith(DUO):
        return _use(code, asked)
    known = policy.purposes_said.get(code)
    return None if known is None else known == asked.purpose


def _use(code: str, asked: Asked) -> Maybe:
    """Whether a data use permits the study; a disease is matched by the study's own words."""
    if asked.purpose != "research":
        return False
    if code in GENERAL_USE:
        return True
    if asked.study is None:
        return None
    uses = asked.study.uses
    if code == MEDICAL_USE:
        return any(one == "HMB" or one.startswith("DS") for one in uses)
    if code in DUO_WORDS:
        word = DUO_WORDS[code]
        # Which disease or ancestry a consent means stands elsewhere: close is not enough.
        close = None if any(one.startswith(word) for one in uses) else False
        return True if word in uses else close
    return True if code in asked.study.meets else None


def _actor(policy: Policy, actor: str, asked: Asked) -> Maybe:
    if actor in asked.actors or actor in policy.ours:
        return True
    person = actor.partition("/")[0] in ("Practitioner", "Patient", "RelatedPerson", "Device")
    # Somebody else by name; an organisation or a group may hold the one who asks.
    return False if person else None


def _action(action: str, asked: Asked) -> Maybe:
    return action in ACTIONS[asked.operation] if action in KNOWN_ACTIONS else None


def _label(policy: Policy, code: str, asked: Asked) -> Maybe:
    meant = [name for name, label in policy.labels.items() if code in label.security]
    return meant[0] in asked.labels if meant else None


def _code(policy: Policy, code: str, asked: Asked) -> Maybe:
    meant = policy.codes_said.get(code.rpartition("//")[2])
    if meant is not None:
        return meant == asked.purpose
    if "//" not in code:
        return None
    return True if code in asked.codes else (None if asked.type is None else False)


def _record(record: str, asked: Asked) -> Maybe:
    if record.startswith("ResearchStudy/"):
        study = None if asked.study is None else f"ResearchStudy/{asked.study.name}"
        return record == study
    return None if asked.record is None else record == asked.record
