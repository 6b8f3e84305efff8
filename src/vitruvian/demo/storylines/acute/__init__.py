"""Illnesses of days: sepsis in intensive care, Covid pneumonia."""
