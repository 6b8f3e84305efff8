"""Alerts with a receipt: how each stands, its trial, and its steps."""
