"""The audit of a lake: its chain in two sinks, its search, its signed checkpoints, its feeds."""

from vitruvian.lake.audit.chain import Audit, AuditDown, may_go_on, tried

__all__ = ["Audit", "AuditDown", "may_go_on", "tried"]
