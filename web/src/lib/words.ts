/** Codes that stand where people expect words. The code itself stays in the title. */

/** UCUM as a laboratory prints it. Only the spelling changes, never the number. */
const PRINTED: [RegExp, string][] = [
  [/\{1\.73_m2\}/g, "1.73 m²"],
  [/\{[A-Za-z]+\}/g, ""],
  [/\[pH\]/g, ""],
  [/mm\[Hg\]/g, "mmHg"],
  [/cm\[H2O\]/g, "cmH₂O"],
  [/\[i?IU\]|\[iU\]/g, "IU"],
  [/\bCel\b/g, "°C"],
  [/\bm2\b/g, "m²"],
  [/\bu(?=(mol|g|L|m|IU)\b)/g, "µ"],
];
const RAISED = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];

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

export function classWord(code: string): string {
  return CLASSES[code] ?? code;
}

/** HL7 v2 table 0203, the kinds of identifier. */
const KINDS: Record<string, string> = {
  MR: "MRN", NI: "National id", SS: "Social security", DL: "Driving licence", PPN: "Passport", PI: "Patient id",
  NH: "Health card", HC: "Health card", JHN: "Health number", MC: "Medicare", AN: "Account", VN: "Visit",
};

export function identifierKind(label: string): string {
  return KINDS[label] ?? label;
}
