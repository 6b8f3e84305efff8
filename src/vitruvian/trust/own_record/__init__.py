"""What a patient sees of the own record, and whoever speaks for a child: pure decisions."""

from vitruvian.trust.own_record.holding import DEFAULT, Holding, Key, Piece, Why, held
from vitruvian.trust.own_record.proxies import birthday, still_a_child

__all__ = ["DEFAULT", "Holding", "Key", "Piece", "Why", "birthday", "held", "still_a_child"]
