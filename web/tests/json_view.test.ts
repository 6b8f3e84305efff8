import { describe, expect, test } from "vitest";

import { looksLikeJson, piecesOf, unitOffset } from "../src/lib/json_view";

const RECORD = '{"a":[1,{"b":"x, {\\"y\\"} 😀"}],"c":{},"d":[],"v":4.40}';
const joined = (text: string, lit: { start: number; end: number } | null, indented: boolean) =>
  piecesOf(text, lit, indented).map((piece) => piece.text).join("");

describe("a record on the screen", () => {
  test.each([true, false])("keeps every character, laid out: %s", (indented) => {
    for (const text of [RECORD, "", "PID|1||\\r\nOBX|", '{"cut":"of', "\u0000", '"\\']) {
      expect(joined(text, null, indented)).toBe(text);
      expect(joined(text, { start: 1, end: Math.min(5, text.length) }, indented)).toBe(text);
    }
  });
  test("lights exactly the span that was named", () => {
    const start = RECORD.indexOf("4.40");
    const lit = piecesOf(RECORD, { start, end: start + 4 }, true).filter((piece) => piece.lit);
    expect(lit.map((piece) => piece.text).join("")).toBe("4.40");
  });
  test("begins no line inside a string and none in an empty list", () => {
    const broken = piecesOf(RECORD, null, true).filter((piece) => piece.indent !== null);
    expect(broken.map((piece) => `${piece.indent}${piece.text}`)).toEqual([
      '2"a"', "41", "4{", '6"b"', "4}", "2]", '2"c"', '2"d"', '2"v"', "0}",
    ]);
  });
  test("counts characters as the server does, where the browser counts two", () => {
    expect(unitOffset("a😀b", 2)).toBe(3);
    expect(unitOffset("abc", 9)).toBe(3);
  });
  test("knows what is not JSON", () => {
    expect(looksLikeJson("MSH|^~", "x-application/hl7-v2+er7")).toBe(false);
    expect(looksLikeJson("{}", null)).toBe(true);
  });
});
