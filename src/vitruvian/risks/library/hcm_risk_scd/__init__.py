"""Sudden cardiac death in hypertrophic cardiomyopathy."""
