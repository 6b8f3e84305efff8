/** How the server's words for a statement are shown. Nothing here decides what is abnormal. */

import type { Fact } from "../api/types";

export type Tone = "high" | "low" | "abnormal" | "plain";

/** HL7 interpretation codes (v2 table 0078, FHIR observation-interpretation) to a tone. */
const TONES: Record<string, Tone> = {
  H: "high", HH: "high", HU: "high", ">": "high",
  L: "low", LL: "low", LU: "low", "<": "low",
  A: "abnormal", AA: "abnormal", POS: "abnormal", DET: "abnormal", R: "abnormal", W: "abnormal",
};

const WORDS: Record<string, string> = {
  H: "high", HH: "critically high", HU: "significantly high", L: "low", LL: "critically low",
  LU: "significantly low", A: "abnormal", AA: "critically abnormal", N: "normal", POS: "positive",
  NEG: "negative", DET: "detected", ND: "not detected", R: "resistant", S: "susceptible", I: "intermediate",
};

export function toneOf(interpretation: string | null, abnormal: boolean | null = null): Tone {
  const tone = interpretation ? TONES[interpretation] : undefined;
  return tone ?? (abnormal ? "abnormal" : "plain");
}

export function interpretationWords(interpretation: string): string {
  return WORDS[interpretation] ?? interpretation;
}

/** Acts other than the plain observation say so beside the label. */
const ACTS: Record<string, string> = {
  ordered: "ordered", planned: "planned", "not-done": "not done", dispensed: "dispensed",
  administered: "given", reported: "reported",
};

export function actWord(act: string): string | null {
  return ACTS[act] ?? null;
}

const FLAGS: Record<string, string> = { "machine-read": "read in a note" };

export function statusWord(status: string): string | null {
  return status === "final" ? null : status.replaceAll("-", " ");
}

export interface Qualifier {
  word: string;
  tone: "plain" | "warn";
}

/** States that change nothing about how a statement is read. */
const ORDINARY = new Set(["active", "final", "completed", "finished", "current", "unknown", "confirmed"]);

/** Everything about a statement that changes how it must be read, each thing once. */
export function qualifiers(fact: Fact): Qualifier[] {
  // A vaccine that is recorded was given: saying so on every line says nothing.
  const act = fact.category === "immunisation" && fact.act === "administered" ? null : actWord(fact.act);
  const status = statusWord(fact.status);
  const state = fact.state?.replaceAll("-", " ") ?? null;
  const found: Qualifier[] = [];
  const add = (word: string | null, tone: Qualifier["tone"]) => {
    if (word && !ORDINARY.has(word) && found.every((one) => one.word !== word)) found.push({ word, tone });
  };
  if (fact.negated && !saysNo(fact.label)) add("negated", "warn");
  add(act, "plain");
  add(status, fact.status === "corrected" ? "plain" : "warn");
  add(state, "plain");
  if (fact.certainty !== "certain") add(fact.certainty, "warn");
  for (const flag of fact.flags ?? []) if (!saysLittle(flag, fact)) add(FLAGS[flag] ?? flag.replaceAll("-", " "), "warn");
  return found;
}

/** A day without a clock is the same day in whichever zone it was read. */
function saysLittle(flag: string, fact: Fact): boolean {
  return flag === "assumed-zone" && fact.time_as_sent !== null && !fact.time_as_sent.includes("T");
}

/** Asked for but not (yet) done: drawn hollow. */
export function isIntent(act: string): boolean {
  return act === "ordered" || act === "planned";
}

/** Said not to be so, not to have happened, or taken back: drawn crossed. */
export function isCrossed(fact: { act: string; status: string; negated: boolean }): boolean {
  return fact.negated || fact.act === "not-done" || fact.status === "cancelled" || fact.status === "entered-in-error";
}

/** "No known allergy" says no by itself: striking it through, or adding "negated", would say it twice. */
export function saysNo(label: string): boolean {
  return /^no\b/i.test(label);
}

/** Words that are struck through on the page. */
export function isStruck(fact: { act: string; status: string; negated: boolean; label: string }): boolean {
  return isCrossed(fact) && !(fact.negated && saysNo(fact.label));
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}
