"""A small made-up hospital that writes real files, with its ground truth beside them.

`lives` gives one ground-truth life after another; `write_demo` writes them as FHIR R4.
Everything is invented and the same for a seed: patient 7 of seed 1 is always the same,
whatever the number of patients.
"""

from vitruvian.demo.errors import FolderInUse, ImpossibleHospital
from vitruvian.demo.layouts import Layout
from vitruvian.demo.life import Life
from vitruvian.demo.render.hl7v2 import write_hl7v2
from vitruvian.demo.render.look_alikes import write_look_alikes
from vitruvian.demo.render.omop import write_omop
from vitruvian.demo.write import TODAY, DemoReport, lives, write_demo

__all__ = [
    "TODAY",
    "DemoReport",
    "FolderInUse",
    "ImpossibleHospital",
    "Layout",
    "Life",
    "lives",
    "write_demo",
    "write_hl7v2",
    "write_look_alikes",
    "write_omop",
]
