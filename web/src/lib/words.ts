/** Codes that stand where people expect words. The code itself stays in the title. */

import table from "../../../src/vitruvian/terms/printed_units.json";
import type { Identifier } from "../api/types";

/** UCUM as a laboratory prints it, by the table the terminal uses. Only the spelling changes, never the number. */
const PRINTED = table.spellings.map(([from, to]) => [new RegExp(from ?? "", "g"), to ?? ""] as const);
const RAISED = [...table.raised];

export function printedUnit(ucum: string | null): string {
  if (!ucum || ucum === "1") return "";
  const printed = PRINTED.reduce((text, [from, to]) => text.replace(from, to), ucum);
  const raised = printed.replace(/\b10\*(\d+)/g, (_, power: string) => `10${[...power].map((digit) => RAISED[Number(digit)]).join("")}`);
  return raised.trim();
}

/** "22 mL/min/{1.73_m2}" as one string: the number stays, the unit is printed. */
export function printedQuantity(text: string): string {
  const parts = /^([<>≤≥=]*\s*-?[\d.,]+)\s+(\S+)$/.exec(text);
  return parts ? `${parts[1]} ${printedUnit(parts[2] ?? null)}`.trim() : text;
}

/** HL7 v3 ActCode, the classes of an encounter. */
const CLASSES: Record<string, string> = {
  IMP: "inpatient", ACUTE: "inpatient, acute", NONAC: "inpatient, not acute", AMB: "outpatient", EMER: "emergency",
  OBSENC: "observation", SS: "short stay", HH: "home visit", VR: "virtual", PRENC: "pre-admission", FLD: "in the field",
};

/** HL7 v3 RoleCode, the relatives a family history names. */
const RELATIVES: Record<string, string> = {
  FTH: "father", MTH: "mother", BRO: "brother", SIS: "sister", SON: "son", DAU: "daughter", CHILD: "child", SIB: "sibling",
  GRFTH: "grandfather", GRMTH: "grandmother", GRPRN: "grandparent", MGRFTH: "mother's father", MGRMTH: "mother's mother",
  PGRFTH: "father's father", PGRMTH: "father's mother", UNCLE: "uncle", AUNT: "aunt", COUSN: "cousin", PRN: "parent",
  MAUNT: "mother's sister", PAUNT: "father's sister", MUNCLE: "mother's brother", PUNCLE: "father's brother",
  NBRO: "brother", NSIS: "sister", NFTH: "father", NMTH: "mother", HUSB: "husband", WIFE: "wife", FAMMEMB: "family member",
};

export function relativeWord(code: string): string {
  return RELATIVES[code] ?? code;
}

export function classWord(code: string): string {
  return CLASSES[code] ?? code;
}

/** HL7 v2 table 0203, the kinds of identifier. */
const KINDS: Record<string, string> = {
  MR: "MRN", NI: "National id", SS: "Social security", DL: "Driving licence", PPN: "Passport", PI: "Patient id",
  NH: "Health card", HC: "Health card", JHN: "Health number", MC: "Medicare", AN: "Account", VN: "Visit",
};

/** The kinds by which a ward knows a patient; a bare "Identifier" says least. */
function rank(label: string): number {
  if (/^(MR|MRN|medical record number)$/i.test(label)) return 0;
  return /^identifier$/i.test(label) ? 2 : 1;
}

/** Two identifiers that really are two: one number under two names proves nothing twice. */
export function twoIdentifiers(identifiers: Identifier[]): Identifier[] {
  const ranked = identifiers.toSorted((a, b) => rank(a.label) - rank(b.label));
  return ranked.filter((one, at) => ranked.findIndex((other) => other.value === one.value) === at).slice(0, 2);
}

export function identifierKind(label: string): string {
  return KINDS[label] ?? label;
}
