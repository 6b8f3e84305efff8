"""The codes that the default policy speaks in, against lists that other people publish."""

from __future__ import annotations

import pytest

from vitruvian.trust.own_record.holding import DEFAULT
from vitruvian.trust.policy.decide import default_policy

# HL7 FHIR R4 (4.0.1), value set All Security Labels: information sensitivity of v3 ActCode, and
# Confidentiality; PREGNANT joined in HL7 Terminology 3.
SECURITY_LABELS = frozenset(
    "U L M N R V ETH GDIS HIV MST SCA SDV SEX SPI BH COGN DVD EMOTDIS MH PSY PSYTHPN SUD ETHUD "
    "OPIOIDUD STD TBOO VIO SICKLE DEMO DOB GENDER LIVARG MARST RACE REL B EMPL LOCIS SSP ADOL CEL "
    "DIA DRGIS EMP PDS PHY PRS PREGNANT".split()
)
# HL7 Terminology 6.5, v3 ActReason, everything below PurposeOfUse.
PURPOSES_OF_USE = frozenset(
    "HMARKT HOPERAT CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS "
    "HPRGRP HQUALIMP HSYSADMIN LABELING METAMGT MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT "
    "SYSDEV HTEST TRAIN HPAYMT CLMATTCH COVAUTH COVERAGE ELIGDTRM ELIGVER ENROLLM MILDCRG REMITADV "
    "HRESCH BIORCH CLINTRCH CLINTRCHNPC CLINTRCHPC PRECLINTRCH DSRCH POARCH TRANSRCH PATRQT FAMRQT "
    "PWATRNY SUPNWK PUBHLTH DISASTER THREAT TREAT CLINTRL COC ETREAT BTG ERTREAT POPHLTH".split()
)
RESEARCH = frozenset(
    "HRESCH BIORCH CLINTRCH CLINTRCHNPC CLINTRCHPC PRECLINTRCH DSRCH POARCH TRANSRCH".split()
)


def test_labels__are_words_that_security_labels_of_fhir_have() -> None:
    said = [code for label in default_policy().labels.values() for code in label.security]
    assert sorted(set(said) - SECURITY_LABELS) == []
    assert len(said) == len(set(said)), "one word stands for two labels"


def test_violence__is_not_taken_for_developmental_disability() -> None:
    # Both begin alike, and both were confused once.
    labels = default_policy().labels
    assert labels["violence"].security == {"SDV", "VIO", "MST"}
    assert "DVD" in labels["psychiatry"].security


def test_purposes_of_consents__are_words_of_act_reason() -> None:
    assert sorted(default_policy().purposes_said.keys() - PURPOSES_OF_USE) == []


def test_research__is_every_word_below_healthcare_research_and_no_other() -> None:
    said = default_policy().purposes_said
    assert {code for code, purpose in said.items() if purpose == "research"} == RESEARCH


def test_policy_without_a_word_on_it__holds_back_what_the_default_does() -> None:
    assert default_policy().holding == DEFAULT


@pytest.mark.parametrize(
    "label, says",
    [
        ("psychiatry", ("schizophrenia", "mood", "depress", "personality", "mental", "psycho", "bipolar",
                        "delusional", "manic", "schizo", "habit", "gender", "sexual", "paraphilias",
                        "factitious", "impulse")),
        ("substance-use", ("alcohol", "opioid", "cannabis", "sedative", "cocaine", "stimulant",
                           "hallucinogen", "inhalant", "psychoactive")),
        ("sexual-health", ("immunodeficiency virus", "hiv", "syphilis", "gonococcal", "chlamydial",
                           "chlamydia", "chancroid", "granuloma inguinale", "trichomoniasis",
                           "herpes", "sexual", "lymphogranuloma")),
        ("violence", ("abuse", "neglect", "maltreatment")),
    ],
)  # fmt: skip
def test_diagnoses__say_what_their_label_does(label: str, says: tuple[str, ...]) -> None:
    icd = pytest.importorskip(
        "simple_icd_10_cm", reason="simple-icd-10-cm is not installed: it names the diagnoses"
    )
    beginnings = [
        code.removeprefix("ICD10CM//")
        for code in default_policy().labels[label].codes
        if code.startswith("ICD10CM//")
    ]
    for beginning in beginnings:
        named = [code for code in icd.get_all_codes() if code.startswith(beginning)]
        top = [code for code in named if len(code) == max(3, len(beginning))]
        assert top, f"{beginning} names no diagnosis"
        strange = [c for c in top if not any(w in icd.get_description(c).lower() for w in says)]
        assert strange == [], beginning


@pytest.mark.parametrize("code, says", [("Z14", "genetic carrier"), ("Z15", "genetic suscept")])
def test_held_diagnoses__are_about_genes(code: str, says: str) -> None:
    icd = pytest.importorskip(
        "simple_icd_10_cm", reason="simple-icd-10-cm is not installed: it names the diagnoses"
    )
    assert f"ICD10CM//{code}" in DEFAULT.codes
    assert says in icd.get_description(code).lower()
