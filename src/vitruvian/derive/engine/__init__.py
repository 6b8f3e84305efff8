"""The machinery of derived facts: no medicine here."""
