"""A message as segments and fields, taken apart only where somebody looks.

References
----------
HL7 Version 2.8.2, chapter 2.5 (delimiters), 2.7 (escape sequences), 2.A (data types).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from vitruvian.ingest.library.hl7v2.mapping import charset

DELETE = '""'
_LINES = re.compile(r"\r\n|\r|\n")
_MSH = 4


class NotAMessage(ValueError):
    """The bytes are no HL7 v2 message; the word tells what is wrong, without any value."""

    sentence = "it does not begin with an MSH segment"

    def __init__(self) -> None:
        super().__init__(self.sentence)


class SeveralHeaders(NotAMessage):
    """MSH stands in it more than once."""

    sentence = "it does not hold exactly one MSH segment"


class NoDelimiters(NotAMessage):
    """MSH-1 and MSH-2 do not say what separates what."""

    sentence = "MSH-1 and MSH-2 do not declare usable delimiters"


@dataclass(frozen=True)
class Delimiters:
    """The five characters that a message declares for itself in MSH-1 and MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str


@dataclass(frozen=True)
class Segment:
    """One line: its name, which of that name it is (from 1), its fields as sent."""

    name: str
    number: int
    fields: Sequence[str]
    marks: Delimiters

    def raw(self, field: int) -> str:
        """A field exactly as sent; empty when absent."""
        return self.fields[field] if field < len(self.fields) else ""

    def repetitions(self, field: int) -> list[str]:
        """The repetitions of a field as sent; none when the field is empty."""
        said = self.raw(field)
        return said.split(self.marks.repetition) if said else []

    def text(self, field: int, component: int = 1, *, repetition: int = 0) -> str:
        """One component in plain words, its first subcomponent; empty when absent or deleted."""
        said = self.repetitions(field)
        if repetition >= len(said):
            return ""
        return self.part(said[repetition], component)

    def part(self, said: str, component: int, *, sub: int = 1) -> str:
        """One component of one repetition."""
        parts = said.split(self.marks.component)
        if component > len(parts):
            return ""
        subs = parts[component - 1].split(self.marks.subcomponent)
        found = subs[sub - 1] if sub <= len(subs) else ""
        return "" if found == DELETE else unescape(found, self.marks)

    def words(self, field: int) -> str:
        """A whole field as running text, repetitions on lines of their own."""
        return "\n".join(unescape(each, self.marks) for each in self.repetitions(field))

    def deletes(self, field: int) -> bool:
        """Whether the field says that what was known shall go."""
        return self.raw(field) == DELETE


def unescape(text: str, marks: Delimiters) -> str:
    r"""Text with its escape sequences resolved.

    Examples
    --------
    >>> unescape(r"A\T\B\.br\C\X41\ ", Delimiters("|", "^", "~", "\\", "&"))
    'A&B\nCA '
    """
    escape = marks.escape
    if not escape or escape not in text:
        return text
    plain = {
        "F": marks.field, "S": marks.component, "T": marks.subcomponent,
        "R": marks.repetition, "E": escape, "H": "", "N": "",
    }  # fmt: skip

    def resolve(found: re.Match[str]) -> str:
        word = found[1]
        if word in plain:
            return plain[word]
        if word.startswith(".") or word == "P":
            return "\n" if word[:3] in {".br", ".sp", ".ce"} else ""
        if word.startswith("X") and re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", word):
            return bytes.fromhex(word[1:]).decode("latin-1")
        return found[0]

    mark = re.escape(escape)
    return re.sub(f"{mark}([^{mark}\n]*){mark}", resolve, text)


@dataclass(frozen=True)
class Message:
    """One message: its segments in order."""

    segments: tuple[Segment, ...]
    charset_doubtful: bool = False

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]

    @cached_property
    def kind(self) -> str:
        """Type of message: ADT, ORU, ..."""
        return self.header.text(9).upper()

    @cached_property
    def trigger(self) -> str:
        """Trigger event: A01, R01, ..."""
        return (self.header.text(9, 2) or self.of("EVN").text(1)).upper()

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return self.header.text(10)

    @property
    def sender(self) -> str:
        """Sending application and facility."""
        return f"{self.header.raw(3)}|{self.header.raw(4)}"

    def of(self, name: str) -> Segment:
        """The first segment of that name; an empty one when there is none."""
        found = next(self.all(name), None)
        return found or Segment(name, 0, (), self.header.marks)

    def all(self, *names: str) -> Iterator[Segment]:
        """Every segment of these names, in order."""
        return (each for each in self.segments if each.name in names)


def parse_message(data: bytes) -> Message:
    """Take a message apart.

    Raises
    ------
    NotAMessage
        When it does not begin with a usable MSH segment.
    """
    text, _, doubtful = decoded(data)
    marks = _delimiters(text)
    segments, numbers = [], dict[str, int]()
    for line in _lines(text, marks.field):
        name = line[:3]
        fields = line.split(marks.field)
        if name == "MSH":
            # MSH-1 is the separator itself, so the second piece is MSH-2
            fields.insert(1, marks.field)
        numbers[name] = numbers.get(name, 0) + 1
        segments.append(Segment(name, numbers[name], fields, marks))
    if numbers.get("MSH", 0) != 1:
        raise SeveralHeaders
    return Message(tuple(segments), doubtful)


def decoded(data: bytes) -> tuple[str, str, bool]:
    """The text, the codec it was read with, and whether its declared set did not fit."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    head = data[:2000].decode("latin-1")
    fields = _LINES.split(head, maxsplit=1)[0].split(head[3:4] or "|")
    declared = fields[17].split("~")[0] if len(fields) > 17 else ""  # noqa: PLR2004  MSH-18
    try:
        return data.decode(charset(declared)), charset(declared), False
    except (UnicodeDecodeError, LookupError):
        pass
    try:
        return data.decode("utf-8"), "utf-8", True
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1", True


def _delimiters(text: str) -> Delimiters:
    if not text.startswith("MSH") or len(text) < _MSH + 4:
        raise NotAMessage
    mark = text[3]
    declared = _LINES.split(text, maxsplit=1)[0].split(mark)
    encoding = declared[1] if len(declared) > 1 else ""
    if mark.isalnum() or not 2 <= len(encoding) <= 5 or len({mark, *encoding}) <= len(encoding):  # noqa: PLR2004  MSH-2 has four or five, old systems two
        raise NoDelimiters
    component, repetition, escape, sub = list(encoding + "\0\0\0")[:4]
    return Delimiters(mark, component, repetition, "" if escape == "\0" else escape, sub)


def _lines(text: str, mark: str) -> Iterator[str]:
    """Segments; a line that does not begin like one goes on with the one before."""
    begins = re.compile(rf"[A-Z][A-Z0-9]{{2}}(?:{re.escape(mark)}|$)")
    held = ""
    for line in _LINES.split(text):
        if begins.match(line):
            if held:
                yield held
            held = line
        elif line.strip():
            held += "\n" + line
    if held:
        yield held
