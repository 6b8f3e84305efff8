"""Small exports, written as the Health app of iOS writes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

DTD = """<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
]>
"""
ME = (
    ' <Me HKCharacteristicTypeIdentifierDateOfBirth="1950-02-14"'
    ' HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexFemale"/>\n'
)
WATCH = (
    "&lt;&lt;HKDevice: 0x{place}&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, "
    "hardware:Watch6,2, software:10.1&gt;"
)
SHEET = "apple_health_export,identifier_system,patient_id\n{key},https://ward.example/mrn,M-1\n"


def record(
    kind: str,
    value: str,
    start: str,
    end: str | None = None,
    *,
    unit: str = "count/min",
    source: str = "Watch",
    place: str = "282",
    inner: str = "",
) -> str:
    """One record; ``place`` is the address in memory that changes from export to export."""
    told = f'value="{value}"' + (f' unit="{unit}"' if unit else "")
    device = f' device="{WATCH.format(place=place)}"' if source == "Watch" else ""
    head = (
        f' <Record type="HK{kind}" sourceName="{source}" sourceVersion="10.1"{device} {told}'
        f' creationDate="{start}" startDate="{start}" endDate="{end or start}"'
    )
    return f"{head}>\n{inner}\n </Record>\n" if inner else f"{head}/>\n"


def heart_rate(value: str, start: str, **more: str) -> str:
    return record("QuantityTypeIdentifierHeartRate", value, start, **more)


def steps(value: str, start: str, end: str, **more: str) -> str:
    return record("QuantityTypeIdentifierStepCount", value, start, end, unit="count", **more)


def asleep(stage: str, start: str, end: str, **more: str) -> str:
    kind, value = "CategoryTypeIdentifierSleepAnalysis", f"HKCategoryValueSleepAnalysis{stage}"
    return record(kind, value, start, end, unit="", **more)


def export(
    path: Path, records: Iterable[str], *, made: str = "2024-04-01 09:00:00 +0200", me: str = ME
) -> Path:
    """A whole export."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{DTD}<HealthData locale="en_GB">\n'
        f' <ExportDate value="{made}"/>\n{me}{"".join(records)}</HealthData>\n'
    )
    path.write_text(text, "utf-8")
    return path


FIRST = (
    record("QuantityTypeIdentifierHeight", "172", "2019-01-01 10:00:00 +0100", unit="cm"),
    record("QuantityTypeIdentifierBodyMass", "71.5", "2019-01-01 10:01:00 +0100", unit="kg"),
    record("QuantityTypeIdentifierBodyMass", "158", "2019-02-01 10:01:00 +0100", unit="lb"),
)


def samples(folder: Path) -> list[Path]:
    """Two exports of two wearers."""
    day = "2024-03-05 {:02d}:{:02d}:{:02d} +0100"
    pulses = [heart_rate(str(60 + n % 9), day.format(7, n // 6 % 60, n % 6 * 9)) for n in range(90)]
    other = ME.replace("1950", "1961")
    return [
        export(folder / "first.xml", FIRST),
        export(folder / "second.xml", [*FIRST, *pulses], me=other),
    ]
