"""DICOM files made fit for research: PS3.15 Annex E, with its options named."""

from vitruvian.research.deidentify.dicom.dataset import Cleaned, clean_dataset
from vitruvian.research.deidentify.dicom.files import Images, deidentify_images
from vitruvian.research.deidentify.dicom.pixels import FindText, text_finder

__all__ = ["Cleaned", "FindText", "Images", "clean_dataset", "deidentify_images", "text_finder"]
