"""FHIRPath expressions over one made-up patient and one observation.

The expected answers follow FHIRPath N1 (2.0.0); those that `fhirpathrs` can answer too are
compared with it.
"""

from __future__ import annotations

from typing import Any

import fhirpathrs
import pytest

from tests.views.support import evaluate, view_of
from vitruvian.views import InvalidPath, NotOneValue, UnsupportedPath, compile_view, parse_view

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "name": [
        {"use": "official", "family": "Ardent", "given": ["Bo", "Cy"]},
        {"use": "old", "family": "Gale"},
    ],
    "birthDate": "1970-06",
    "_birthDate": {"extension": [{"url": "urn:origin", "valueString": "passport"}]},
    "multipleBirthInteger": 3,
    "contact": [
        {"name": {"family": "Dove"}, "telecom": [{"system": "phone", "value": "1"}]},
        {"telecom": [{"system": "email", "value": "2"}, {"system": "phone", "value": "3"}]},
    ],
    "contained": [
        {"resourceType": "Organization", "id": "org", "name": "North"},
        {"resourceType": "Practitioner", "id": "doc", "gender": "male"},
    ],
    "extension": [{"url": "urn:score", "valueDecimal": 1.5}],
    "managingOrganization": {"reference": "https://fhir.example.org/r4/Organization/o2/_history/3"},
    "generalPractitioner": [{"reference": "urn:uuid:0d6f"}, {"reference": "#doc"}],
}

OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "urn:s", "code": "k"}]},
    "valueQuantity": {"value": 7.2, "unit": "mmol/L"},
    "effectiveDateTime": "2020-01-02T03:04:05+02:00",
    "referenceRange": [{"low": {"value": 2.5}, "high": {"value": 3}}],
}

# Answers that fhirpathrs gives as well.
SHARED = [
    ("1 + 2", 3),
    ("7 / 2", 3.5),
    ("7 div 2", 3),
    ("7 mod 2", 1),
    ("7.5 mod 2", 1.5),
    ("5 / 0", None),
    ("5 div 0", None),
    ("5 mod 0", None),
    ("1 - 2 * 3", -5),
    ("(1 - 2) * 3", -3),
    ("2.5 * 2", 5.0),
    ("'a' + 'b'", "ab"),
    ("'a' & {}", "a"),
    ("'a' + {}", None),
    ("true and {}", None),
    ("false and {}", False),
    ("true or {}", True),
    ("false or {}", None),
    ("true xor false", True),
    ("{} xor true", None),
    ("true implies false", False),
    ("false implies {}", True),
    ("{} implies true", True),
    ("active.not()", False),
    ("name.exists()", True),
    ("name.exists(use = 'old')", True),
    ("name.exists(use = 'nickname')", False),
    ("photo.empty()", True),
    ("name.count()", 2),
    ("name.given.count()", 2),
    ("name[1].family", "Gale"),
    ("name[7].family", None),
    ("name.first().given.last()", "Cy"),
    ("name.given.skip(1).first()", "Cy"),
    ("name.tail().family", "Gale"),
    ("name.take(1).family", "Ardent"),
    ("name.where(use = 'old').family", "Gale"),
    ("name.family.first() = 'Ardent'", True),
    ("name.family = name.family", True),
    ("name.family = 'Ardent'", False),
    ("name.family != 'Ardent'", True),
    ("photo.url = 'x'", None),
    ("'Gale' in name.family", True),
    ("name.family contains 'Nobody'", False),
    ("(name.given | name.family).count()", 4),
    ("name.all(family.exists())", True),
    ("name.all(given.exists())", False),
    ("iif(active, 'yes', 'no')", "yes"),
    ("iif(active.not(), 'yes')", None),
    ("1 < 2.5", True),
    ("'a' < 'b'", True),
    ("2 >= 2", True),
    ("name.given.exists($this = 'Cy')", True),
    ("'abc'.substring(1, 1)", "b"),
    ("'abc'.startsWith('a')", True),
    ("'abc'.endsWith('a')", False),
    ("'abc'.contains('b')", True),
    ("'abc'.indexOf('c')", 2),
    ("'abc'.replace('b', 'x')", "axc"),
    ("'abc'.upper()", "ABC"),
    ("'abc'.length()", 3),
    ("'12'.toInteger() + 1", 13),
    ("12.toString()", "12"),
    ("(-2).abs()", 2),
    ("2.4.ceiling()", 3),
    ("2.6.floor()", 2),
]

# Answers of ours alone: functions of SQL on FHIR, FHIR types, partial dates.
OURS = [
    ("-7 div 2", -3),
    ("-7 mod 3", -1),
    ("0.1 + 0.2", 0.3),
    ("0.3 / 0.1", 3.0),
    ("2 / 3", 2 / 3),
    ("name.given.join(', ')", "Bo, Cy"),
    ("name.given.join()", "BoCy"),
    ("photo.title.join('-')", ""),
    ("name.select(family).join('|')", "Ardent|Gale"),
    ("multipleBirth.ofType(integer) + 1", 4),
    ("(multipleBirth as integer) / 2", 1.5),
    ("multipleBirth is integer", True),
    ("multipleBirth is boolean", False),
    ("multipleBirth.exists()", True),
    ("deceased.exists()", False),
    ("birthDate = @1970-06", True),
    ("birthDate = @1970-07", False),
    ("birthDate = @1970", None),
    ("birthDate < @1971", True),
    ("birthDate < @1970", None),
    ("birthDate > @1970-05-03", True),
    ("birthDate <= @1970-06-05", None),
    ("birthDate.lowBoundary()", "1970-06-01"),
    ("birthDate.highBoundary()", "1970-06-30"),
    ("@2020-02.highBoundary()", "2020-02-29"),
    ("@2020-02-03T10:20:30Z.highBoundary()", "2020-02-03T10:20:30.999Z"),
    ("@2020-02-03T10:20:30.5+01:00.lowBoundary()", "2020-02-03T10:20:30.500+01:00"),
    ("@T10:20.lowBoundary()", "10:20:00.000"),
    ("@T10:20.highBoundary()", "10:20:59.999"),
    ("1.50.lowBoundary()", 1.495),
    ("4.highBoundary()", 4.5),
    ("@2020-01-01T10:00:00Z = @2020-01-01T12:00:00+02:00", True),
    ("@2020-01-01T10:00:00Z < @2020-01-01T12:00:01+02:00", True),
    ("@2020-01-01T10:00:00.000Z = @2020-01-01T10:00:00Z", True),
    ("@T10:00 < @T11", True),
    ("@T10:00:00 = @T10:00:00.000", True),
    ("birthDate.extension('urn:origin').value.ofType(string)", "passport"),
    ("extension('urn:score').value.ofType(decimal) + 1", 2.5),
    ("extension('urn:absent').value.ofType(decimal)", None),
    ("contained.ofType(Organization).name", "North"),
    ("contained.ofType(Practitioner).gender", "male"),
    ("contained.id.join(' ')", "org doc"),
    ("contact.telecom.where(system = 'phone').value.join(' ')", "1 3"),
    ("contact.where(telecom.exists(system = 'email')).telecom.value.join(' ')", "2 3"),
    ("getResourceKey()", "p1"),
    ("managingOrganization.getReferenceKey()", "o2"),
    ("managingOrganization.getReferenceKey(Organization)", "o2"),
    ("managingOrganization.getReferenceKey(Patient)", None),
    ("generalPractitioner.getReferenceKey()", "0d6f"),
    ("generalPractitioner.getReferenceKey(Practitioner)", None),
    ("%resource.id", "p1"),
    ("%rowIndex", 0),
    ("Patient.name.first().family", "Ardent"),
    ("species.code", None),
    ("true = 1", False),
    ("'x'.hasValue()", True),
    ("'-12'.toInteger()", -12),
    ("'1.5'.toInteger()", None),
    ("'1e3'.toInteger()", None),
    ("3.14159.round(2)", 3.14),
    ("name.family.distinct().count()", 2),
    ("`id`", "p1"),
    ("'it\\'s' /* a comment */", "it's"),
]


@pytest.mark.parametrize("path, expected", SHARED)
def test_path__gives_what_fhirpath_says(path: str, expected: object) -> None:
    assert evaluate(path, PATIENT) == expected


@pytest.mark.parametrize("path, expected", SHARED)
def test_path__agrees_with_another_implementation(path: str, expected: object) -> None:
    other = fhirpathrs.evaluate(path, PATIENT)
    answers = other if isinstance(other, list) else [other]
    assert answers == ([] if expected is None else [expected])


@pytest.mark.parametrize("path, expected", OURS)
def test_path__gives_the_answer_of_the_standard(path: str, expected: object) -> None:
    assert evaluate(path, PATIENT) == expected


@pytest.mark.parametrize(
    "path, expected",
    [
        ("value.ofType(Quantity).value", 7.2),
        ("value.ofType(Quantity).value * 2", 14.4),
        ("value.ofType(Quantity).value > 7", True),
        ("(value as Quantity).unit", "mmol/L"),
        ("value.ofType(string)", None),
        ("value.exists()", True),
        ("value.empty()", False),
        ("referenceRange.low.value + referenceRange.high.value", 5.5),
        ("referenceRange.high.value - referenceRange.low.value", 0.5),
        ("effective.ofType(dateTime) > @2020-01-02T01:00:00Z", True),
        ("effective.ofType(dateTime) > @2020-01-02", None),
        ("effective.ofType(dateTime) > @2020-01-01", True),
        ("code.coding.code = 'k'", True),
    ],
)
def test_observation_path__gives_the_answer(path: str, expected: object) -> None:
    assert evaluate(path, OBSERVATION) == expected


@pytest.mark.parametrize(
    "path",
    [
        "name.",
        "name..family",
        "name.where(",
        "@@",
        "name family",
        "$index",
        "%unknown",
        "1 +",
        "(1",
    ],
)
def test_path__that_is_not_fhirpath_is_refused(path: str) -> None:
    with pytest.raises(InvalidPath, match="/select/0/column/0/path"):
        evaluate(path, PATIENT)


@pytest.mark.parametrize(
    "path",
    ["active < true", "name['a']", "name.family.getReferenceKey()", "gender.upper(1)", "id.abs()"],
)
def test_path__with_the_wrong_type_is_refused(path: str) -> None:
    with pytest.raises(InvalidPath):
        evaluate(path, PATIENT)


@pytest.mark.parametrize(
    "path", ["value", "value.unit", "value.first()", "id.descendants()", "1 + 'a'", "code = code"]
)
def test_path__beyond_the_subset_is_named_as_such(path: str) -> None:
    with pytest.raises(UnsupportedPath, match="Expected"):
        evaluate(path, OBSERVATION)


@pytest.mark.parametrize("path", ["name.family", "name.family + 'x'", "name.family.upper()"])
def test_several_values__where_one_is_wanted_stop_the_run(path: str) -> None:
    with pytest.raises(NotOneValue, match="/select/0/column/0/path"):
        evaluate(path, PATIENT)


LONGEST = [
    "(" * 49 + "id" + ")" * 49,
    "-" * 49 + "1",
    "name.where(" * 49 + "true" + ")" * 49 + ".exists()",
    "id" + ".where(true)" * 200,
    "true" + " or true" * 200,
]


@pytest.mark.parametrize("path", LONGEST)
def test_path__as_long_as_may_be_is_read_to_its_end(path: str) -> None:
    assert compile_view(
        parse_view(view_of("Patient", {"column": [{"name": "a", "path": path}]})), source="batch"
    ).columns


@pytest.mark.parametrize(
    "path",
    [
        "(" * 50 + "id" + ")" * 50,
        "(" * 9_000,
        "-" * 9_000 + "1",
        "name.where(" * 9_000,
        "id" + ".where(true)" * 201,
        "name" + "[0]" * 9_000,
        "true" + " or true" * 9_000,
        "true" + " implies true" * 9_000,
    ],
)
def test_path__that_goes_on_for_ever_is_refused(path: str) -> None:
    view = view_of("Patient", {"column": [{"name": "a", "path": path}]})
    with pytest.raises(InvalidPath, match=r"nested more than 50 deep|more than 200 operators"):
        parse_view(view)
