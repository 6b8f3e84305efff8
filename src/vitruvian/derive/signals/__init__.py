"""Waveforms and numerics: what was recorded of a person, and any stretch of it."""

from vitruvian.derive.signals.window import (
    Channel,
    NoSuchChannel,
    Stretch,
    channels_of,
    read_stretch,
)

__all__ = ["Channel", "NoSuchChannel", "Stretch", "channels_of", "read_stretch"]
