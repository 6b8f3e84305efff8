"""Alerts with a receipt: rules that may interrupt only after a recorded silent trial."""

from vitruvian.guides.alerts.rule import AlertRule
from vitruvian.guides.alerts.shelf import AlertShelf, Standing

__all__ = ["AlertRule", "AlertShelf", "Standing"]
