import { describe, expect, test } from "vitest";

import { momentSearch, momentWords } from "../src/lib/moment";
import { nextOf } from "../src/lib/next";
import { stepped } from "../src/lib/steps";

describe("steps through knowledge", () => {
  test("a month back from the 31st is the last day of the month before", () => {
    expect(stepped(new Date(2026, 2, 31, 14, 30), "month", -1)).toEqual(new Date(2026, 1, 28, 14, 30));
  });
  test("a year forward from a leap day is the last of February", () => {
    expect(stepped(new Date(2024, 1, 29), "year", 1)).toEqual(new Date(2025, 1, 28));
  });
  test("an hour there and back is where it was", () => {
    const at = new Date("2026-10-25T01:30:00Z");
    expect(stepped(stepped(at, "hour", -1), "hour", 1)).toEqual(at);
  });
});

describe("the moment in words", () => {
  test("now has no bar and nothing in the address", () => {
    expect(momentWords({ clock: "known_at", at: null })).toBeNull();
    expect(momentSearch({ clock: "known_at", at: null })).toBe("");
  });
  test("the two clocks do not read alike", () => {
    const at = "2026-03-01T10:00:00Z";
    expect(momentWords({ clock: "known_at", at })).toMatch(/^As known on 1 Mar 2026/);
    expect(momentWords({ clock: "recorded_at", at })).toMatch(/^As recorded here on 1 Mar 2026/);
  });
});

describe("where to go after signing in", () => {
  test("back to the page that asked", () => {
    expect(nextOf({ next: "/patients/7?known_at=x" })).toBe("/patients/7?known_at=x");
  });
  test.each([null, {}, { next: 7 }, { next: "//elsewhere.example" }, { next: "https://elsewhere.example" }])("never to another site: %o", (state) => {
    expect(nextOf(state)).toBe("/");
  });
});
