"""A site's terminology releases on their way into the lake."""

from vitruvian.ingest.terminology.store import UnknownConcept, load_release

__all__ = ["UnknownConcept", "load_release"]
