"""Optional packages: absent ones are one sentence, said before anything is written."""

from __future__ import annotations

from importlib.util import find_spec

from vitruvian.research.deidentify.errors import NotesExtraAbsent


def expect_notes_extra() -> None:
    """Raise `NotesExtraAbsent` when what finds identifiers in texts is not installed."""
    if any(find_spec(name) is None for name in ("re2", "ahocorasick_rs")):
        raise NotesExtraAbsent
