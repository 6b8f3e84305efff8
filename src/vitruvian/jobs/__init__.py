"""What runs by itself while a server or a listener runs."""

from vitruvian.jobs.audit_watch import audit_watched
from vitruvian.jobs.upkeep import Pace, Tally, Upkeep, kept_up

__all__ = ["Pace", "Tally", "Upkeep", "audit_watched", "kept_up"]
