"""Tasks of our own over every construct of ACES, and an answer as a short text."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import duckdb

from tests.criteria.strategies import records_of
from vitruvian.criteria import Wish, compile_task, parse_task

SEED = 7
"""Of the records that all of them are asked of."""

PREDICATES = """
predicates:
  admission: {code: {regex: "^ADMISSION//.*"}}
  ward: {code: ADMISSION//WARD}
  discharge: {code: DISCHARGE}
  death: {code: MEDS_DEATH}
  drug: {code: DRUG}
  drip: {code: DRUG, route: iv}
  lab: {code: {any: [LAB//K, LAB//NA]}}
  high: {code: LAB//K, value_min: 5.0, value_min_inclusive: true}
  above: {code: LAB//K, value_min: 5.0, value_min_inclusive: false}
  low: {code: {regex: "^LAB//K$"}, value_max: 3.5, value_max_inclusive: true}
  exact: {code: LAB//K, value_min: 6.1, value_max: 6.1, value_min_inclusive: true, value_max_inclusive: true}
  ended: {expr: "or(discharge, death)"}
  treated: {expr: "and(high, drug)"}
  nested: {expr: "or(treated, ended)"}
"""

DEATH_IN_HOSPITAL = """
trigger: admission
windows:
  input: {start: null, end: trigger + 24h, start_inclusive: true, end_inclusive: true, index_timestamp: end, has: {_ANY_EVENT: "(3, None)"}}
  gap: {start: trigger, end: start + 30h, start_inclusive: false, end_inclusive: true, has: {admission: "(None, 0)", ended: "(None, 0)"}}
  target: {start: gap.end, end: start -> ended, start_inclusive: false, end_inclusive: true, label: death}
"""
DEATH_SOON = """
trigger: _ANY_EVENT
windows:
  input: {start: null, end: trigger, start_inclusive: true, end_inclusive: true, index_timestamp: end}
  gap: {start: trigger, end: start + 2h, start_inclusive: false, end_inclusive: true, has: {ended: "(None, 0)"}}
  target: {start: gap.end, end: start + 24h, start_inclusive: false, end_inclusive: true, label: death}
"""
READMISSION = """
trigger: discharge
windows:
  stay: {start: end <- admission, end: trigger, start_inclusive: true, end_inclusive: true, has: {admission: "(1, 4)"}}
  input: {start: null, end: stay.end, start_inclusive: true, end_inclusive: true, index_timestamp: end}
  target: {start: stay.end, end: start + 30d, start_inclusive: false, end_inclusive: true, label: admission}
"""
# The examples of es-aces' documentation, in our own words over our own codes: in-hospital and imminent
# mortality and readmission above; here abnormal results, weaning, incidence, onset, length of stay
# and cases of a disease. Where they name a record end within an expression, es-aces 0.7.3 refuses it too.
ABNORMAL_LAB = """
  far: {expr: "or(above, low)"}
trigger: lab
windows:
  input: {start: null, end: trigger, start_inclusive: true, end_inclusive: true, index_timestamp: end}
  gap: {start: trigger, end: start + 24h, start_inclusive: false, end_inclusive: true}
  target: {start: gap.end, end: start + 7 days, start_inclusive: false, end_inclusive: true, has: {lab: "(1, None)"}, label: far}
"""
WEANING = """
  weaned: {expr: "and(lab, drug)"}
trigger: treated
windows:
  input: {start: null, end: trigger, start_inclusive: true, end_inclusive: true, index_timestamp: end}
  target: {start: trigger, end: start -> weaned, start_inclusive: false, end_inclusive: true}
"""
INCIDENCE = """
trigger: discharge
windows:
  input: {start: null, end: trigger, start_inclusive: true, end_inclusive: true, has: {_ANY_EVENT: "(3, None)"}, index_timestamp: end}
  gap: {start: trigger, end: start + 2 days, start_inclusive: false, end_inclusive: true, has: {death: "(None, 0)"}}
  target: {start: gap.end, end: start + 9 days, start_inclusive: false, end_inclusive: true, label: death}
"""
ONSET = """
  stay_ends: {expr: "or(discharge, death)"}
trigger: _ANY_EVENT
windows:
  since: {start: end <- admission, end: trigger, start_inclusive: true, end_inclusive: true, has: {discharge: "(None, 0)"}}
  rest: {start: trigger, end: start -> stay_ends, start_inclusive: false, end_inclusive: true, has: {admission: "(None, 0)"}}
  measured: {start: end - 24h, end: trigger, start_inclusive: true, end_inclusive: true, has: {lab: "(1, None)"}}
  target: {start: trigger, end: start + 24h, start_inclusive: false, end_inclusive: true, label: drug}
"""
LENGTH_OF_STAY = """
trigger: admission
windows:
  input: {start: null, end: trigger, start_inclusive: true, end_inclusive: true, has: {_ANY_EVENT: "(2, None)"}, index_timestamp: end}
  first_day: {start: trigger, end: start + 24h, start_inclusive: true, end_inclusive: true, has: {discharge: "(None, 0)"}}
  stay: {start: input.end, end: start + 7d, start_inclusive: false, end_inclusive: true, label: discharge}
"""
CASES_OF_A_DISEASE = """
  valid: {expr: "and(high, old_enough)"}
  old_enough: {code: {regex: "^(DRUG|LAB//NA)$"}}
trigger: valid
windows:
  after: {start: trigger, end: start + 6d, start_inclusive: true, end_inclusive: false, has: {lab: "(3, None)"}}
  input: {start: end - 12d, end: trigger, start_inclusive: true, end_inclusive: false}
"""


def one(window: str, trigger: str = "admission", head: str = "") -> str:
    return f"{head}\ntrigger: {trigger}\nwindows:\n  w: {{{window}}}\n"


BOTH = "start_inclusive: true, end_inclusive: true"
NEITHER = "start_inclusive: false, end_inclusive: false"
TASKS = {
    "death in hospital": DEATH_IN_HOSPITAL,
    "death soon, asked at every moment": DEATH_SOON,
    "readmission, told backwards": READMISSION,
    "documented: abnormal lab": ABNORMAL_LAB,
    "documented: weaning": WEANING,
    "documented: incidence": INCIDENCE,
    "documented: onset": ONSET,
    "documented: length of stay": LENGTH_OF_STAY,
    "documented: cases of a disease": CASES_OF_A_DISEASE,
    "trigger alone": "\ntrigger: treated\n",
    "first moment of the record": one(
        f"start: trigger, end: start + 3d, {BOTH}, has: {{lab: '(1, None)'}}", "_RECORD_START"
    ),
    "last moment of the record": one(
        f"start: end - 3d, end: trigger, {BOTH}, has: {{lab: '(1, None)'}}", "_RECORD_END"
    ),
    "value at its bound": one(f"start: trigger, end: start + 5d, {BOTH}, label: high"),
    "value above its bound": one(f"start: trigger, end: start + 5d, {BOTH}, label: above"),
    "value under its bound": one(f"start: trigger, end: start + 5d, {BOTH}, label: low"),
    "32-bit value equal to a decimal": one(
        f"start: trigger, end: start + 9d, {BOTH}, label: exact"
    ),
    "column with a value": one(f"start: trigger, end: null, {BOTH}, has: {{drip: '(1, None)'}}"),
    "joined at one moment": one(f"start: null, end: trigger, {BOTH}, label: treated", "drug"),
    "joined twice": one(f"start: trigger, end: start -> nested, {BOTH}, label: treated"),
    "ends excluded": one(f"start: trigger, end: start -> lab, {NEITHER}, label: lab"),
    "event on the spot": one(f"start: trigger, end: start -> admission, {BOTH}, label: ward"),
    "event before, hung": one(
        "start: trigger <- lab, end: start + 2d, start_inclusive: true, end_inclusive: false, label: lab"
    ),
    "event after a length": one(
        f"start: trigger + 12h, end: start -> discharge, {BOTH}, index_timestamp: start"
    ),
    "backwards length gives its other end": one(
        f"start: end - 1d, end: trigger, {BOTH}, index_timestamp: start, label: lab"
    ),
    "backwards to an event from a later point": one(
        f"start: end <- drug, end: trigger + 2d, {BOTH}, label: drug, index_timestamp: end"
    ),
    "start and end of the record counted": one(
        f"start: end - 4d, end: trigger, {BOTH}, has: {{_RECORD_START: '(None, 0)', _ANY_EVENT: '(2, 9)'}}"
    ),
    "demographic": one(
        f"start: trigger, end: start + 5d, {BOTH}, label: lab",
        head='patient_demographics: {male: {code: "GENDER//M"}}',
    ),
    "static predicate inside a joining": one(
        f"start: trigger, end: start + 5d, {BOTH}, label: men",
        head='  men: {expr: "and(lab, male)"}\npatient_demographics: {male: {code: "GENDER//M"}}',
    ),
    "window without length is not looked at": one(
        f"start: trigger, end: start + 0h, {BOTH}, has: {{death: '(5, None)'}}"
    ),
    "clock length": one(f"start: trigger, end: 'start + 1 day, 06:00:00', {BOTH}, label: lab"),
}


def text_of(name: str) -> str:
    """A task as YAML."""
    return PREDICATES.rstrip() + "\n" + TASKS[name].lstrip("\n")


def ours(name: str) -> list[dict[str, Any]]:
    """Our rows, with the ends and counts of every window."""
    compiled = compile_task(parse_task(text_of(name)), source="events", wish=Wish(details=True))
    with duckdb.connect() as connection:
        connection.register("events", records_of(SEED))
        found: list[dict[str, Any]] = connection.execute(compiled.sql).to_arrow_table().to_pylist()
    return found


def digest(rows: list[dict[str, Any]]) -> str:
    """Equal for equal rows."""
    told = json.dumps(rows, default=str, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
