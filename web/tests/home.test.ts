import { expect, test } from "vitest";

import { homeOf } from "../src/parts/home";

test("a page leads only to a place that the role may see", () => {
  expect(homeOf({ role: "clinician", purpose: "treatment" }).to).toBe("/");
  expect(homeOf({ role: "auditor", purpose: "operations" })).toEqual({ to: "/audit", place: "the audit", words: "To the audit" });
  expect(homeOf({ role: "proxy", purpose: "treatment" }).to).toBe("/my-record");
  expect(homeOf({ role: "researcher", purpose: "quality" }).words).toBe("To the cohorts");
});

test("a researcher who asks within a study has a list of patients", () => {
  expect(homeOf({ role: "researcher", purpose: "research" }).to).toBe("/");
});

test("who is not signed in begins where everybody does", () => {
  expect(homeOf(undefined).to).toBe("/");
});
