"""Two made-up people in OMOP tables, with a vocabulary of a few concepts."""

from __future__ import annotations

from pathlib import Path

CONCEPT = """concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\tvalid_start_date\tvalid_end_date\tinvalid_reason
3023103\tPotassium "serum"\tMeasurement\tLOINC\tLab Test\tS\t2823-3\t19700101\t20991231\t
201826\tType 2 diabetes mellitus\tCondition\tSNOMED\tDisorder\tS\t44054006\t19700101\t20991231\t
8753\tmillimole per liter\tUnit\tUCUM\tUnit\tS\tmmol/L\t19700101\t20991231\t
0\tNo matching concept\tMetadata\tNone\tUndefined\t\tNo matching concept\t19700101\t20991231\t
"""

PERSON = """person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime,race_concept_id,ethnicity_concept_id,location_id,provider_id,care_site_id,person_source_value,gender_source_value
1,8532,1950,2,14,,0,0,,,,M-1,F
2,8507,1971,,,,0,0,,,,M-2,M
"""

VISIT = """visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_start_datetime,visit_end_date,visit_end_datetime,visit_type_concept_id
10,1,9201,2024-03-04,2024-03-04 08:00:00,2024-03-08,2024-03-08 12:00:00,32827
11,2,9202,2024-07-04,,2024-07-04,,32827
"""

DEATH = """person_id,death_date,death_datetime,death_type_concept_id,cause_concept_id,cause_source_value
2,2024-09-01,,32817,0,
"""

CONDITION = """condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_start_datetime,condition_end_date,condition_type_concept_id,visit_occurrence_id,condition_source_value,condition_source_concept_id
1,1,201826,2024-03-04,,,32817,10,E11.9,0
2,1,0,2024-03-04,,,32817,10,LOCAL-7,0
3,2,999999,2024-07-04,,,32817,11,,0
"""

PERIOD = """observation_period_id,person_id,observation_period_start_date,observation_period_end_date,period_type_concept_id
1,1,2020-01-01,2024-12-31,32880
"""

_HEAD = "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,measurement_type_concept_id,operator_concept_id,value_as_number,value_as_concept_id,unit_concept_id,range_low,range_high,visit_occurrence_id,measurement_source_value,measurement_source_concept_id,unit_source_value,value_source_value\n"
MEASUREMENT = _HEAD + "".join(
    f"{n},1,3023103,2024-03-05,2024-03-05 07:{n:02}:00,32856,{4171754 if n == 3 else 0},"
    f"{4 + n / 10},,8753,3.5,5.1,10,K,0,,{4 + n / 10}\n"
    for n in range(60)
)
TEXTS = {
    "CONCEPT.csv": CONCEPT, "person.csv": PERSON, "visit_occurrence.csv": VISIT,
    "death.csv": DEATH, "condition_occurrence.csv": CONDITION, "observation_period.csv": PERIOD,
    "measurement.csv": MEASUREMENT,
}  # fmt: skip


def samples(folder: Path) -> list[Path]:
    """One file a table; the longest last."""
    paths = []
    for name, text in TEXTS.items():
        paths.append(folder / name)
        paths[-1].write_text(text, "utf-8")
    return paths
