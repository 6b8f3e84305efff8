"""DICOMweb over the lake: QIDO-RS and WADO-RS (PS3.18)."""
