"""A site's terminology releases in the lake: loaded, listed, asked for names and descendants."""

from vitruvian.ingest.terminology.store import (
    Held,
    Terms,
    UnknownConcept,
    load_release,
    releases,
)

__all__ = ["Held", "Terms", "UnknownConcept", "load_release", "releases"]
