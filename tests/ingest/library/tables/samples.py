"""A small warehouse of one made-up ward, with the mapping that declares it."""

from __future__ import annotations

from pathlib import Path

MAPPING = """
[mapping]
name = "WARD"
version = "1"
time_zone = "Europe/Rome"
known_delay_seconds = 600

[tables.beds]
columns = ["patient", "stay", "admitted", "discharged"]
key = ["stay"]
required = ["patient", "stay"]
subject = "{patient}"
encounter = "{stay}"
episode = { class_code = "ACTCODE//IMP", start = "{admitted}", end = "{discharged}" }

[tables.results]
columns = ["stay", "taken", "test", "result"]
required = ["stay", "taken"]
encounter = "{stay}"
defaults = { time = "{taken}", known = "{reported}", category = "laboratory" }

[[tables.results.events]]
name = "result"
code = { of = "{test}", map = { K = "LOINC//2823-3" }, otherwise = "WARD//{test}" }
text = "{test}"
value = "{result}"
unit = "{unit}"

[tables.numerics]
columns = ["patient", "minute", "pulse"]
key = ["patient", "minute"]
required = ["patient", "minute"]
subject = "{patient}"
defaults = { time = "{minute}", category = "vital" }

[tables.numerics.measures]
pulse = { code = "LOINC//8867-4", text = "Heart rate", unit = "/min" }
spo2 = { code = "LOINC//59408-5", text = "SpO2", unit = "%" }
"""

BEDS = """patient,stay,admitted,discharged
1,s-1,2024-01-10 09:00:00,2024-01-14 11:00:00
2,s-2,2024-07-10 09:00:00,
"""

RESULTS = """stay,taken,reported,test,result,unit
s-1,2024-01-11 07:00:00,2024-01-11 08:10:00,K,4.10,mmol/L
s-1,2024-01-11 07:00:00,2024-01-11 08:10:00,"Odd, quoted ""test""\nof two lines",<0.5,mg/L
s-2,2024-07-11 07:00:00,,K,3.9,mmol/L
s-2,2024-07-11 07:00:00,,CULTURE,no growth,
"""

NUMERICS = "patient,minute,pulse,spo2\n" + "".join(
    f"1,2024-01-11 10:{minute:02}:00,{60 + minute},{97 if minute % 2 else ''}\n"
    for minute in range(60)
)


def samples(folder: Path) -> list[Path]:
    """The mapping and its tables; the longest table last."""
    texts = {"mapping.toml": MAPPING, "beds.csv": BEDS, "results.csv": RESULTS,
             "numerics.csv": NUMERICS}  # fmt: skip
    paths = []
    for name, text in texts.items():
        paths.append(folder / name)
        paths[-1].write_text(text, "utf-8")
    return paths
