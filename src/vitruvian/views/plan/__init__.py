"""A view in its intermediate form: typed paths and rows, free of any engine's words."""

from vitruvian.views.plan.build import plan_view
from vitruvian.views.plan.rows import Plan

__all__ = ["Plan", "plan_view"]
