"""How much of what should be found was found, and what else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

Span = tuple[int, int, str]

# MEDDOCAN's types in the words of this house.
MEDDOCAN = {
    "NOMBRE_SUJETO_ASISTENCIA": "patient",
    "NOMBRE_PERSONAL_SANITARIO": "staff",
    "FECHAS": "date",
    "EDAD_SUJETO_ASISTENCIA": "age",
    "SEXO_SUJETO_ASISTENCIA": "sex",
    "FAMILIARES_SUJETO_ASISTENCIA": "relative",
    "PROFESION": "profession",
    "CALLE": "street",
    "TERRITORIO": "place",
    "PAIS": "country",
    "HOSPITAL": "hospital",
    "CENTRO_SALUD": "hospital",
    "INSTITUCION": "institution",
    "NUMERO_TELEFONO": "phone",
    "NUMERO_FAX": "fax",
    "CORREO_ELECTRONICO": "email",
    "ID_SUJETO_ASISTENCIA": "record",
    "ID_ASEGURAMIENTO": "insurance",
    "ID_CONTACTO_ASISTENCIAL": "contact",
    "ID_TITULACION_PERSONAL_SANITARIO": "licence",
}
# What these say stays in a note by default, so a note is clean although it holds them.
QUASI = frozenset({"sex", "relative", "age", "country", "other"})


@dataclass
class Score:
    """Counts over documents.

    ``right`` spans agree in place and kind, ``covered`` ones have no letter or digit left to see.
    """

    right: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    clean: int = 0
    characters: int = 0
    beyond: int = 0

    def add(self, text: str, gold: Iterable[Span], found: Iterable[Span]) -> None:
        """One more document."""
        gold, found = set(gold), set(found)
        for one in gold & found:
            self.right[one[2]] += 1
        for one in found - gold:
            self.false[one[2]] += 1
        for one in gold - found:
            self.missed[one[2]] += 1
        shown, wanted = _mask(text, found), _mask(text, gold)
        clean = True
        for start, end, kind in gold:
            self.planted[kind] += 1
            hidden = not any(text[at].isalnum() and not shown[at] for at in range(start, end))
            self.covered[kind] += hidden
            clean = clean and (hidden or kind in QUASI)
        self.documents += 1
        self.clean += clean
        self.characters += len(text)
        self.beyond += sum(a > b for a, b in zip(shown, wanted, strict=True))

    def f1(self, kind: str | None = None) -> tuple[float, float, float]:
        """Precision, recall and F1 of exact spans with their kind; of all kinds for None."""
        right, false, missed = (
            sum(count.values()) if kind is None else count[kind]
            for count in (self.right, self.false, self.missed)
        )
        precision = right / max(1, right + false)
        recall = right / max(1, right + missed)
        return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)

    def recall(self, kind: str | None = None) -> float:
        """Share of identifiers of which nothing is left to see."""
        if kind is None:
            return sum(self.covered.values()) / max(1, sum(self.planted.values()))
        return self.covered[kind] / max(1, self.planted[kind])


def _mask(text: str, spans: Iterable[Span]) -> bytearray:
    mask = bytearray(len(text))
    for start, end, _ in spans:
        mask[start:end] = b"\1" * (end - start)
    return mask


def meddocan(folder: Path) -> Iterable[tuple[str, list[Span]]]:
    """The cases in brat's format: text and spans."""
    for path in sorted(folder.glob("*.txt")):
        spans: list[Span] = []
        for line in path.with_suffix(".ann").read_text("utf-8").splitlines():
            if line.startswith("T"):
                kind, start, end = line.split("\t")[1].split()
                spans.append((int(start), int(end), MEDDOCAN.get(kind, "other")))
        with path.open(encoding="utf-8", newline="") as file:
            yield file.read(), spans
