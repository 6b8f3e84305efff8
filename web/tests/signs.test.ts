import { expect, test } from "vitest";

import type { Fact } from "../src/api/types";
import { isCrossed, isIntent, isStruck, qualifiers, toneOf } from "../src/lib/signs";

const SAID = { act: "observed", status: "final", negated: false, label: "Asthma" };
const WHOLE: Fact = {
  event_id: "1", category: "laboratory", code: "X//1", label: "Intubation", time: null, time_as_sent: null, end_time: null,
  known_at: "2026-01-01T00:00:00Z", known_at_basis: "stated", value: null, numeric_value: null, unit: null, comparator: null,
  range_text: null, interpretation: null, act: "observed", status: "final", state: null, negated: false,
  certainty: "certain", detail: null, origins: [], flags: ["assumed-zone"],
};

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
test("each qualifier is said once, and the ordinary ones not at all", () => {
  const fact: Fact = { ...WHOLE, category: "procedure", act: "not-done", state: "not-done" };
  expect(qualifiers(fact).map((one) => one.word)).toEqual(["not done", "assumed zone"]);
  expect(qualifiers({ ...fact, act: "observed", state: "resolved", certainty: "possible" }).map((one) => one.word)).toEqual([
    "resolved", "possible", "assumed zone",
  ]);
});
test("a day without a clock is the same day in any zone, so nothing is said of it", () => {
  const flagged: Fact = { ...WHOLE, flags: ["assumed-zone"] };
  expect(qualifiers({ ...flagged, time_as_sent: "2019-03-02" })).toEqual([]);
  expect(qualifiers({ ...flagged, time_as_sent: "2019-03-02T10:00:00" }).map((one) => one.word)).toEqual(["assumed zone"]);
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
