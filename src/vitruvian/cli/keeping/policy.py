"""Commands about who may see what: the policy, broken glass, consents to look at."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, FAILED, access_of, draw, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitruvian.trust import Policy
    from vitruvian.trust.policy import Rule

HERE = "may be left out: then the default policy is meant"


def add_policy(whole: Words) -> None:
    """Commands about who may see what."""
    policy = whole.add_group("policy", "Who may see what, for which purpose, and why.")
    for name, run in (("show", run_show), ("test", run_test)):
        one = policy.command(name, run, example=f"policy {name} --lake lake").json()
        one.add_argument("--lake", type=Path, metavar="DIR", help=HERE)
    policy.command("refresh", run_refresh, example="policy refresh --lake lake").lake()
    glass = whole.add_group("glass", "Closed records that were opened in an emergency.")
    listed = glass.command("list", run_list, example="glass list --lake lake").lake().json()
    listed.add_argument("--all", action="store_true", help="also what was reviewed already")
    review = glass.command("review", run_review, example="glass review 5f0c… justified --lake lake")
    review.lake().add_argument("id", metavar="ID", help="as the list names it")
    review.add_argument("verdict", choices=("justified", "not-justified"))
    review.add_argument("--words", default="", metavar="TEXT", help="why")
    consent = whole.add_group("consent", "Consents of patients.")
    consent.command("list", run_consents, example="consent list --lake lake").lake().json()


def run_show(asked: argparse.Namespace) -> int:
    """Print who may see what, on which basis, under the policy in force."""
    policy = policy_in(asked.lake)
    if asked.json:
        rules = [spelt(rule) for rule in policy.rules]
        bases = {purpose: asdict(basis) for purpose, basis in policy.bases.items()}
        say_json({"version": policy.version, "title": policy.title, "bases": bases, "rules": rules})
        return DONE
    say(f"Policy {policy.version}: {policy.title}")
    draw_bases(policy)
    draw_rules(policy)
    return DONE


def run_test(asked: argparse.Namespace) -> int:
    """Try the cases that the policy file itself states."""
    from vitruvian.trust.policy import try_policy

    tried = try_policy(policy_in(asked.lake))
    wrong = [one for one in tried if not one.holds]
    if asked.json:
        say_json([{**asdict(one), "holds": one.holds} for one in tried])
    else:
        for one in wrong:
            say(f"WRONG {one.says}: expected {one.expected}, found {one.found}")
        say(f"{len(tried) - len(wrong)} of {len(tried)} cases of the policy come out as it says.")
    return FAILED if wrong else DONE


def run_refresh(asked: argparse.Namespace) -> int:
    """Compute anew what stored records allow and which are sensitive, after the policy changed."""
    from vitruvian.lake import Lake
    from vitruvian.lake.permit.refresh import refresh_grants

    with Lake.open(asked.lake) as lake:
        added = refresh_grants(lake, access_of("operations"))
        say(f"added {added:,} rows; the lake stands under policy {lake.policy.version}")
    return DONE


def run_list(asked: argparse.Namespace) -> int:
    """List broken glass that waits for a review, newest first."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        found = lake.desk.breakings(waiting=not asked.all)
    if asked.json:
        say_json(found)
        return DONE
    if not found:
        say("No broken glass waits for a review.")
        return DONE
    rows = [
        (
            one.id,
            f"{one.opened_at:%Y-%m-%d %H:%M}",
            one.name,
            one.role,
            str(one.person_id),
            one.reason,
            one.verdict or "waits",
        )
        for one in found
    ]
    table(("id", "opened (UTC)", "account", "role", "person", "reason", "review"), rows)
    return DONE


def run_review(asked: argparse.Namespace) -> int:
    """Say whether a breaking of glass was right."""
    from vitruvian.lake import Lake
    from vitruvian.trust import Deed

    access = access_of("operations")
    with Lake.open(asked.lake) as lake:
        found = lake.desk.review(asked.id, by=access.who, verdict=asked.verdict, words=asked.words)
        said = f"{found.id} {asked.verdict}"
        lake.audit.record(access, Deed("review", subjects=(found.person_id,), definition=said))
    say(f"{found.id}: {found.verdict}")
    return DONE


def run_consents(asked: argparse.Namespace) -> int:
    """List consents that nobody can read, and those withdrawn with what had left before."""
    from vitruvian.lake import Lake
    from vitruvian.lake.permit.consents import consent_lines

    with Lake.open(asked.lake) as lake, lake.read(access_of("operations")) as reader:
        lines = consent_lines(reader, lake.audit)
    if asked.json:
        say_json(lines)
        return DONE
    if not lines:
        say("Every consent can be read, and none was withdrawn.")
        return DONE
    rows = []
    for one in lines:
        left = "; ".join(f"{each.at[:16]} {each.who} {each.what}" for each in one.left)
        where = f"{one.source_id} {one.locator or ''}".strip()
        rows.append((str(one.subject_id), one.state, one.why, where, left or "nothing"))
    table(("subject", "state", "why", "source", "had left before"), rows)
    return DONE


def policy_in(folder: Path | None) -> Policy:
    """The policy of a lake, or the default one; raises `NoLake`."""
    from vitruvian.lake.errors import NoLake
    from vitruvian.trust import policy_of, read_policy
    from vitruvian.trust.policy import DEFAULT

    if folder is None:
        return read_policy(DEFAULT.read_text("utf-8"))
    if not (folder / "lake.sqlite").is_file():
        raise NoLake
    return policy_of(folder)


def draw_bases(policy: Policy) -> None:
    """On what each purpose rests."""
    rows = [
        (purpose, basis.rests_on, "hides" if basis.blocks else "does not hide", basis.words)
        for purpose, basis in policy.bases.items()
    ]
    table(("purpose", "rests on", "a refusal", "in the site's words"), rows)


def draw_rules(policy: Policy) -> None:
    """Who may do what."""
    rows = [
        (*list(spelt(rule).values())[:-1], f"{len(rule.types)} types" if rule.types else "all")
        for rule in policy.rules
    ]
    table(("role", "purposes", "by any of", "may", "sensitive records", "types"), rows)


def spelt(rule: Rule) -> dict[str, str]:
    """A rule in words."""
    return {
        "role": rule.role,
        "purposes": listed(rule.purposes),
        "relations": listed(rule.relations),
        "operations": listed(rule.operations),
        "labels": "all" if rule.labels is None else listed(rule.labels),
        "types": "all" if rule.types is None else listed(rule.types),
    }


def listed(words: Iterable[str]) -> str:
    """Words in order, or that there are none."""
    return ", ".join(sorted(words)) or "none"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """A table on the terminal."""
    from rich.table import Table

    drawn = Table(show_edge=False, pad_edge=False)
    for name in head:
        drawn.add_column(name, overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    draw(drawn)
