"""Who answers for a guideline at this site, and until when it was reviewed there.

A guideline comes without a clinician of this house. `VITRUVIAN_GUIDE_OWNERS` names a TOML file that
says who that is, by the guideline's name, and, once they have reviewed it, the next review:

    [surviving_sepsis]
    owner = "Intensive care, lead physician"
    review_by = 2028-03-31
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from vitruvian.guides.engine.guide import Card

VARIABLE = "VITRUVIAN_GUIDE_OWNERS"
UNREADABLE = f"the site's file of owners cannot be read: {VARIABLE} is to be corrected"


def at_this_site(name: str, card: Card) -> Card:
    """The card with the owner and the review date of this site.

    A file that cannot be used changes nothing but the owner's line, which says so.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return card
    try:
        said = tomllib.loads(Path(path).read_text("utf-8")).get(name)
    except (OSError, ValueError):
        return replace(card, owner=UNREADABLE)
    if said is None:
        return card
    owner = said.get("owner") if isinstance(said, dict) else None
    review_by = card.review_by if owner is None else said.get("review_by", card.review_by)
    is_day = isinstance(review_by, date) and not isinstance(review_by, datetime)
    if not (isinstance(owner, str) and owner.strip() and is_day):
        return replace(card, owner=UNREADABLE)
    return replace(card, owner=owner.strip(), review_by=review_by)
