"""Notes with planted identifiers whose names stand in no list that the rules have.

Names are put together from syllables, or are rare ones of other tongues; each is checked against
the lists and thrown away when it is there. The notes of the demo hospital stand around them.
"""

# ruff: noqa: E501 -- tables and formulas on one line

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vitruvian.research.deidentify.notes.words import FAMILY, GIVEN, plain, traits, words

HERE = Path(__file__).parent
DEMO = Path(__file__).resolve().parents[2] / "src/vitruvian/demo/data/notes.toml"
LANGUAGES = ("en", "es", "fr", "nb", "de")


@dataclass(frozen=True)
class Planted:
    """A note and where its identifiers stand: start, end, kind."""

    language: str
    text: str
    spans: tuple[tuple[int, int, str], ...]


def planted(count: int, *, seed: int = 1) -> Iterator[Planted]:
    """Notes in all five languages, one after another."""
    rng = random.Random(seed)
    data = tomllib.loads((HERE / "planted.toml").read_text("utf-8"))
    around = [one["text"] for one in tomllib.loads(DEMO.read_text("utf-8")).values()]
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        yield _note(rng, data[language], (language, rng.choice(around)))


def _note(rng: random.Random, told: dict[str, list[str]], at: tuple[str, str]) -> Planted:
    language, around = at
    facts = _Facts(rng, told, language)
    lines = rng.sample(told["sentences"], 6)
    filler = [line for line in around.splitlines() if line and "{" not in line][:4]
    text, spans = "", []
    for place, line in enumerate(lines):
        for piece in line.replace("}", "{").split("{"):
            if piece in _KINDS:
                value = facts.of(piece)
                spans.append((len(text), len(text) + len(value), _KINDS[piece]))
                text += value
            else:
                text += piece
        ordinary = told["ordinary"][(place * 7 + len(text)) % len(told["ordinary"])]
        text += " " + ordinary + "\n" + (filler[place] + "\n" if place < len(filler) else "")
    return Planted(language, text, tuple(spans))


_KINDS = {
    "given": "name", "family": "name", "name": "name", "other": "name", "staff": "name", "reversed": "name",
    "date": "date", "birth": "date", "day": "date", "phone": "phone", "email": "email", "url": "url",
    "mrn": "id", "national": "id", "street": "place", "town": "place", "code": "place", "job": "profession",
    "old": "age", "hospital": "place",
}  # fmt: skip


class _Facts:
    """One person's identifiers; the same name wherever it is asked for."""

    def __init__(self, rng: random.Random, told: dict[str, list[str]], language: str) -> None:
        self.rng, self.told, self.language = rng, told, language
        self.given, self.family = new_name(rng, language), new_name(rng, language)

    def of(self, what: str) -> str:
        """A value of that kind."""
        rng = self.rng
        made = {
            "given": lambda: self.given,
            "family": lambda: self.family,
            "name": lambda: f"{self.given} {self.family}",
            "reversed": lambda: f"{self.family}, {self.given}",
            "other": lambda: f"{new_name(rng, self.language)} {new_name(rng, self.language)}",
            "staff": lambda: new_name(rng, self.language),
            "mrn": lambda: f"{rng.randrange(10**6, 10**8)}",
            "email": lambda: f"{plain(new_name(rng, 'en'))}.{rng.randrange(99)}@example.org",
            "url": lambda: f"https://www.{plain(new_name(rng, 'en'))}.example.com/p",
            "old": lambda: str(rng.randrange(91, 104)),
            "national": lambda: national(rng, self.language),
            "date": lambda: self._pattern("dates"),
            "birth": lambda: self._pattern("dates"),
            "day": lambda: self._pattern("dates"),
            "phone": lambda: self._pattern("phones"),
            "street": lambda: self._pattern("streets"),
            "code": lambda: self._pattern("codes"),
            "town": lambda: new_name(rng, self.language),
            "hospital": lambda: self._pattern("hospitals"),
            "job": lambda: rng.choice(self.told["jobs"]),
        }
        return made[what]()

    def _pattern(self, key: str) -> str:
        """A pattern with digits for #, a name for @, a month for %, a day for $, a year for ~."""
        rng = self.rng
        made = rng.choice(self.told[key])
        while "#" in made:
            made = made.replace("#", str(rng.randrange(1, 10)), 1)
        made = made.replace("@", new_name(rng, self.language))
        made = made.replace("%", rng.choice(self.told["months"])).replace(
            "$", str(rng.randrange(1, 29))
        )
        made = made.replace("^", f"{rng.randrange(1, 13):02d}")
        return made.replace("~", str(rng.randrange(1930, 2025)))


_ONSETS = "b br c d dr f fl g gr h k kl kr l m n p pl qu r s sk st sv t th tr v w x z ch sh".split()
_VOWELS = "a e i o u ai au ei ie oa y".split()
_LOCAL = {
    "es": "á é í ó ñ".split(),
    "fr": "é è ê ç".split(),
    "nb": "å ø æ".split(),
    "de": "ä ö ü ß".split(),
}
_ENDS = "n r l s k t nd rk st m d x sk lt".split()


def new_name(rng: random.Random, language: str) -> str:
    """A name that no list knows, and that is no word of one."""
    while True:
        parts = [rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((2, 2, 3)))]
        if language in _LOCAL and rng.random() < 0.2:
            parts[-1] = rng.choice(_ONSETS) + rng.choice(_LOCAL[language])
        name = ("".join(parts) + rng.choice(_ENDS)).capitalize()
        known = words()
        low = plain(name)
        listed = low in known.english or low in known.common or low in known.places
        if not (traits(name) & (GIVEN | FAMILY) or listed):
            return name


def national(rng: random.Random, language: str) -> str:
    """A right national id of the country of that language."""
    digits = "".join(str(rng.randrange(10)) for _ in range(9))
    if language == "es":
        return f"{digits[:8]}{'TRWAGMYFPDXBNJZSQVHLCKE'[int(digits[:8]) % 23]}"
    if language == "fr":
        number = (
            f"{rng.choice('12')}{rng.randrange(30, 99)}{rng.randrange(1, 13):02d}75{digits[:6]}"
        )
        return f"{number}{97 - int(number) % 97:02d}"
    if language == "nb":
        return _norwegian(rng)
    if language == "de":
        return _german(rng)
    return f"{rng.randrange(100, 665)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"


def _norwegian(rng: random.Random) -> str:
    while True:
        body = f"{rng.randrange(1, 29):02d}{rng.randrange(1, 13):02d}{rng.randrange(30, 99)}{rng.randrange(100, 500)}"
        first = (
            11
            - sum(w * int(n) for w, n in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), body, strict=True)) % 11
        )
        first = 0 if first == 11 else first
        if first == 10:
            continue
        second = (
            11
            - sum(
                w * int(n)
                for w, n in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), f"{body}{first}", strict=True)
            )
            % 11
        )
        second = 0 if second == 11 else second
        if second != 10:
            return f"{body}{first}{second}"


def _german(rng: random.Random) -> str:
    """A Steuer-IdNr: ten digits of which one stands twice, and its check digit."""
    digits = rng.sample("0123456789", 9)
    digits.insert(rng.randrange(1, 9), digits[0])
    while digits[0] == "0":
        rng.shuffle(digits)
    product = 10
    for one in digits:
        product = ((int(one) + product) % 10 or 10) * 2 % 11
    return "".join(digits) + str((11 - product) % 10)
