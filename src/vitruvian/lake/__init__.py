"""The only door to stored data: hot log, Delta tables, blobs, catalogue, snapshots."""

from vitruvian.lake.accounts import Account, Accounts, Session
from vitruvian.lake.bulk import BulkLoad
from vitruvian.lake.lake import Lake
from vitruvian.lake.reader import Reader, SnapshotInfo

__all__ = ["Account", "Accounts", "BulkLoad", "Lake", "Reader", "Session", "SnapshotInfo"]
