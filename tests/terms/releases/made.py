"""Tiny releases of our own in the publishers' formats: a disease, its kinds, and nothing of theirs."""

from __future__ import annotations

from pathlib import Path


def _table(path: Path, delimiter: str, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(row.replace("|", delimiter) + "\n" for row in rows), "utf-8")


def athena(folder: Path, *, ancestors: bool = True, edition: str = "v5.0 27-FEB-25") -> Path:
    _table(
        folder / "CONCEPT.csv",
        "\t",
        "concept_id|concept_name|domain_id|vocabulary_id|concept_class_id|standard_concept|"
        "concept_code|valid_start_date|valid_end_date|invalid_reason",
        '1|Sugar "sickness"|Condition|SNOMED|Disorder|S|111|19700101|20991231|',
        "2|Sugar sickness, kind two|Condition|SNOMED|Disorder|S|112|19700101|20991231|",
        "3|Sugar sickness, kind two with eyes|Condition|SNOMED|Disorder|S|113|19700101|20991231|",
        "4|E-something|Condition|ICD10CM|4-char|\u200b|E99.9|19700101|20991231|".replace(
            "\u200b", ""
        ),
        "5|Gone|Condition|SNOMED|Disorder||114|19700101|20200101|D",
        "6|red pill|Drug|RxNorm|Clinical Drug|S|11|19700101|20991231|",
        "7|blue pill|Drug|RxNorm Extension|Clinical Drug|S|OMOP1|19700101|20991231|",
    )
    _table(folder / "VOCABULARY.csv", "\t", "vocabulary_id|vocabulary_name|vocabulary_version",
           f"None|OMOP Standardized Vocabularies|{edition}")  # fmt: skip
    _table(folder / "CONCEPT_RELATIONSHIP.csv", "\t",
           "concept_id_1|concept_id_2|relationship_id|valid_start_date|valid_end_date|invalid_reason",
           "2|1|Is a|19700101|20991231|", "1|2|Subsumes|19700101|20991231|",
           "3|2|Is a|19700101|20991231|", "5|1|Is a|19700101|20200101|D")  # fmt: skip
    if ancestors:
        _table(folder / "CONCEPT_ANCESTOR.csv", "\t",
               "ancestor_concept_id|descendant_concept_id|min_levels_of_separation|"
               "max_levels_of_separation", "1|1|0|0", "1|2|1|1", "1|3|2|2", "2|3|1|1")  # fmt: skip
    return folder


def snomed(folder: Path, *, edition: str = "20250101") -> Path:
    place = folder / "Snapshot" / "Terminology"
    _table(place / f"sct2_Concept_Snapshot_INT_{edition}.txt", "\t",
           "id|effectiveTime|active|moduleId|definitionStatusId",
           "111|20200101|1|9|9", "112|20200101|1|9|9", "113|20200101|1|9|9", "114|20200101|0|9|9")  # fmt: skip
    _table(place / f"sct2_Description_Snapshot-en_INT_{edition}.txt", "\t",
           "id|effectiveTime|active|moduleId|conceptId|languageCode|typeId|term|caseSignificanceId",
           "1|20200101|1|9|111|en|900000000000003001|Sugar sickness (disorder)|9",
           "2|20200101|1|9|111|en|900000000000013009|Sweet|9",
           "3|20200101|0|9|112|en|900000000000003001|An older name|9",
           '4|20200101|1|9|112|en|900000000000003001|Kind "two (disorder)|9')  # fmt: skip
    _table(place / f"sct2_Relationship_Snapshot_INT_{edition}.txt", "\t",
           "id|effectiveTime|active|moduleId|sourceId|destinationId|relationshipGroup|typeId|"
           "characteristicTypeId|modifierId",
           "1|20200101|1|9|112|111|0|116680003|9|9", "2|20200101|1|9|113|112|0|116680003|9|9",
           "3|20200101|0|9|114|111|0|116680003|9|9", "4|20200101|1|9|111|113|0|363698007|9|9")  # fmt: skip
    return folder


def national(folder: Path) -> Path:
    """A package of its own beside the international one: a kind more, and one taken out of use."""
    place = folder / "National" / "Snapshot" / "Terminology"
    _table(place / "sct2_Concept_XXSnapshot_XX1000999_20250301.txt", "\t",
           "id|effectiveTime|active|moduleId|definitionStatusId",
           "115|20250301|1|8|9", "113|20250301|0|8|9")  # fmt: skip
    _table(place / "sct2_Description_XXSnapshot-xx_XX1000999_20250301.txt", "\t",
           "id|effectiveTime|active|moduleId|conceptId|languageCode|typeId|term|caseSignificanceId",
           "9|20250301|1|8|111|xx|900000000000003001|Sukkersyke (tilstand)|9",
           "10|20250301|1|8|115|xx|900000000000003001|Sukkersyke III (tilstand)|9")  # fmt: skip
    _table(place / "sct2_Relationship_XXSnapshot_XX1000999_20250301.txt", "\t",
           "id|effectiveTime|active|moduleId|sourceId|destinationId|relationshipGroup|typeId|"
           "characteristicTypeId|modifierId", "9|20250301|1|8|115|112|0|116680003|9|9",
           "2|20250301|0|8|113|112|0|116680003|9|9")  # fmt: skip
    return folder


def loinc(folder: Path, *, tree: str = "ComponentHierarchyBySystem") -> Path:
    path = folder / "LoincTable" / "Loinc.csv"
    _table(path, ",", '"LOINC_NUM","LONG_COMMON_NAME","STATUS","VersionLastChanged"',
           '"1-8","Salt, in ""blood""","ACTIVE","2.9"', '"2-6","Old salt","DEPRECATED","2.81"')  # fmt: skip
    _table(folder / "AccessoryFiles" / tree / f"{tree}.csv", ",", '"PATH_TO_ROOT","SEQUENCE","IMMEDIATE_PARENT","CODE","CODE_TEXT"',
           '"","1","","LP1-1","Salts"', '"LP1-1","1","LP1-1","1-8","Salt"')  # fmt: skip
    return folder


def rxnorm(folder: Path) -> Path:
    (folder / "rrf").mkdir(parents=True, exist_ok=True)
    (folder / "Readme_Full_03032025.txt").write_text("", "utf-8")
    name = "{0}|ENG||||||1||||{1}|{4}|{0}|{2}|4096|{3}|4096|\n"
    rows = [name.format(*each) for each in (
        ("10", "RXNORM", "a synonym of pill", "N", "SY"), ("10", "RXNORM", "older pill", "O", "IN"),
        ("10", "RXNORM", "pill", "N", "IN"), ("11", "RXNORM", "red pill", "N", "SCD"),
        ("11", "RXNORM", "Red Pill, prescribed", "N", "PSN"),
        ("10", "MMSL", "another's name", "N", "IN"),
        ("12", "RXNORM", "old pill", "O", "IN"))]  # fmt: skip
    (folder / "rrf" / "RXNCONSO.RRF").write_text("".join(rows), "utf-8")
    related = "{0}||CUI|RN|{1}||CUI|{2}|1||RXNORM|RXNORM|||4096||\n"
    pairs = [("10", "11", "isa"), ("10", "11", "isa"), ("12", "10", "has_ingredient"),
             ("11", "10", "inverse_isa"), ("10", "12", "ingredient_of"), ("", "", "isa")]  # fmt: skip
    rows = [related.format(*each) for each in pairs]
    (folder / "rrf" / "RXNREL.RRF").write_text("".join(rows), "utf-8")
    (folder / "prescribe" / "rrf").mkdir(parents=True, exist_ok=True)
    part = name.format("11", "RXNORM", "red pill", "N", "SCD")
    (folder / "prescribe" / "rrf" / "RXNCONSO.RRF").write_text(part, "utf-8")
    return folder
