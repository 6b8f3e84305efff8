"""Failures of the criteria room.

    CriteriaError
    |-- UnreadableTask      the text is not one YAML mapping
    |-- InvalidTask         an element of the task cannot be used as written
    |   |-- UnknownName     a predicate, window, measure or set is named that nobody defined
    |   |-- CircularTask    names that define one another in a ring
    |   |-- NoRelease       the descendants of a code are asked for, and no release knows it
    |   `-- NotTwoValued    a construct that has no meaning in strict ACES
    |-- MissingColumn       the events lack a column that the task asks about
    |-- TaskFailed          the engine refused the compiled task
    |-- BrokenDefinition    a cohort definition cannot be used as written; names the line
    |-- NoSuchDefinition    no cohort definition is saved under that name
    |-- OnlyOnDuckDB        two dates or one site were asked of another engine
    |-- NothingToCompare    one definition, one date and one site were to be compared
    |-- NoSuchSite          no source of that site told of a patient
    `-- OnlyCounts          a role that is told counts above a floor asked for more

Messages name the place in the task by its YAML path, never what a record says.
"""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.base.errors import BadInput, NotFound, Refused


class CriteriaError(BadInput):
    """Something about a task went wrong."""


class UnreadableTask(CriteriaError):
    """The text is not one YAML mapping."""

    def __init__(self, what: str, *, line: int | None = None) -> None:
        where = "" if line is None else f" at line {line}"
        super().__init__(
            f"The task cannot be read{where}: {what}. Expected a YAML 1.2 mapping with "
            f"`predicates`, `trigger` and `windows`. Correct the text and try again.",
        )
        self.line = line


class InvalidTask(CriteriaError):
    """An element of the task cannot be used as written."""

    def __init__(self, what: str, *, at: str, expected: str) -> None:
        super().__init__(
            f"Task at `{at}`: {what}. Expected {expected}. Correct that element and try again.",
        )
        self.at = at


class UnknownName(InvalidTask):
    """A predicate, window, measure or concept set is named that nobody defined."""

    def __init__(self, name: str, *, at: str, kind: str) -> None:
        super().__init__(
            f"the {kind} '{name}' is not defined", at=at, expected=f"the name of a defined {kind}"
        )
        self.name = name


class CircularTask(InvalidTask):
    """Names that define one another in a ring."""

    def __init__(self, name: str, *, at: str) -> None:
        super().__init__(
            f"'{name}' is defined by way of itself", at=at, expected="definitions without a ring"
        )


class NoRelease(InvalidTask):
    """The descendants of a code are asked for, and no terminology release knows it."""

    def __init__(self, code: str, *, at: str) -> None:
        super().__init__(
            f"no terminology release that is loaded here knows '{code}', so what is a kind of it "
            "cannot be told",
            at=at,
            expected="a code of a release that is loaded (vitruvian terms list), or the codes",
        )


class NotTwoValued(InvalidTask):
    """A construct that has no meaning in strict ACES."""

    def __init__(self, construct: str, *, at: str) -> None:
        super().__init__(
            f"`{construct}` is not part of ACES, which knows only true and false",
            at=at,
            expected='plain ACES, or a run with logic="three-valued"',
        )


class MissingColumn(CriteriaError):
    """The events lack a column that the task asks about."""

    def __init__(self, column: str) -> None:
        super().__init__(
            f"The events have no column '{column}', which the task asks about. Expected one of "
            f"the columns of the event table. Correct the predicate that names it.",
        )
        self.column = column


class TaskFailed(CriteriaError):
    """The engine refused a compiled task; its own words are withheld, they may quote data."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The task could not be run: the engine reported {kind}. Expected events with the "
            f"columns subject_id, time, code and numeric_value, and every column that a "
            f"predicate names. Check the source of the events.",
        )


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a definition, where, and what may have been meant.

    `line` counts from 1, None where the whole text is meant; `at` is the element's path; `shown`
    is the line as written; `hint` is None when nothing comes near.
    """

    says: str
    line: int | None
    at: str | None
    shown: str
    hint: str | None


class BrokenDefinition(CriteriaError):
    """A cohort definition cannot be used as written."""

    def __init__(self, complaint: Complaint) -> None:
        where = "" if complaint.line is None else f"Line {complaint.line}. "
        hint = "" if complaint.hint is None else f" {complaint.hint}"
        super().__init__(f"{where}{complaint.says}{hint}")
        self.complaint = complaint


class OnlyOnDuckDB(CriteriaError):
    """Two dates or one site were asked of an engine that sees one date and every site."""

    def __init__(self) -> None:
        super().__init__(
            "Two dates, and single sites, cannot be asked of Spark: it sees one state of the "
            "lake with all its sites. Expected DuckDB. Leave out `--engine spark`."
        )


class NothingToCompare(CriteriaError):
    """One definition, one date and one site were to be compared."""

    def __init__(self) -> None:
        super().__init__(
            "There is one side only to compare. Expected a second definition, or another date or "
            "site for the first. Name one of these."
        )


class NoSuchSite(CriteriaError):
    """No source of that site told of a patient."""

    def __init__(self) -> None:
        super().__init__(
            "No source of the site named told of a patient here. Expected a site of this lake, "
            "as `vitruvian ingest --site` named it. Look for a slip in the name."
        )


class NoSuchDefinition(NotFound):
    """No cohort definition is saved under that name."""

    def __init__(self) -> None:
        super().__init__(
            "There is no cohort definition under that id, or none of yours. Expected one from the "
            "list of saved definitions. Choose one of these, or save it first."
        )


class OnlyCounts(Refused):
    """Only counts above a floor are told to this role."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"The role '{role}' is told of many patients in counts alone, and none under a floor; "
            "this would tell single patients or exact numbers. Expected a role without a floor "
            "on counts. Ask whoever runs this site."
        )
