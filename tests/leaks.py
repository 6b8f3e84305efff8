"""An ear on everything the software says about itself: log lines and error messages.

Demo patients are invented, so their names, identifiers and note sentences are known.
Where one of them stands in a log or an error, a real patient's would have stood too.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from tests.house_rules.tree import SOURCE
from vitruvian.base.errors import VitruvianError
from vitruvian.demo import Life, lives

WORD = re.compile(r"[^\W\d_]+")
SHORTEST_NAME = 3  # letters; "Li" and "Bo" stand in too many other words' places
SHORTEST_SENTENCE = 30  # characters; shorter lines of a note are headings
SEEDS = range(1, 4)


class Secrets:
    """Names, numbers and sentences that no log line and no error may hold.

    A name counts only as a whole word, so that "Mai" is not found in "Main"; the "van" and
    "da" of a family name do not count.
    """

    def __init__(self, *, names: Iterable[str], phrases: Iterable[str], shapes: str = "") -> None:
        words = {word for name in names for word in WORD.findall(name)}
        self.names = frozenset(
            word for word in words if len(word) >= SHORTEST_NAME and not word.islower()
        )
        exact = [re.escape(phrase) for phrase in sorted(set(phrases), key=len, reverse=True)]
        self._phrases = re.compile("|".join([*([shapes] if shapes else []), *exact]) or r"(?!)")

    def found_in(self, text: str) -> bool:
        """Whether the text holds one of them."""
        named = not self.names.isdisjoint(WORD.findall(text))
        return named or self._phrases.search(text) is not None


@cache
def demo_secrets() -> Secrets:
    """What is secret about the patients the demo hospital can invent.

    Names and the hospital's own numbers whatever the seed; insurance numbers and note
    sentences of the first patients of the first seeds.
    """
    listed = tomllib.loads((SOURCE / "demo" / "data" / "names.toml").read_text("utf-8"))
    return Secrets(
        names=[*listed["family"], *listed["male"], *listed["female"]],
        phrases=[phrase for seed in SEEDS for life in lives(seed, 30) for phrase in said_of(life)],
        shapes=r"VH-\d{9}-\d|\+000 555 \d{6}",
    )


def said_of(life: Life) -> Iterator[str]:
    """Numbers and note sentences that belong to one patient."""
    yield life.person.insurance_number
    for document in life.documents:
        yield from (line for line in document.text.splitlines() if len(line) >= SHORTEST_SENTENCE)


class _Keep(logging.Handler):
    def __init__(self, lines: set[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.add(self.format(record))


class Ear:
    """Keeps log lines and error messages until somebody asks whether they name a patient."""

    def __init__(self, secrets: Callable[[], Secrets] = demo_secrets) -> None:
        self._lines: set[str] = set()
        self._secrets = secrets

    def listen(self) -> None:
        """Hear every log line of this process and every error of our tree from now on."""
        logging.getLogger().addHandler(_Keep(self._lines))
        logging.getLogger("vitruvian").setLevel(logging.DEBUG)
        spoken = self._lines
        plain = VitruvianError.__init__

        def remember(self: VitruvianError, *args: object) -> None:
            spoken.add(" ".join([type(self).__name__, *map(str, args)]))
            plain(self, *args)

        VitruvianError.__init__ = remember  # type: ignore[method-assign,assignment]

    def leaks(self, stderr: str = "") -> list[str]:
        """What was heard since the last question and names a demo patient."""
        heard = [*self._lines, *stderr.splitlines()]
        self._lines.clear()
        return [line for line in heard if self._secrets().found_in(line)]
