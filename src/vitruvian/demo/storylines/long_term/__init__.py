"""Illnesses of years: diabetes, rare diseases, metastatic colorectal cancer."""
