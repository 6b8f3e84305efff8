import { describe, expect, test } from "vitest";

import { asSent, calendarDay, lasting, span } from "../src/lib/time";

describe("dates as people read them", () => {
  test("a year alone stays a year", () => {
    expect(asSent("2019-01-01T00:00:00Z", "2019")).toBe("2019");
  });
  test("a month alone stays a month", () => {
    expect(asSent("2019-03-01T00:00:00Z", "2019-03")).toBe("Mar 2019");
  });
  test("a calendar date does not slip a day in any zone", () => {
    expect(asSent("2019-03-02T00:00:00Z", "2019-03-02")).toBe("2 Mar 2019");
    expect(calendarDay("1957-12-31")).toBe("31 Dec 1957");
  });
  test("an instant has the month in letters and a clock of 24 hours", () => {
    expect(asSent("2019-03-02T21:04:00Z", "2019-03-02T21:04:00Z")).toMatch(/^\d{1,2} Mar 2019, \d{2}:04$/);
  });
  test("no date at all stays nothing", () => {
    expect(asSent(null, null)).toBeNull();
  });
  test("an open interval says so", () => {
    expect(span("2019-03-02T21:04:00Z", null)).toMatch(/^since /);
    expect(span(null, null)).toBe("dates not recorded");
  });
  test("how long something took is told in the two units that matter", () => {
    expect([0.44, 9.94, 59.4, 59.6, 125, 3600, 4321].map(lasting)).toEqual([
      "0.4 s", "9.9 s", "59 s", "1 min 0 s", "2 min 5 s", "1 h 0 min", "1 h 12 min",
    ]);
  });
});
