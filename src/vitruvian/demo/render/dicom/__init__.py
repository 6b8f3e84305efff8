"""A life's chest CT as DICOM files: a phantom whose lungs and lesions are known."""

from vitruvian.demo.render.dicom.study import CtStudy, ct_studies

__all__ = ["CtStudy", "ct_studies"]
