"""What can go wrong at the door, each with its sentence."""

from __future__ import annotations

from vitruvian.base.errors import (
    BadInput,
    Conflict,
    Corrupt,
    NotFound,
    NotSignedIn,
    Refused,
    TooMany,
    Unavailable,
    VitruvianError,
)


class NoLake(NotFound):
    """There is no lake in that folder."""

    def __init__(self) -> None:
        super().__init__(
            "No lake in the folder given: it holds no lake.sqlite. "
            "Make one with `vitruvian ingest PATH --lake DIR`, or name the right folder."
        )


class NewerLake(Unavailable):
    """The lake was written by another version of this software."""

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(
            f"This lake was written by a newer version: {found}. "
            f"Expected {expected}. Install the version that wrote it; nothing was changed."
        )


class OlderLake(Unavailable):
    """The lake was written before some columns existed."""

    def __init__(self, *, tables: tuple[str, ...]) -> None:
        super().__init__(
            "This lake was written by an older version, whose files lack columns of "
            f"{', '.join(tables)}. Run `vitruvian migrate --lake DIR` once; it keeps every answer."
        )


class NotMigratable(Unavailable):
    """A new column must not be empty, and older rows have nothing for it."""

    def __init__(self, *, column: str) -> None:
        super().__init__(
            f"Older rows have nothing for the required column {column}, so this lake cannot be "
            "brought up to this version. Nothing was changed. Ingest the sources into a new lake."
        )


class NotAVault(BadInput):
    """The folder for backups holds something else."""

    def __init__(self) -> None:
        super().__init__(
            "The folder given for the backup holds other things than backups. "
            "Name an empty folder, or one that holds earlier backups of this lake."
        )


class OtherVault(Conflict):
    """The folder holds backups of another lake."""

    def __init__(self) -> None:
        super().__init__(
            "The folder given holds backups of another lake. Give each lake a folder of its own."
        )


class InsideTheLake(BadInput):
    """A backup into the lake's own folder, or around it."""

    def __init__(self) -> None:
        super().__init__(
            "The backup folder and the lake's folder lie within one another. "
            "Name a folder outside the lake, best on another disk."
        )


class BackupBusy(Unavailable):
    """Another backup is being written to that folder."""

    def __init__(self) -> None:
        super().__init__(
            "Another backup is being written to that folder. Wait until it is done and try again."
        )


class NoBackup(NotFound):
    """There is no such backup."""

    def __init__(self) -> None:
        super().__init__(
            "No backup of that name lies in the folder given. "
            "Make one with `vitruvian backup --lake DIR TO`, or name the right folder."
        )


class BackupDamaged(Corrupt):
    """The bytes of a backup are not what was written."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The backup is damaged: {what} is missing or has other bytes than were written. "
            "Nothing was restored. Take an earlier one with --backup, or another copy of it."
        )


class NotEmpty(Conflict):
    """Something lies where a lake is to be restored, or an export written."""

    def __init__(self) -> None:
        super().__init__(
            "The folder given to write to is not empty. Nothing was changed. "
            "Name a folder that does not exist yet, or an empty one."
        )


class PlaceBusy(Unavailable):
    """Another process is building a folder for the same place."""

    def __init__(self) -> None:
        super().__init__(
            "Another restore or export is writing for that folder. "
            "Wait until it is done, or name another folder."
        )


class AfterTheBackup(BadInput):
    """The instant asked for is later than the backup."""

    def __init__(self, *, until: str) -> None:
        super().__init__(
            f"This backup holds what was recorded up to {until}, and a later instant was asked "
            "for. Ask for that one or an earlier one, or leave --at out."
        )


class WriterBusy(Unavailable):
    """Another writer holds the lake."""

    def __init__(self) -> None:
        super().__init__(
            "Another load, drain or compaction is writing to this lake. "
            "One writer at a time is allowed; readers are not affected. "
            "Wait until it is done and try again."
        )


class StorageFailed(Unavailable):
    """The disk did not take what was to be written."""

    def __init__(self, *, doing: str, why: str) -> None:
        super().__init__(
            f"Could not finish {doing}: {why}. Nothing half-written is visible. "
            "Make room on the disk or repair its permissions, then do it again."
        )


class Damaged(Corrupt):
    """Stored bytes are not what was written."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"Stored bytes are damaged: {what}. Run `vitruvian check --lake DIR` for the full "
            "list, and bring the files back from a backup."
        )


class UnknownTable(BadInput):
    """There is no such table."""

    def __init__(self, *, table: str, known: tuple[str, ...]) -> None:
        super().__init__(f"No table '{table}' is stored. Known tables: {', '.join(known)}.")


class WrongColumns(BadInput):
    """Rows do not have the columns of their table."""

    def __init__(self, *, table: str, why: str) -> None:
        super().__init__(
            f"Rows for table '{table}' cannot be stored: {why}. "
            "The columns are described in `vitruvian.record`; hand in those."
        )


class NoSubjectColumn(BadInput):
    """Rows were asked by subject from a table that knows no subjects."""

    def __init__(self, *, table: str) -> None:
        super().__init__(
            f"Table '{table}' has no subject_id, so it cannot be read by subject. "
            "Read it whole, or with a condition on its own columns."
        )


class BlobMissing(NotFound):
    """No blob is stored under that sha256."""

    def __init__(self, *, sha256: str) -> None:
        super().__init__(
            f"No blob {sha256[:16]}... is stored in this lake. "
            "Ask for a sha256 that a stored row names."
        )


class LoadOver(Conflict):
    """A bulk load was used after its end."""

    def __init__(self) -> None:
        super().__init__("This load is over: it was published or given up. Open a new one.")


class LakeClosed(Unavailable):
    """The lake was used after it was closed."""

    def __init__(self) -> None:
        super().__init__("This lake is closed. Open it again with Lake.open.")


class TimeIsUp(Unavailable):
    """A request went on asking after its time was over."""

    def __init__(self) -> None:
        super().__init__("The time of this request is over. Ask for less at once.")


class QueryFailed(VitruvianError):
    """Our own query did not run."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"A query of this software over the lake did not run: {why}. "
            "This is a mistake in the software: report it with the request id."
        )


class AccountExists(Conflict):
    """The name is taken."""

    def __init__(self) -> None:
        super().__init__("An account of that name exists. Choose another name.")


class NoAccount(NotFound):
    """There is no such account."""

    def __init__(self) -> None:
        super().__init__(
            "No account has that name. `vitruvian account list` shows all, "
            "`vitruvian account add` makes one."
        )


class AccountLocked(NotSignedIn):
    """The account may not sign in or act."""

    def __init__(self) -> None:
        super().__init__(
            "This account is locked. Ask whoever runs this server; "
            "`vitruvian account lock NAME --undo` lets it in again."
        )


class LinkSpent(NotSignedIn):
    """A sign-in link does not work any more."""

    def __init__(self) -> None:
        super().__init__(
            "This sign-in link was used already, has expired, or was never given out. "
            "Sign in with name and password, or ask for a new link."
        )


class WrongPassword(NotSignedIn):
    """Name and password do not belong together."""

    def __init__(self) -> None:
        super().__init__("Name and password do not match. Check both and try again.")


class TooManyAttempts(TooMany):
    """Too many failed attempts to sign in."""

    def __init__(self) -> None:
        super().__init__(
            "Too many failed attempts to sign in with this name. Wait a quarter of an hour, "
            "or ask for a sign-in link."
        )


class SparkMissing(Unavailable):
    """Spark was asked for and its client is not installed."""

    def __init__(self, *, package: str) -> None:
        super().__init__(
            f"The engine spark needs the package {package}, which is not installed. "
            "Install it with `pip install 'vitruvian[spark]'`, or use the engine duckdb."
        )


class SparkUnreachable(Unavailable):
    """No Spark Connect server answers at the address given."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"No Spark Connect server answers where SPARK_REMOTE says ({why}). "
            "Expected an address like sc://host:15002. Start the server or correct the address; "
            "without SPARK_REMOTE a server of our own is started."
        )


class SparkFailed(VitruvianError):
    """Spark did not run our own query; `said` holds its words, which may quote data."""

    def __init__(self, *, kind: str, said: str) -> None:
        super().__init__(
            f"Spark did not run a query of this software ({kind}). "
            "If the server stopped, start it and try again; otherwise report it."
        )
        self.said = said


class NotDrained(Conflict):
    """Rows of the hot log are not in files yet, and Spark reads files only."""

    def __init__(self, *, table: str) -> None:
        super().__init__(
            f"Table '{table}' has rows in the hot log, which Spark cannot read. "
            "Move them into files with `vitruvian compact --lake DIR`, then ask again."
        )


class ReasonTooShort(BadInput):
    """A closed record was to be opened without a reason that says anything."""

    def __init__(self, *, least: int) -> None:
        super().__init__(
            f"Opening a closed record needs a reason of at least {least} letters, which a reviewer "
            "will read. Say in a few words why the record is needed now."
        )


class NoSuchBreaking(NotFound):
    """No broken glass goes by that id, or the one who asks broke it."""

    def __init__(self) -> None:
        super().__init__(
            "No broken glass goes by that id, or it is one's own, which somebody else reviews. "
            "Look it up in the list of broken glass."
        )


class RecordClosed(Refused):
    """A record is closed to the one who asks, and breaking the glass would open it."""

    def __init__(self) -> None:
        super().__init__(
            "This record is closed to you: no care team, ward or consent opens it. "
            "If care cannot wait, break the glass with a reason; it opens at once for a few hours, "
            "and somebody reviews every opening."
        )


class NoProject(Refused):
    """Research was asked for without saying for which project."""

    def __init__(self) -> None:
        super().__init__(
            "Research needs a project that this account belongs to and the policy states. "
            "Name it with the request, or ask the data steward to add you to it."
        )


class NotWhole(Refused):
    """An engine that reads whole files was asked for by somebody who may not see all of them."""

    def __init__(self, *, table: str) -> None:
        super().__init__(
            f"Policy hides some of table '{table}' from this account, and Spark reads whole files. "
            "Use the engine duckdb, which reads through the door."
        )


class GrantsStale(Conflict):
    """Stored records were labelled under another policy than the one in force."""

    def __init__(self) -> None:
        super().__init__(
            "What is sensitive was computed under another policy than the one in force, so nothing "
            "is shown for research and nothing leaves. "
            "Compute it anew with `vitruvian policy refresh --lake DIR`."
        )
