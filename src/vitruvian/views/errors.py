"""Failures of the views room.

    ViewError
    |-- InvalidView         the ViewDefinition cannot be used as written
    |-- InvalidPath         a FHIRPath expression in it cannot be used
    |-- UnsupportedPath     correct FHIRPath that this compiler does not translate
    |-- NotOneValue         a path gave several values where one was expected
    |-- RepeatTooDeep       a `repeat` met more levels than the stated bound
    |-- UnreadableResource  an input record is not a JSON object
    `-- ViewFailed          the engine refused the compiled view

Messages name the place in the ViewDefinition by JSON pointer, or the record by number,
never what a resource says.
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput


class ViewError(BadInput):
    """Something about a view went wrong."""


class InvalidView(ViewError):
    """The ViewDefinition cannot be used as written."""

    def __init__(self, what: str, *, pointer: str, expected: str) -> None:
        super().__init__(
            f"ViewDefinition at {pointer or '/'}: {what}. Expected {expected}. "
            f"Correct that element and run the view again.",
        )
        self.pointer = pointer


class InvalidPath(InvalidView):
    """A FHIRPath expression of the view cannot be read or does not fit."""


class UnsupportedPath(InvalidView):
    """A correct FHIRPath expression that this compiler does not translate."""


class NotOneValue(ViewError):
    """A path gave several values for one resource where one was expected."""

    def __init__(self, pointer: str) -> None:
        super().__init__(
            f"ViewDefinition at {pointer}: the path gave several values for one resource. "
            f"Expected at most one. Set `collection` to true, or narrow the path with "
            f"first(), where() or forEach.",
        )
        self.pointer = pointer


class RepeatTooDeep(ViewError):
    """A `repeat` met more nested levels than the compiler unrolls."""

    def __init__(self, pointer: str) -> None:
        super().__init__(
            f"ViewDefinition at {pointer}: a resource nests deeper than `repeat` follows. "
            f"Expected at most as many levels as the option repeat_depth says. "
            f"Compile the view with a larger repeat_depth.",
        )
        self.pointer = pointer


class UnreadableResource(ViewError):
    """An input record is not one JSON object."""

    def __init__(self, record: int) -> None:
        super().__init__(
            f"Input line {record} is not a JSON object. Expected one FHIR resource a line "
            f"(NDJSON, UTF-8). Mend or remove the line and run the view again.",
        )
        self.record = record


class ViewFailed(ViewError):
    """The engine refused a compiled view; its own words are withheld, they may quote data."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The view could not be run: the engine reported {kind}. Expected a relation "
            f"with one JSON text column of FHIR resources. Check that every resource is "
            f"valid JSON and that the source relation exists.",
        )
