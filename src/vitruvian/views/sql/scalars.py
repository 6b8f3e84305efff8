"""Single values in SQL: comparison of partial dates, boundaries, references, texts.

References
----------
HL7 FHIRPath N1 (2.0.0), sections 6.1.1 and 6.2 (precision decides whether dates compare),
and its later boundary functions; HL7 FHIR R4, section 2.24.0.17 (dateTime, instant).
"""

from __future__ import annotations

from vitruvian.views.plan.expressions import Arithmetic, Boundary
from vitruvian.views.sql.words import Dialect, Names

_ZONE = "'T.*(Z|[+-][0-9][0-9]:[0-9][0-9])$'"
_SECONDS, _MONTH = 19, 7
_NOISE = "1e-15"
_ID = "([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$"


def moment(words: Dialect, value: str) -> str:
    """A date or instant as sortable text: UTC with microseconds once it has seconds."""
    return (
        f"CASE WHEN length({value}) <= 10 THEN {value} "
        f"WHEN {words.matches(value, _ZONE)} THEN {words.stamp(value, zoned=True)} "
        f"WHEN length({value}) >= {_SECONDS} THEN {words.stamp(value, zoned=False)} "
        f"ELSE {value} END"
    )


def clock(_: Dialect, value: str) -> str:
    """A time of day as sortable text, with microseconds once it has seconds."""
    return (
        f"CASE WHEN length({value}) < 8 THEN {value} "
        f"ELSE rpad({value} || CASE WHEN contains({value}, '.') THEN '' ELSE '.' END, 15, '0') END"
    )


def compare_partial(operator: str, left: str, right: str) -> str:
    """Two sortable texts compared as far as both are precise; null when that is not enough."""
    shared = f"least(length({left}), length({right}))"
    start, other = f"left({left}, {shared})", f"left({right}, {shared})"
    alike = f"length({left}) = length({right})"
    if operator == "=":
        return f"CASE WHEN {alike} THEN {left} = {right} WHEN {start} <> {other} THEN false END"
    return (
        f"CASE WHEN {start} <> {other} THEN {start} {operator[0]} {other} "
        f"WHEN {alike} THEN {'true' if len(operator) > 1 else 'false'} END"
    )


def compare(names: Names, operator: str, family: str, operands: tuple[str, str]) -> str:
    """Two single values compared."""
    left, right = operands
    if family not in {"date", "time"}:
        return f"({left} {operator} {right})"
    sortable = moment if family == "date" else clock
    one, other = (
        names.let(value, lambda found: sortable(names.dialect, found)) for value in operands
    )
    return names.let(
        one, lambda a: names.let(other, lambda b: f"({compare_partial(operator, a, b)})")
    )


def rounded(names: Names, value: str) -> str:
    """A computed number, freed of binary noise (0.1 + 0.2 is 0.3).

    It becomes the decimal of 12 significant digits when it differs from that by no more
    than the rounding of the operation itself.
    """

    def snapped(number: str) -> str:
        short = names.dialect.short(number)
        noise = f"abs({number} - {short}) <= abs({number}) * {_NOISE}"
        return f"(CASE WHEN {noise} THEN {short} ELSE {number} END)"

    return names.let(value, snapped)


def arithmetic(names: Names, node: Arithmetic, operands: tuple[str, str]) -> str:
    """Two numbers combined; division by zero is empty."""
    left, right = operands
    divisor = f"nullif({right}, 0)"
    ratio = f"(CAST({left} AS DOUBLE) / {divisor})"
    if node.operator == "div":
        return names.dialect.whole(ratio)
    if node.operator == "/":
        return rounded(names, ratio)
    result = f"({left} {node.operator} {right})"
    if node.operator == "mod":
        result = f"({left} % {divisor})"
    return result if node.whole else rounded(names, result)


def boundary(names: Names, node: Boundary, value: str) -> str:
    """Earliest or latest value a stated precision allows."""
    words = names.dialect
    if node.kind == "decimal":
        return names.let(value, lambda sent: _decimal_boundary(words, sent, high=node.high))
    if node.kind == "time":
        return names.let(value, lambda time: _filled(words, time, "T", high=node.high))
    if node.kind == "date":
        return names.let(value, lambda day: f"left({_filled(words, day, '', high=node.high)}, 10)")
    return names.let(value, lambda stamp: _moment_boundary(names, stamp, high=node.high))


def _decimal_boundary(words: Dialect, sent: str, *, high: bool) -> str:
    """Half a unit of the last digit sent, down or up."""
    digits = f"CAST(length(regexp_extract({sent}, '[.]([0-9]+)', 1)) AS INTEGER)"
    half = f"0.5 * pow(10, -{digits})"
    utmost = f"(TRY_CAST({sent} AS DOUBLE) {'+' if high else '-'} {half})"
    return words.rounded(utmost, f"{digits} + 1")


def _filled(words: Dialect, value: str, marker: str, *, high: bool) -> str:
    """A partial date or time (marker T) completed from the lowest or highest one."""
    lowest, highest = "0000-01-01T00:00:00.000", "9999-12-31T23:59:59.999"
    model = highest if high else lowest
    if marker:
        model = model.split("T")[1]
    filled = f"{value} || substr({words.text(model)}, length({value}) + 1)"
    if not high or marker:
        return f"({filled})"
    month = words.month_end(value)
    return f"CASE WHEN length({value}) = {_MONTH} THEN {month} ELSE {filled} END"


def _moment_boundary(names: Names, stamp: str, *, high: bool) -> str:
    """A dateTime completed; without a zone, the zone that makes it earliest or latest."""
    zone = f"nullif(regexp_extract({stamp}, {_ZONE}, 1), '')"
    bare = f"left({stamp}, length({stamp}) - coalesce(length({zone}), 0))"
    words = names.dialect
    utmost = words.text("-12:00" if high else "+14:00")
    return names.let(bare, lambda day: f"({_filled(words, day, '', high=high)})") + (
        f" || coalesce({zone}, {utmost})"
    )


def reference_key(words: Dialect, reference: str, resource: str | None) -> str:
    """Id that a reference names: relative, absolute, versioned, or `urn:uuid:`."""
    kind = resource or "[A-Z][A-Za-z]+"
    key = f"nullif(regexp_extract({reference}, {words.text(f'(?:^|/){kind}/{_ID}')}, 1), '')"
    if resource:
        return key
    urn = f"nullif(regexp_extract({reference}, '^urn:(?:uuid|oid):(.+)$', 1), '')"
    return f"coalesce({key}, {urn})"


def text_operation(words: Dialect, operation: str, values: list[str]) -> str:
    """A FHIRPath function of texts and numbers."""
    first, *rest = values
    if operation == "round":
        return words.rounded(f"CAST({first} AS DOUBLE)", f"CAST({rest[0]} AS INTEGER)")
    if operation == "substring":
        start, *length = rest
        size = length[0] if length else f"length({first})"
        inside = f"{start} >= 0 AND {start} < length({first})"
        part = words.texts["substring"].format(first, f"{start} + 1", size)
        return f"CASE WHEN {inside} THEN {part} END"
    return words.texts[operation].format(first, *rest)
