"""Numbers and signs behind the name of a biomarker, and what they mean.

References
----------
Where only a number is told, its meaning is that of:
Allison KH et al. Estrogen and progesterone receptor testing in breast cancer: ASCO/CAP guideline
update. J Clin Oncol 2020;38:1346-1366, doi:10.1200/JCO.19.02309: positive from 1 % of nuclei.
Goldhirsch A et al. St Gallen consensus. Ann Oncol 2013;24:2206-2223, doi:10.1093/annonc/mdt303:
Ki-67 is high from 20 %.
Reck M et al. KEYNOTE-024. N Engl J Med 2016;375:1823-1833, doi:10.1056/NEJMoa1606774, and Mok TSK
et al. KEYNOTE-042. Lancet 2019;393:1819-1830, doi:10.1016/S0140-6736(18)32409-7: PD-L1 is positive
from a tumour proportion score of 1 %; Kulangara K et al. Arch Pathol Lab Med 2019;143:330-337,
doi:10.5858/arpa.2018-0043-OA: from a combined positive score of 1.
Wolff AC et al. HER2 testing: ASCO/CAP update. J Clin Oncol 2018;36:2105-2122,
doi:10.1200/JCO.2018.77.8738.
Harvey JM et al. Estrogen receptor status by immunohistochemistry. J Clin Oncol 1999;17:1474-1481,
doi:10.1200/JCO.1999.17.5.1474: an Allred score above 2 of 8 is positive.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from vitruvian.derive.library.oncology.ways import as_written, way

MOST = 100
# Of HER2, by immunohistochemistry (ASCO/CAP 2018).
_BY_SCORE = ("negative", "negative", "equivocal", "positive")
ALLRED_MOST_NEGATIVE = 2
# From so many percent on a protein is positive, or high; below it negative, or low.
_FROM = {
    "ER": (1, "positive", "negative"), "PR": (1, "positive", "negative"),
    "PD-L1": (1, "positive", "negative"), "Ki-67": (20, "high", "low"),
}  # fmt: skip
# "ER (+)", "ALK(-)", "PR (90 % +)".
_SIGN = re.compile(r"^ ?\((?:\D{0,8}?\d{1,3} ?%,? ?)?(\+{1,3}|-)[,)]")
SIGNED = frozenset({"protein", "fusion", "gene", "repair"})
# The score of HER2 is written with a plus, too.
SCORED = "HER2"


class Grade(NamedTuple):
    """What a number or a sign says: up to where it stands, and the answer."""

    end: int
    status: str


class Share(NamedTuple):
    """A percentage as written, and a sign where the number is a bound."""

    number: str
    comparator: str | None


def grade(name: str, kind: str, *, called: str, shown: str, language: str) -> Grade | None:
    """The answer that a score, a sign or a percentage behind a name gives.

    Parameters
    ----------
    name, kind
        Of the biomarker.
    called
        The words it is called by.
    shown
        What follows them.
    language
        Whose words of comparison are read.

    Examples
    --------
    >>> grade("HER2", "protein", called="her2", shown=" IHC 2+, FISH to follow", language="en")
    Grade(end=7, status='equivocal')
    >>> grade("PD-L1", "protein", called="cps", shown=" of 10", language="en").status
    'positive'
    """
    return (
        _scored(name, shown, language)
        or _signed(name, kind, shown, language)
        or _allred(name, shown, language)
        or _by_share(name, kind, shown, language)
        or _combined(name, called, shown, language)
    )


def is_signed(shown: str, language: str) -> bool:
    """Whether a bare plus or minus follows."""
    return way("bare_sign", language).match(shown) is not None


def share(shown: str, language: str) -> Share | None:
    """The percentage behind a name; None for none, for a range or a pair, and beyond 100."""
    found = _percent(language).match(shown)
    if found is None or found["upto"] or found["pair"] or int(found["number"]) > MOST:
        return None
    sign = "<" if found["below"] else ">" if found["above"] else None
    return Share(found["number"], sign)


def of_list(shown: str, place: int, listed: int, *, language: str) -> str:
    """What follows a list of names, as it holds for one of them: "ER/PR/HER2: +/+/-".

    Examples
    --------
    >>> of_list(": +/+/-", 2, 3, language="en")
    ' -,'
    >>> of_list(" positive (90% and 70%)", 1, 2, language="en")
    ' positive (        70%)'
    """
    signs = _SIGNS.match(shown)
    if signs is not None and len(told := re.findall(r"[+-]", signs[0])) == listed:
        return f" {told[place]},"
    shares = way("shares", language).search(shown)
    if shares is not None and len(told := re.findall(r"\d+ ?%", shares[0])) == listed > 1:
        # What follows keeps its place.
        own: str = told[place].rjust(len(shares[0]))
        return shown[: shares.start()] + own + shown[shares.end() :]
    return shown


_SIGNS = re.compile(r"^[ :(]{0,3}[+-](?: ?/ ?[+-])+(?!\w)")


def _scored(name: str, shown: str, language: str) -> Grade | None:
    found = way("her2_score", language).match(shown) if name == SCORED else None
    return found and Grade(found.end(), _BY_SCORE[int(found[0].rstrip("+")[-1])])


def _signed(name: str, kind: str, shown: str, language: str) -> Grade | None:
    if kind not in SIGNED:
        return None
    found = way("bare_sign", language).match(shown) or _SIGN.match(shown)
    if found is None:
        return None
    if name == SCORED and found.re is _SIGN and found[1] != "-":
        # One plus in brackets is a score of 1 to some, and positive to others.
        pluses = len(found[1])
        return Grade(found.end(), _BY_SCORE[pluses]) if pluses > 1 else None
    return Grade(found.end(), "positive" if (found[1] or "-").startswith("+") else "negative")


def _allred(name: str, shown: str, language: str) -> Grade | None:
    found = way("allred", language).match(shown) if name in {"ER", "PR"} else None
    if found is None:
        return None
    score = int(found["score"] or found["alone"])
    return Grade(found.end(), "positive" if score > ALLRED_MOST_NEGATIVE else "negative")


def _by_share(name: str, kind: str, shown: str, language: str) -> Grade | None:
    found = _percent(language).match(shown) if kind == "protein" else None
    return found and Grade(found.end(), _meaning(name, found) or "")


def _combined(name: str, called: str, shown: str, language: str) -> Grade | None:
    """A combined positive score (CPS), which has no percent sign."""
    found = _score_alone(language).match(shown) if name == "PD-L1" else None
    if found is None or not way("combined", language).search(called + found[0].lower()):
        return None
    return Grade(found.end(), _meaning(name, found) or "")


def _meaning(name: str, found: re.Match[str]) -> str | None:
    """What a number means for a protein; None where nothing says it."""
    if name not in _FROM:
        return None
    least, from_it, below_it = _FROM[name]
    value = int(found["number"])
    if value < least or (found["below"] and value <= least):
        # "Over 10 %", "15-25 %" may be either.
        reaches = found.groupdict().get("upto") or ""
        open_above = found["above"] or int(re.sub(r"\D", "", reaches) or 0) >= least
        return None if open_above else below_it
    return from_it


@cache
def _percent(language: str) -> re.Pattern[str]:
    """A percentage; of "1-49 %" the lower bound says whether the protein is there."""
    upto, percent = as_written("upto", language), as_written("percent", language)
    return re.compile(
        rf"^[^.;\n]{{0,48}}?{_bounds(language)}(?P<pair>\d{{1,3}} ?/ ?)?(?P<number>\d{{1,3}})"
        rf"(?P<upto> ?(?:{upto}) ?\d{{1,3}})? ?(?:{percent})"
    )


@cache
def _score_alone(language: str) -> re.Pattern[str]:
    is_ = as_written("score_is", language)
    return re.compile(
        rf"^(?:[ :,(]{{0,3}}[ct]ps)?[ :=,]{{0,3}}(?:(?:{is_}) )?{_bounds(language)}"
        r"(?P<number>\d{1,3})(?![\d%.]\d?)",
        re.IGNORECASE,
    )


def _bounds(language: str) -> str:
    """Words and signs that make a number a bound."""
    below, above = (as_written(name, language) for name in ("below", "above"))
    return rf"(?:(?P<below>{below}) ?|(?P<above>{above}) ?)?"
