"""The only door to stored data: hot log, Delta tables, blobs, catalogue, snapshots."""

from vitruvian.lake.bulk import BulkLoad
from vitruvian.lake.lake import Lake
from vitruvian.lake.reader import Reader, SnapshotInfo

__all__ = ["BulkLoad", "Lake", "Reader", "SnapshotInfo"]
