"""Research on the timeline: exports to other people's formats."""

from vitruvian.research.export.fhir import FhirReport, export_fhir
from vitruvian.research.export.meds import MedsReport, export_meds
from vitruvian.research.export.phenopackets import PacketReport, export_phenopackets
from vitruvian.research.export.tables import Tables, TablesReport, export_tables, usual_views
from vitruvian.research.export.wish import Wish

__all__ = [
    "FhirReport",
    "MedsReport",
    "PacketReport",
    "Tables",
    "TablesReport",
    "Wish",
    "export_fhir",
    "export_meds",
    "export_phenopackets",
    "export_tables",
    "usual_views",
]
