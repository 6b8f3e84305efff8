"""Persons as GA4GH Phenopackets: what a rare-disease colleague asks for."""

from vitruvian.research.export.phenopackets.export import PacketReport, export_phenopackets

__all__ = ["PacketReport", "export_phenopackets"]
