"""Made-up people, registered once or more often, as FHIR patients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.ingest.support import ndjson, take
from vitruvian.lake import Lake


def registered(ident: str, **said: Any) -> dict[str, Any]:
    """A Patient: `family`, `given`, `born`, and whatever else FHIR says."""
    plain = {"family": "Quux", "given": "Anna", "born": "1950-06-01"} | said
    known = {"family", "given", "born", "street", "city", "postcode", "phone", "number"}
    record: dict[str, Any] = {
        "resourceType": "Patient",
        "id": ident,
        "identifier": [{"system": "https://ward.example/mrn", "value": f"M-{ident}"}],
        "name": [{"family": plain["family"], "given": plain["given"].split()}],
        "birthDate": plain["born"],
    }
    if "number" in plain:
        insured = {"system": "https://insurer.example/number", "value": plain["number"]}
        record["identifier"].append(insured)
    if "street" in plain:
        place = {"city": plain.get("city", "Graz"), "postalCode": plain.get("postcode", "8010")}
        record["address"] = [{"line": [plain["street"]], **place}]
    if "phone" in plain:
        record["telecom"] = [{"system": "phone", "value": plain["phone"]}]
    return record | {key: value for key, value in plain.items() if key not in known}


def bring(lake: Lake, folder: Path, *patients: dict[str, Any]) -> None:
    """Take them in."""
    folder.mkdir(exist_ok=True)
    take(lake, ndjson(folder / "people.ndjson", *patients))


HOME: dict[str, Any] = {"street": "Elm Street 7", "phone": "+43 316 555 0101"}
# One person twice: a slip in the name, another record number.
ONCE = registered("once", family="Oakenfull", given="Theodora", **HOME, gender="female")
AGAIN = registered("again", family="Oakenful", given="Theodora", **HOME, gender="female")
# Twins, living together.
TWIN = registered("twin", family="Brandt", given="Lukas", born="2015-03-09", **HOME)
OTHER_TWIN = registered("other-twin", family="Brandt", given="Sophie", born="2015-03-09", **HOME)
# Two strangers of one name.
STRANGER = registered("stranger", family="Smith", given="John", born="1961-02-03")
NAMESAKE = registered("namesake", family="Smith", given="John", born="1987-11-23")
# Twins before they had names.
BABY_A = registered("baby-a", family="Vogel", given="Baby A", born="2026-05-01", **HOME)
BABY_B = registered("baby-b", family="Vogel", given="Baby B", born="2026-05-01", **HOME)
# One woman under the name of her birth, and that of her marriage with the former beside it.
MAIDEN = registered("maiden", family="Haas", given="Maria", born="1980-12-24", **HOME)
MARRIED = registered(
    "married", born="1980-12-24", **HOME,
    name=[
        {"use": "official", "family": "Lindqvist", "given": ["Maria"]},
        {"use": "maiden", "family": "Haas", "given": ["Maria"]},
    ],
)  # fmt: skip
EVERYBODY = (
    ONCE, AGAIN, TWIN, OTHER_TWIN, STRANGER, NAMESAKE, BABY_A, BABY_B, MAIDEN, MARRIED,
)  # fmt: skip
