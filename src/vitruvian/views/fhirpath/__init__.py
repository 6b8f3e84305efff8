"""FHIRPath text to a syntax tree: no types, no engine."""

from vitruvian.views.fhirpath.parser import PathSyntaxError, parse_path

__all__ = ["PathSyntaxError", "parse_path"]
