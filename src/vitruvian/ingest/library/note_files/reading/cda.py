"""C-CDA documents: whose, when, what, and the text of each section.

Entities are refused: nothing is expanded, nothing fetched.

References
----------
HL7 CDA R2 (ISO/HL7 27932:2009); HL7 C-CDA Release 2.1, section 1.1 (US Realm Header).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from vitruvian.ingest.errors import Malformed, Truncated
from vitruvian.ingest.library.note_files.reading.text import normal

KIND = "C-CDA document"
ROOT = "ClinicalDocument"
_SPACE = "urn:hl7-org:v3"
_DEPTH = 200
_TIME = re.compile(r"^(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?([+-]\d{4})?$")
_LOINC = "2.16.840.1.113883.6.1"
_SEXES = {"F": "female", "M": "male", "UN": "other"}
_BLOCKS = {"paragraph", "list", "item", "table", "tr", "caption", "br", "title", "text", "thead",
           "tbody"}  # fmt: skip
Fields = dict[str, str | None]


@dataclass
class Node:
    """One element with what stands in it."""

    name: str
    attributes: dict[str, str]
    parts: list[Node | str] = field(default_factory=list)

    def nodes(self, *path: str) -> Iterator[Node]:
        """Elements at the end of a path of names."""
        for part in self.parts:
            if isinstance(part, Node) and part.name == path[0]:
                yield from part.nodes(*path[1:]) if len(path) > 1 else iter((part,))

    def first(self, *path: str) -> Node | None:
        """The first element at the end of a path."""
        return next(self.nodes(*path), None)

    def said(self, attribute: str, *path: str) -> str | None:
        """An attribute of the first element at the end of a path."""
        found = self.first(*path)
        return None if found is None else found.attributes.get(attribute)

    @property
    def words(self) -> str:
        """All text in it; blocks begin a line, cells are set apart."""
        out: list[str] = []
        _say(self, out)
        lines = (" ".join(line.split(" ")).strip() for line in "".join(out).split("\n"))
        return "\n".join(line for line in lines if line)


def _say(node: Node, out: list[str]) -> None:
    if node.name in _BLOCKS:
        out.append("\n")
    for part in node.parts:
        if isinstance(part, str):
            out.append(re.sub(r"\s+", " ", part))
        else:
            _say(part, out)
    if node.name in {"td", "th"}:
        out.append("\t")
    elif node.name in _BLOCKS:
        out.append("\n")


class _Builder:
    """Makes the tree, in the order the parser reads."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self.root is None and (space != _SPACE or local != ROOT):
            what = f"it is no {ROOT} of HL7 version 3"
            raise Malformed(KIND, what)
        node = Node(local, attributes)
        if self._open:
            self._open[-1].parts.append(node)
        else:
            self.root = node
        self._open.append(node)
        if len(self._open) > _DEPTH:
            what = f"elements within elements, more than {_DEPTH} deep"
            raise Malformed(KIND, what)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, said: str) -> None:
        if self._open:
            self._open[-1].parts.append(said)


def _refuse(*_: object) -> None:
    what = "it declares a document type, which no C-CDA document does"
    raise Malformed(KIND, what)


def parse(data: bytes) -> Node:
    """The tree of a document.

    Raises
    ------
    Truncated
        When it ends before its root does.
    Malformed
        When it is not well-formed, or no clinical document.
    """
    parser, builder = expat.ParserCreate(namespace_separator=" "), _Builder()
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.buffer_text = True
    try:
        parser.Parse(data, False)  # noqa: FBT003  expat takes it by place
    except expat.ExpatError:
        what = "its XML is broken"
        raise Malformed(KIND, what) from None
    except (LookupError, ValueError):
        what = "its XML names an encoding that there is not, or that no XML is written in"
        raise Malformed(KIND, what) from None
    try:
        parser.Parse(b"", True)  # noqa: FBT003  the same
    except expat.ExpatError:
        raise Truncated(KIND) from None
    assert builder.root is not None  # noqa: S101  the parser ends with a root, or raises
    return builder.root


def fields_of(root: Node) -> Fields:
    """A document as the columns of a sheet of notes."""
    role = root.first("recordTarget", "patientRole") or Node("", {})
    person = role.first("patient") or Node("", {})
    code = root.first("code") or Node("", {})
    known = root.said("value", "legalAuthenticator", "time")
    return {
        "note_id": _id(root.first("setId") or root.first("id")),
        "identifier_system": _system(role.first("id")),
        "patient_id": role.said("extension", "id"),
        "time": iso(root.said("value", "effectiveTime")),
        "signed_at": iso(known),
        "title": _words(root.first("title")) or code.attributes.get("displayName"),
        "code": _code(code),
        "language": root.said("code", "languageCode"),
        "status": "signed" if root.first("legalAuthenticator") else "unsigned",
        "text": normal(_sections(root)) or None,
        "family": _words(person.first("name", "family")),
        "given": " ".join(each.words for each in person.nodes("name", "given")) or None,
        "born": _date(person.said("value", "birthTime")),
        "sex": _SEXES.get(person.said("code", "administrativeGenderCode") or ""),
    }


def _sections(root: Node) -> str:
    """Titles and texts of all sections, those within others after them."""
    body = root.first("component", "structuredBody")
    return "" if body is None else "\n\n".join(filter(None, _texts(body)))


def _texts(node: Node) -> Iterator[str]:
    for section in node.nodes("component", "section"):
        parts = (_words(section.first("title")), _words(section.first("text")))
        yield "\n".join(filter(None, parts))
        yield from _texts(section)


def _words(node: Node | None) -> str | None:
    return None if node is None else node.words or None


def _id(node: Node | None) -> str | None:
    if node is None or "root" not in node.attributes:
        return None
    return "^".join(filter(None, (node.attributes["root"], node.attributes.get("extension"))))


def _system(node: Node | None) -> str | None:
    root = None if node is None else node.attributes.get("root")
    return f"urn:oid:{root}" if root else None


def _code(node: Node) -> str | None:
    code = node.attributes.get("code")
    return f"LOINC//{code}" if code and node.attributes.get("codeSystem") == _LOINC else None


def iso(text: str | None) -> str | None:
    """A moment of HL7 version 3 as ISO 8601 writes it; what is none stays and is refused later.

    Examples
    --------
    >>> iso("202403050715+0100"), iso("20240305"), iso("soon")
    ('2024-03-05T07:15:00+01:00', '2024-03-05', 'soon')
    """
    found = _TIME.match(text or "")
    if found is None:
        return text
    year, month, day, hour, minute, second, zone = found.groups()
    date = "-".join(filter(None, (year, month, day)))
    if hour is None:
        return date
    offset = f"{zone[:3]}:{zone[3:]}" if zone else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{offset}"


def _date(text: str | None) -> str | None:
    told = iso(text)
    return told[:10] if told else None
