"""What stands in an identifier's place: pseudonyms, one shift of dates a person, surrogates."""

from vitruvian.research.deidentify.replace.dates import shifted_date
from vitruvian.research.deidentify.replace.person import Person, Project
from vitruvian.research.deidentify.replace.text import KEPT, Written, name_of, rewrite

__all__ = ["KEPT", "Person", "Project", "Written", "name_of", "rewrite", "shifted_date"]
