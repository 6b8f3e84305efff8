"""What a file that wants to leave holds: its kind, its table, identifiers and free text in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq

from vitruvian.research.airlock.errors import NoTable

Kind = Literal["table", "text", "image", "model", "archive", "other"]
SUFFIXES: dict[Kind, frozenset[str]] = {
    "table": frozenset({".csv", ".tsv", ".parquet"}),
    "text": frozenset({".txt", ".md", ".json", ".html", ".xml", ".log", ".yaml", ".toml", ".pdf"}),
    "image": frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".nii", ".svg", ".gif"}),
    "model": frozenset({".onnx", ".pt", ".pth", ".pkl", ".pickle", ".joblib", ".h5", ".npz", ".npy",
                        ".safetensors", ".bin", ".ckpt"}),
    "archive": frozenset({".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar"}),
}  # fmt: skip
# First bytes tell the truth where a name does not.
MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"II*\0", "image"),
    (b"MM\0*", "image"), (b"PK\x03\x04", "archive"), (b"\x1f\x8b", "archive"), (b"BZh", "archive"),
    (b"\x89HDF", "model"), (b"\x93NUMPY", "model"), (b"\x80\x04\x95", "model"),
    (b"\x80\x02", "model"), (b"\x80\x05\x95", "model"), (b"PAR1", "table"),
)  # fmt: skip
PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
DICOM_AT = 128
# Names of columns that say themselves that they identify; in the spelling of HIPAA's 18 kinds,
# 45 CFR 164.514(b)(2)(i).
NAMED = re.compile(
    r"(^|_)(name|surname|family|given|first_?name|last_?name|mrn|ssn|nhs|fnr|address|street|phone|"
    r"fax|e?mail|birth_?date|date_?of_?birth|dob|identifier|patient_?id|subject_?id|person_?id|"
    r"medical_?record|passport|licen[cs]e|account|url|ip)($|_)",
    re.IGNORECASE,
)
FREE_TEXT_LETTERS = 40
TOKEN = re.compile(r"[^\s,;|\"'<>()\[\]{}]+")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sheet:
    """A table as read."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def kind_of(path: Path, head: bytes) -> Kind:
    """What kind of file it is: by its first bytes, then by its name.

    Examples
    --------
    >>> kind_of(Path("figure.csv"), bytes([0x89]) + b"PNG")
    'image'
    """
    if head[DICOM_AT : DICOM_AT + 4] == b"DICM":
        return "image"
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    suffix = path.suffix.lower()
    return next((kind for kind, known in SUFFIXES.items() if suffix in known), "other")


def is_pickle(head: bytes) -> bool:
    """Whether opening the file would run what is written in it."""
    return head.startswith(PICKLES)


def sheet_of(name: str, body: bytes) -> Sheet:
    """The table a file holds, every cell as text; raises `NoTable`."""
    try:
        if body.startswith(b"PAR1"):
            read = pq.read_table(io.BytesIO(body))
            rows = [
                {k: "" if v is None else str(v) for k, v in row.items()} for row in read.to_pylist()
            ]
            return Sheet(tuple(read.column_names), tuple(rows))
        text = body.decode("utf-8-sig")
        reader = csv.DictReader(
            io.StringIO(text), delimiter="\t" if name.endswith(".tsv") else ",", strict=True
        )
        found = [{k: v or "" for k, v in row.items()} for row in reader]
        if any(None in row for row in found):  # cells beyond the columns, which nobody would check
            raise NoTable
    except (UnicodeDecodeError, csv.Error, OSError, ValueError):
        raise NoTable from None
    return Sheet(tuple(reader.fieldnames or ()), tuple(found))


def named_columns(columns: Iterable[str]) -> list[str]:
    """Columns whose names say that they identify somebody.

    Examples
    --------
    >>> named_columns(["age", "birth_date", "Patient_ID", "filename_count"])
    ['birth_date', 'Patient_ID']
    """
    return [name for name in columns if NAMED.search(name)]


def free_text_columns(sheet: Sheet) -> list[str]:
    """Columns of which a cell reads like a sentence."""
    return [
        name
        for name in sheet.columns
        if any(sum(c.isalpha() for c in row[name]) > FREE_TEXT_LETTERS for row in sheet.rows)
    ]


def formulas(sheet: Sheet) -> int:
    """Cells that a spreadsheet would run as a formula; numbers with a sign are none.

    References
    ----------
    OWASP, CSV Injection.
    """
    return sum(
        cell.startswith(FORMULA) and not _is_number(cell)
        for row in sheet.rows
        for cell in row.values()
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def texts_of(sheet: Sheet) -> str:
    """Every different cell of a table once, line by line, for a search."""
    cells = {cell for row in sheet.rows for cell in row.values() if any(map(str.isalpha, cell))}
    return "\n".join(sorted(cells))


def printable(body: bytes) -> str:
    """The text of a file; of other bytes, the stretches that read as text."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(run.decode("ascii") for run in re.findall(rb"[\x20-\x7e]{5,}", body))


def identifiers_in(sheet: Sheet | None, body: bytes, known: frozenset[str]) -> int:
    """How many different identifiers of patients of this hospital stand in a file.

    Parameters
    ----------
    sheet
        Its table, if it is one: the cells of Parquet are packed, and cannot be read in its bytes.
    body
        Its bytes.
    known
        Identifiers as records have them, five characters or more.
    """
    cells = set() if sheet is None else {cell for row in sheet.rows for cell in row.values()}
    columns = () if sheet is None else sheet.columns
    return len(known & set(tokens("\n".join([printable(body), *columns, *cells]))))


def tokens(text: str) -> Iterator[str]:
    """Words of a text, each whole and at its joints: an identifier may hang on another word."""
    for word in TOKEN.findall(text):
        yield word
        yield from re.split(r"[/:=_]", word)
        yield word.strip(".,:;!?")


def searched(sheet: Sheet | None, body: bytes) -> str:
    """What the search for names and numbers reads of a file."""
    return printable(body) if sheet is None else texts_of(sheet)
