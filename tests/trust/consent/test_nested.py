"""Provisions nested in provisions, against a model that walks paths instead of folding sets."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.trust.consent import Asked, Provision, Terms, outcomes, several, terms_of, word_of
from vitruvian.trust.policy.decide import default_policy

NOW = "2026-01-01T00:00:00.000000Z"
# One condition that holds, one that does not, one nobody can read; as (purposes) of a provision.
HOLDS, HOLDS_NOT, WHO_KNOWS = ("HRESCH",), ("TREAT",), ("NO-SUCH-CODE",)
TURNS = st.sampled_from(["permit", "deny"])
CONDITIONS = st.sampled_from([(), HOLDS, HOLDS_NOT, WHO_KNOWS])


def inside(parts: st.SearchStrategy[Provision]) -> st.SearchStrategy[Provision]:
    some = st.lists(parts, max_size=3).map(tuple)
    return st.builds(Provision, turn=TURNS, purposes=CONDITIONS, parts=some)


LEAVES = st.builds(Provision, turn=TURNS, purposes=CONDITIONS)
PARTS = st.recursive(LEAVES, inside, max_leaves=5)
ROOTS = st.builds(
    Provision, turn=st.none(), purposes=CONDITIONS, parts=st.lists(PARTS, max_size=3).map(tuple)
)
TERMS = st.builds(Terms, base=TURNS, scope=st.just("privacy"), root=ROOTS)
ASKED = Asked(purpose="research", now=NOW)


def unknown_places(part: Provision, at: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Where in the tree conditions stand that nobody can read."""
    here = [at] if part.purposes == WHO_KNOWS else []
    return here + [
        place
        for number, inner in enumerate(part.parts)
        for place in unknown_places(inner, (*at, number))
    ]


def decided(part: Provision, held: dict[tuple[int, ...], bool], at: tuple[int, ...] = ()) -> bool:
    """Whether a provision applies in a world where every unreadable condition is settled."""
    return held[at] if part.purposes == WHO_KNOWS else part.purposes != HOLDS_NOT


def spoken(part: Provision, held: dict[tuple[int, ...], bool], at: tuple[int, ...]) -> str | None:
    """What a provision says in one such world; None when it does not apply."""
    if not decided(part, held, at):
        return None
    said = {spoken(inner, held, (*at, n)) for n, inner in enumerate(part.parts)}
    return "deny" if "deny" in said else "permit" if "permit" in said else part.turn


def in_a_world(terms: Terms, held: dict[tuple[int, ...], bool]) -> str:
    said = spoken(terms.root, held, ())
    if not decided(terms.root, held):
        return "silent"
    return said or str(terms.base)


def worlds(terms: Terms) -> frozenset[str]:
    """Every answer that some way of settling the unreadable conditions gives."""
    places = unknown_places(terms.root)
    return frozenset(
        in_a_world(terms, dict(zip(places, settled, strict=True)))
        for settled in product([True, False], repeat=len(places))
    )


@settings(max_examples=400)
@given(TERMS)
def test_nested_provisions__mean_what_every_possible_world_says(terms: Terms) -> None:
    assert outcomes(default_policy(), terms, ASKED) == worlds(terms)


@given(TERMS)
def test_a_consent_that_may_deny__never_reads_as_a_permit(terms: Terms) -> None:
    if word_of(outcomes(default_policy(), terms, ASKED)) != "permit":
        return
    assert worlds(terms) == {"permit"}


@given(TERMS, TERMS)
def test_a_second_consent__never_turns_a_refusal_into_a_permit(one: Terms, other: Terms) -> None:
    policy = default_policy()
    first = outcomes(policy, one, ASKED)
    both = several([first, outcomes(policy, other, ASKED)])
    assert word_of(first) != "deny" or word_of(both) == "deny"
    assert both == several([outcomes(policy, other, ASKED), first])


@given(TERMS)
def test_terms__are_stored_and_read_back_whole(terms: Terms) -> None:
    assert terms_of(terms.text()) == terms
