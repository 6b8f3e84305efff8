import { expect, test } from "vitest";

import type { Panels } from "../src/api/types";
import { arranged, columnsOf } from "../src/pages/patient/panels/placing";

const EMPTY: Panels = {
  problems: [], medicines: [], laboratory: { columns: [], rows: [], truncated: false }, vitals: { columns: [], rows: [], truncated: false },
  encounters: [], procedures: [], allergies: { answer: "not-asked", facts: [] }, immunisations: [], microbiology: [], genomics: [], documents: [],
  imaging: [], family: [], social: [], freshness: [],
};

test.each([1, 2, 3])("no panel is lost or doubled over %d columns", (count) => {
  const { above, below } = arranged(EMPTY, count);
  const names = [...above, ...below].flat().map((one) => one.name);
  expect(names.length).toBe(13);
  expect(new Set(names).size).toBe(13);
});

test("problems come first, whatever the width", () => {
  for (const count of [1, 2, 3]) expect(arranged(EMPTY, count).above[0]?.[0]?.name).toBe("problems");
});

test("a tall column is left alone until the others have caught up", () => {
  const columns = columnsOf([{ name: "problems", height: 500 }, { name: "medicines", height: 100 }, { name: "family", height: 100 }], 2);
  expect(columns.map((column) => column.length)).toEqual([1, 2]);
});
