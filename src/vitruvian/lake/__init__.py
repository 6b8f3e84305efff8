"""The only door to stored data: hot log, Delta tables, blobs, catalogue, snapshots."""

from vitruvian.lake.accounts import Account, Accounts, Session
from vitruvian.lake.bulk import BulkLoad
from vitruvian.lake.check import Finding
from vitruvian.lake.keeping.backup import Wants, backup
from vitruvian.lake.keeping.emergency import EmergencyLake, EmergencyOnly, emergency_view
from vitruvian.lake.keeping.migrate import migrate
from vitruvian.lake.keeping.place import building
from vitruvian.lake.keeping.restore import restore
from vitruvian.lake.lake import Lake, check_folder
from vitruvian.lake.reader import Reader, SnapshotInfo

__all__ = [
    "Account",
    "Accounts",
    "BulkLoad",
    "EmergencyLake",
    "EmergencyOnly",
    "Finding",
    "Lake",
    "Reader",
    "Session",
    "SnapshotInfo",
    "Wants",
    "backup",
    "building",
    "check_folder",
    "emergency_view",
    "migrate",
    "restore",
]
