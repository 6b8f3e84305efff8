"""One secret a project, one a person in it: whoever lacks the key can undo nothing.

References
----------
Krawczyk H, Bellare M, Canetti R. HMAC: Keyed-Hashing for Message Authentication. RFC 2104.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

_POSITIVE = (1 << 62) - 1
_MOST_DAYS = 364
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _keyed(key: bytes, *words: str) -> bytes:
    """A keyed hash of words that cannot run into one another."""
    said = "".join(f"{len(word)}:{word}" for word in words)
    return hmac.new(key, said.encode(), sha256).digest()


@dataclass(frozen=True)
class Project:
    """A research project and its key.

    Parameters
    ----------
    name
        The project; another one gives other pseudonyms under the same key.
    key
        At least 32 random bytes, kept outside the zone.
    """

    name: str
    key: bytes

    def __repr__(self) -> str:
        """The name alone: a key does not belong in a log."""
        return f"Project({self.name!r})"

    def number(self, kind: str, value: object) -> int:
        """The pseudonym of an id: positive, the same for the same id, of another kind another.

        Examples
        --------
        >>> project = Project("p", b"k" * 32)
        >>> project.number("subject", 7) == project.number("subject", 7)
        True
        >>> project.number("subject", 7) == project.number("encounter", 7)
        False
        """
        return int.from_bytes(_keyed(self.key, self.name, kind, str(value))[:8]) & _POSITIVE

    def text(self, kind: str, value: str) -> str:
        """The pseudonym of an id that is text."""
        return _keyed(self.key, self.name, kind, value).hex()[:24]

    def uid(self, value: str) -> str:
        """The pseudonym of a DICOM UID, below the root for UUIDs.

        References
        ----------
        DICOM PS3.5 2024e, B.2: a UID below 2.25 is a 128-bit number.
        """
        return f"2.25.{int.from_bytes(_keyed(self.key, self.name, 'uid', value)[:16])}"

    def person(self, person_id: object) -> Person:
        """One person of this project."""
        return Person(_keyed(self.key, self.name, "person", str(person_id)))


@dataclass(frozen=True)
class Person:
    """Everything that is replaced for one person is replaced alike, in every modality."""

    secret: bytes

    def __repr__(self) -> str:
        """Nothing: a secret does not belong in a log."""
        return "Person()"

    @cached_property
    def days(self) -> int:
        """By how many days this person's dates are moved: 1 to 364, back or forth, never 0."""
        found = int.from_bytes(_keyed(self.secret, "days")[:8])
        return (found // 2 % _MOST_DAYS + 1) * (1 if found % 2 else -1)

    def choice(self, kind: str, value: str, among: int) -> int:
        """A number below ``among``, always the same for the same value."""
        return int.from_bytes(_keyed(self.secret, kind, value)[:8]) % among

    def like(self, kind: str, value: str) -> str:
        """Other digits and letters in the same places; signs stay.

        Examples
        --------
        >>> other = Project("p", b"k" * 32).person(1).like("record", "AB-123")
        >>> other != "AB-123", other[2], other[:2].isupper(), other[3:].isdigit()
        (True, '-', True, True)
        """
        made = value
        for attempt in range(9):
            made = self._like(f"{kind}{attempt}", value)
            if made != value:
                break
        return made

    def _like(self, kind: str, value: str) -> str:
        plain = "".join(letter for letter in value if letter.isalnum()).lower()
        stream = b"".join(
            _keyed(self.secret, kind, plain, str(n)) for n in range(len(value) // 16 + 1)
        )
        made = []
        for letter, byte in zip(value, stream, strict=False):
            if letter.isdigit():
                made.append(_DIGITS[byte % 10])
            elif letter.isalpha():
                chosen = _LETTERS[byte % 26]
                made.append(chosen.upper() if letter.isupper() else chosen)
            else:
                made.append(letter)
        return "".join(made)
