/** The elements of a definition as the form edits them; what it does not show passes untouched. */
import type { Document } from "../../api/cohorts";

export interface PredicateView {
  name: string;
  codes: string[];
  /** What the form cannot edit, in words: a pattern, a joining, a concept set. */
  fixed: string | null;
  low: number | null;
  high: number | null;
  absence: "negative" | "unknown" | "observed" | "looked";
}

export interface HoldView {
  predicate: string;
  least: number | null;
  most: number | null;
}

export interface WindowView {
  name: string;
  start: string;
  end: string;
  holds: HoldView[];
}

type Members = Record<string, unknown>;

function members(value: unknown): Members {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Members) : {};
}

export function titleOf(document: Document): string {
  const title = members(document["metadata"])["title"];
  return typeof title === "string" ? title : "";
}

export function withTitle(document: Document, title: string): Document {
  const metadata = { ...members(document["metadata"]), title };
  return "metadata" in document ? { ...document, metadata } : { metadata, ...document };
}

export function predicatesOf(document: Document): PredicateView[] {
  return Object.entries(members(document["predicates"])).map(([name, value]) => viewOf(name, members(value)));
}

function viewOf(name: string, said: Members): PredicateView {
  const code = said["code"];
  const any = members(code)["any"];
  const absence = said["absence"];
  const number = (key: string) => (typeof said[key] === "number" ? (said[key] as number) : null);
  return {
    name,
    codes: typeof code === "string" ? [code] : Array.isArray(any) ? any.map(String) : [],
    fixed: fixedWords(said),
    low: number("value_min"),
    high: number("value_max"),
    absence: absence === "unknown" || absence === "observed" ? absence : absence === undefined || absence === "negative" ? "negative" : "looked",
  };
}

function fixedWords(said: Members): string | null {
  if (typeof said["expr"] === "string") return said["expr"];
  if ("concept_set" in said) return `concept set ${[said["concept_set"]].flat().join(", ")}`;
  const { regex, with_descendants: above } = members(said["code"]);
  if (above !== undefined) return `${[above].flat().join(", ")} with descendants`;
  return typeof regex === "string" ? `codes like ${regex}` : null;
}

export function withCodes(document: Document, name: string, codes: string[]): Document {
  return changed(document, "predicates", name, (said) => ({ ...said, code: codes.length === 1 ? codes[0] : { any: codes } }));
}

export function withBound(document: Document, name: string, key: "value_min" | "value_max", value: number | null): Document {
  return changed(document, "predicates", name, (said) => (value === null ? dropped(said, key) : { ...said, [key]: value }));
}

export function withAbsence(document: Document, name: string, absence: string): Document {
  return changed(document, "predicates", name, (said) => (absence === "negative" ? dropped(said, "absence") : { ...said, absence }));
}

function changed(document: Document, section: string, name: string, change: (said: Members) => Members): Document {
  const all = members(document[section]);
  return { ...document, [section]: { ...all, [name]: change(members(all[name])) } };
}

function dropped(said: Members, key: string): Members {
  return Object.fromEntries(Object.entries(said).filter(([name]) => name !== key));
}

function without(document: Document, section: string, name: string): Document {
  return { ...document, [section]: dropped(members(document[section]), name) };
}

/** A new predicate, named after its code; the first one starts the question. */
export function withPredicate(document: Document, label: string, code: string): Document {
  const all = members(document["predicates"]);
  const base = label.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").replace(/^(\d)/, "n$1").slice(0, 30) || "fact";
  let name = base;
  for (let again = 2; name in all; again += 1) name = `${base}_${again}`;
  const added = { ...document, predicates: { ...all, [name]: { code } } };
  return document["trigger"] ? added : { ...added, trigger: name };
}

export function withoutPredicate(document: Document, name: string): Document {
  return without(document, "predicates", name);
}

export function triggerOf(document: Document): string {
  return typeof document["trigger"] === "string" ? document["trigger"] : "";
}

const RANGE = /^\(\s*(\d+|None)\s*,\s*(\d+|None)\s*\)$/;

export function windowsOf(document: Document): WindowView[] {
  return Object.entries(members(document["windows"])).map(([name, value]) => {
    const said = members(value);
    const place = (key: string) => (said[key] === null || said[key] === undefined ? "" : String(said[key]));
    return { name, start: place("start"), end: place("end"), holds: Object.entries(members(said["has"])).map(hold) };
  });
}

function hold([predicate, range]: [string, unknown]): HoldView {
  const found = RANGE.exec(String(range));
  return { predicate, least: limit(found?.[1]), most: limit(found?.[2]) };
}

function limit(text: string | undefined): number | null {
  return text === undefined || text === "None" ? null : Number(text);
}

export function withPlace(document: Document, window: string, side: "start" | "end", place: string): Document {
  return changed(document, "windows", window, (said) => ({ ...said, [side]: place.trim() === "" ? null : place }));
}

export function withHolds(document: Document, window: string, holds: HoldView[]): Document {
  const has = Object.fromEntries(holds.map((one) => [one.predicate, `(${one.least ?? "None"}, ${one.most ?? "None"})`]));
  return changed(document, "windows", window, (said) => (holds.length > 0 ? { ...said, has } : dropped(said, "has")));
}

export function withWindow(document: Document): Document {
  const all = members(document["windows"]);
  let name = "window";
  for (let again = 2; name in all; again += 1) name = `window_${again}`;
  const made = { start: "trigger", end: "start + 30d", start_inclusive: true, end_inclusive: true };
  return { ...document, windows: { ...all, [name]: made } };
}

export function withoutWindow(document: Document, name: string): Document {
  return without(document, "windows", name);
}

export function inWords(name: string): string {
  return name.replaceAll("_", " ").trim();
}
