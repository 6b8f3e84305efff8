"""The aligned patient: panels, timeline, duplicates and conflicts between sources."""

from vitruvian.picture.build import build_picture
from vitruvian.picture.find.patients import Page, find_patients, worklist
from vitruvian.picture.find.record import document_text, read_series, search_record, whats_new
from vitruvian.picture.moment import Moment
from vitruvian.picture.record import expect_patient
from vitruvian.picture.source import trace_event
from vitruvian.picture.timeline import Window, build_timeline

__all__ = [
    "Moment",
    "Page",
    "Window",
    "build_picture",
    "build_timeline",
    "document_text",
    "expect_patient",
    "find_patients",
    "read_series",
    "search_record",
    "trace_event",
    "whats_new",
    "worklist",
]
