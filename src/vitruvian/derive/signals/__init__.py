"""Waveforms and numerics: what was recorded of a person, and any stretch of it."""

from vitruvian.derive.signals.channels import (
    Channel,
    NoSuchChannel,
    Recordings,
    channels_of,
    recordings_of,
)
from vitruvian.derive.signals.envelope import Asked, Window, read_windows
from vitruvian.derive.signals.window import Stretch, read_stretch

__all__ = [
    "Asked",
    "Channel",
    "NoSuchChannel",
    "Recordings",
    "Stretch",
    "Window",
    "channels_of",
    "read_stretch",
    "read_windows",
    "recordings_of",
]
