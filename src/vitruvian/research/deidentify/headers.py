"""Headers of other files that name people: VCF and WFDB.

References
----------
VCF 4.3 specification, sections 1.4 and 1.5 (samtools/hts-specs).
WFDB header specification, header(5): record line, signal lines, info strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vitruvian.research.deidentify.replace import Project, shifted_date

# Meta-information of a VCF that says how to read it; all else may hold paths, names, commands.
_VCF_KEPT = re.compile(
    r"##(?:fileformat=VCFv[\d.]+|(?:INFO|FORMAT|FILTER|ALT|contig)=<.*>|phasing=\w+)$"
)
_VCF_SOURCE = re.compile(r',?(?:URL|Source|assembly|md5|taxonomy|species)=(?:"[^"]*"|[^,>]*)')
_FIXED_COLUMNS = 9
_RECORD_LINE = 4


def clean_vcf(lines: Iterable[str], project: Project) -> Iterator[str]:
    """The lines of a VCF with samples under pseudonyms and a header that only says how to read it.

    Genotypes stay: they are what the file is for, and identify whoever has others of the person.

    Parameters
    ----------
    lines
        Of the unpacked file, with or without line ends.
    project
        Whose pseudonyms: a sample has the same in every file.
    """
    for raw in lines:
        line = raw.rstrip("\r\n")
        if line.startswith("##"):
            if _VCF_KEPT.match(line):
                yield _VCF_SOURCE.sub("", line)
        elif line.startswith("#CHROM"):
            columns = line.split("\t")
            samples = [sample_of(name, project) for name in columns[_FIXED_COLUMNS:]]
            yield "\t".join([*columns[:_FIXED_COLUMNS], *samples])
        else:
            yield line


def sample_of(name: str, project: Project) -> str:
    """The pseudonym of a sample."""
    return f"S{project.text('sample', name)}"


def clean_wfdb_header(text: str, project: Project, *, days: int, record: str) -> str:
    """A WFDB header with its record and files renamed, its date moved, its comments gone.

    Parameters
    ----------
    text
        The ``.hea`` file.
    project
        Whose pseudonyms.
    days
        By how many days this person's dates move.
    record
        Name of the record as its files are called.
    """
    made: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue  # comments hold ages, diagnoses and names
        made.append(_record_line(line, days) if not made else line)
    renamed = [_renamed(line, record, record_of(record, project)) for line in made]
    return "\n".join(renamed) + "\n"


def record_of(record: str, project: Project) -> str:
    """The pseudonym of a record, as a name of files."""
    return f"r{project.text('recording', record)[:16]}"


def _record_line(line: str, days: int) -> str:
    """The first line: its date is the last word, after the time."""
    words = line.split()
    if len(words) > _RECORD_LINE and re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", words[-1]):
        moved = shifted_date(words[-1], days=days)
        words = [*words[:-1], *([moved] if moved else [])]
    return " ".join(words)


def _renamed(line: str, old: str, new: str) -> str:
    """The record's name at the beginning of a line, of the record itself or of one of its files."""
    return new + line[len(old) :] if line.startswith(old) else line
