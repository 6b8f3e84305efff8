"""What can go wrong with what is to leave, each with its sentence."""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, NotFound, Refused


class NothingToRelease(BadInput):
    """Nothing was named, or nothing said for what and for whom."""

    def __init__(self) -> None:
        super().__init__(
            "A release needs at least one file, a project and a recipient in words. "
            "Nothing was asked for."
        )


class NoTable(BadInput):
    """A file that should be a table cannot be read as one."""

    def __init__(self) -> None:
        super().__init__(
            "A file cannot be read as a table. Expected CSV or TSV in UTF-8 with a line of column "
            "names, or Parquet. Nothing was asked for."
        )


class NoSuchColumn(BadInput):
    """A column was named that none of the tables has."""

    def __init__(self, *, option: str) -> None:
        super().__init__(
            f"A column named with {option} stands in none of the tables. Expected a name from the "
            "first line of a file. Nothing was asked for."
        )


class NoSuchRelease(NotFound):
    """Nothing waits under that id."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing waits in the airlock under that id. It may be released or refused already: "
            "`vitruvian airlock list --lake DIR` shows everything."
        )


class OtherFiles(Conflict):
    """The files given are not those that were checked."""

    def __init__(self) -> None:
        super().__init__(
            "The files given are not, byte for byte and in this order, those that were checked. "
            "Nothing was released. Ask for these files anew, or give the ones that were asked for."
        )


class NeedsSecondPerson(Refused):
    """Somebody wanted to release alone what a second person has to look at."""

    def __init__(self) -> None:
        super().__init__(
            "The checks found something that a second person has to look at, so the account that "
            "asked cannot release it alone. Somebody else, who may write for operations, releases "
            "or refuses it."
        )


class MayNotRelease(Refused):
    """The role of this account neither asks for releases nor decides on them."""

    def __init__(self) -> None:
        super().__init__(
            "Policy does not let this account do that in the airlock: asking needs a role that may "
            "export for research, deciding needs one that may write for operations."
        )


class MustNotLeave(Refused):
    """The checks found something that nobody may release."""

    def __init__(self) -> None:
        super().__init__(
            "The checks found something that nobody may release: an identifier of a patient of "
            "this hospital, a file that runs when it is opened, or one that cannot be looked into. "
            "`vitruvian airlock check` says which file. Mend it and ask anew."
        )


class FolderInUse(Conflict):
    """The folder that files are to be released into holds something."""

    def __init__(self) -> None:
        super().__init__(
            "The folder given with --to-folder holds something already. Name one that does not "
            "exist or is empty. Nothing was released."
        )
