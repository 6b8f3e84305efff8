/** Which panel goes under which: columns of like height, in the order of reading. */
import type { Fact, Medicine, Panels } from "../../../api/types";

export type PanelName =
  | "problems" | "medicines" | "allergies" | "encounters" | "procedures" | "documents" | "imaging"
  | "genomics" | "microbiology" | "immunisations" | "family" | "social" | "freshness";

export interface Placed {
  name: PanelName;
  /** About how tall in pixels: only the layout reads it. */
  height: number;
}

const HEAD = 52;
const LINE = 19;
const NOTHING = HEAD + 34;
const GAP = 14;
/** Letters that fit on a line of a column of ordinary width. */
const LETTERS = 34;

function listed<T>(items: T[], most: number, tall: (item: T) => number): number {
  if (items.length === 0) return NOTHING;
  const shown = items.length <= most + 2 ? items : items.slice(0, most);
  return HEAD + shown.reduce((sum, item) => sum + tall(item) + 1, 0) + (shown.length < items.length ? 30 : 0);
}

function factHeight(fact: Fact): number {
  const words = fact.label.length + (fact.value?.length ?? 0) + (fact.negated || fact.act !== "observed" ? 12 : 0);
  return 12 + LINE * (Math.ceil(words / LETTERS) + (fact.detail ? 1 : 0));
}

function medicineHeight(medicine: Medicine): number {
  const acts = [medicine.ordered, medicine.dispensed, medicine.last_given, medicine.reported, medicine.stopped].filter(Boolean).length;
  return 12 + LINE * (1 + (medicine.dose_text ? 1 : 0) + Math.ceil(Math.max(1, acts) / 2.5));
}

const HEIGHTS: Record<PanelName, (panels: Panels) => number> = {
  problems: (panels) => listed(panels.problems, 10, factHeight),
  medicines: (panels) => listed(panels.medicines, 10, medicineHeight),
  allergies: (panels) => 48 + listed(panels.allergies.facts, 10, factHeight) - (panels.allergies.facts.length ? 0 : 20),
  encounters: (panels) => listed(panels.encounters, 6, (one) => 12 + LINE * (2 + (one.reason ? 1 : 0) + (one.provider ? 1 : 0)) + 18 * one.stays.length),
  procedures: (panels) => listed(panels.procedures, 10, factHeight),
  documents: (panels) => listed(panels.documents, 7, (one) => 12 + LINE * (one.preview ? 3 : 1)),
  imaging: (panels) => listed(panels.imaging, 7, () => 12 + LINE * 2),
  microbiology: (panels) => listed(panels.microbiology, 10, factHeight),
  genomics: (panels) => listed(panels.genomics, 10, factHeight),
  immunisations: (panels) => listed(panels.immunisations, 10, factHeight),
  family: (panels) => listed(panels.family, 10, factHeight),
  social: (panels) => listed(panels.social, 10, factHeight),
  freshness: (panels) => listed(panels.freshness, 5, () => 12 + LINE * 3),
};

const FIRST: PanelName[] = ["problems", "medicines", "allergies"];
const LATER: PanelName[] = [
  "encounters", "documents", "procedures", "microbiology", "imaging", "genomics", "immunisations", "family", "social", "freshness",
];

export function heightsOf(panels: Panels, names: PanelName[]): Placed[] {
  return names.map((name) => ({ name, height: HEIGHTS[name](panels) }));
}

function heightOf(column: Placed[]): number {
  return column.reduce((sum, one) => sum + one.height + GAP, 0);
}

function shortest(columns: Placed[][]): Placed[] {
  return columns.reduce((best, column) => (heightOf(column) < heightOf(best) - 8 ? column : best));
}

/** Each panel goes under the column that is shortest so far. */
export function columnsOf(placed: Placed[], count: number): Placed[][] {
  const columns = Array.from({ length: count }, (): Placed[] => []);
  for (const one of placed) shortest(columns).push(one);
  return columns;
}

/** What stands above the tables: the first three, and what fits beside the tallest of them. */
export function arranged(panels: Panels, count: number): { above: Placed[][]; below: Placed[][] } {
  const above = columnsOf(heightsOf(panels, FIRST), count);
  let left = heightsOf(panels, LATER);
  for (let fitted = count > 1; fitted; ) {
    const room = Math.max(...above.map(heightOf)) - heightOf(shortest(above));
    const next = left.find((one) => one.height + GAP <= room + 40);
    if (next) shortest(above).push(next);
    left = left.filter((one) => one !== next);
    fitted = next !== undefined;
  }
  return { above, below: columnsOf(left, count) };
}
