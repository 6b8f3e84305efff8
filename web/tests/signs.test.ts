import { expect, test } from "vitest";

import { isCrossed, isIntent, isStruck, toneOf } from "../src/lib/signs";

const SAID = { act: "observed", status: "final", negated: false, label: "Asthma" };

test("a refuted problem is struck through", () => {
  expect(isStruck({ ...SAID, negated: true })).toBe(true);
});
test("no known allergy is a negation, and its words are not struck through", () => {
  const none = { ...SAID, negated: true, label: "No known allergy" };
  expect(isCrossed(none)).toBe(true);
  expect(isStruck(none)).toBe(false);
});
test("what was not done is struck through even where its words say no", () => {
  expect(isStruck({ ...SAID, act: "not-done", label: "No contrast given" })).toBe(true);
});
test("orders and plans are intents, a dose is not", () => {
  expect([isIntent("ordered"), isIntent("planned"), isIntent("administered")]).toEqual([true, true, false]);
});
test("the laboratory's letter decides the tone, and without one the server's judgement", () => {
  expect(toneOf("HH")).toBe("high");
  expect(toneOf("N", true)).toBe("abnormal");
  expect(toneOf(null, true)).toBe("abnormal");
  expect(toneOf(null, null)).toBe("plain");
});
