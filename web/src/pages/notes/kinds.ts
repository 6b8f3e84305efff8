/** The kinds of fact that are told apart by colour in a note. */
import type { NoteFact } from "../../api/review";

export const KINDS = {
  problem: "Problems",
  tumour: "Tumour",
  medication: "Medicines",
  measured: "Values",
  procedure: "Procedures and imaging",
  allergy: "Allergies",
  background: "Habits and family",
} as const;

export type Kind = keyof typeof KINDS;

const TUMOUR = /^(ICDO3|HGNC|LOINC\/\/(219|218|8924|33732|81695)|TEXT\/\/tumour)/;

export function kindOf(fact: NoteFact): Kind {
  if (fact.experiencer === "family") return "background";
  if (fact.category === "genomics" || TUMOUR.test(fact.code)) return "tumour";
  switch (fact.category) {
    case "medication": return "medication";
    case "laboratory":
    case "vital": return "measured";
    case "procedure":
    case "imaging": return "procedure";
    case "allergy": return "allergy";
    case "social":
    case "family": return "background";
    default: return "problem";
  }
}

/** What the words say beside the fact itself; nothing for a plain one. */
export function contextOf(fact: NoteFact): string[] {
  const usual = new Set(["affirmed", "certain", "current", "patient"]);
  return [fact.polarity, fact.certainty, fact.temporality, fact.experiencer].filter((word) => !usual.has(word));
}
