import { describe, expect, test } from "vitest";

import type { Timeline, TimelinePoint } from "../src/api/types";
import { hitAt, laneBoxes, layoutOf } from "../src/pages/patient/timeline/layout";
import { ticksOf } from "../src/pages/patient/timeline/ticks";
import { asked, clamped, DAY, firstLook, HOUR, MINUTE, preset, width, zoomed } from "../src/pages/patient/timeline/view";

const START = Date.parse("2020-01-01T00:00:00Z");
const LIFE = { start: START, end: START + 3652 * DAY };

function point(at: number, more: Partial<TimelinePoint> = {}): TimelinePoint {
  return {
    event_id: String(at), time: new Date(at).toISOString(), end_time: null, ongoing: false, label: "x", value: null,
    act: "observed", status: "final", abnormal: null, negated: false, machine_read: false, ...more,
  };
}

function timelineOf(points: TimelinePoint[]): Timeline {
  return {
    as_of: { known_at: null, recorded_at: null, snapshot: "1", data_until: null },
    start: new Date(LIFE.start).toISOString(), end: new Date(LIFE.end).toISOString(),
    lanes: [{ lane: "problem", total: points.length, points, bins: [] }],
  };
}

function layout(points: TimelinePoint[]) {
  const timeline = timelineOf(points);
  const place = { view: LIFE, pixels: 1000, horizon: LIFE.end };
  return layoutOf(timeline, laneBoxes(timeline, timeline, place), place);
}

describe("the stretch in sight", () => {
  test("never grows past the record nor below a minute", () => {
    expect(width(clamped(zoomed(LIFE, START, 50), LIFE))).toBe(width(LIFE));
    expect(width(clamped({ start: START, end: START + 1 }, LIFE))).toBe(MINUTE);
  });
  test("keeps the instant under the pointer where it is", () => {
    const at = START + 100 * DAY;
    const closer = zoomed(LIFE, at, 0.25);
    expect((at - closer.start) / width(closer)).toBeCloseTo((at - LIFE.start) / width(LIFE), 9);
  });
  test("a preset from the whole record shows its newest event", () => {
    const newest = LIFE.end - 20 * DAY;
    const week = preset(LIFE, LIFE, 7 * DAY, newest);
    expect(week.start < newest && newest < week.end).toBe(true);
    expect(width(week)).toBeCloseTo(7 * DAY, -1);
  });
  test("asks for room on both sides, and for nothing more than the whole", () => {
    const view = { start: START + DAY, end: START + 2 * DAY };
    const span = asked(view, LIFE);
    expect(span && span.start < view.start && span.end > view.end).toBe(true);
    expect(asked(LIFE, LIFE)).toBeNull();
  });
});

describe("the first look", () => {
  test("leaves out the empty decades between a birth and the first visit", () => {
    const born = point(LIFE.start);
    const visits = Array.from({ length: 80 }, (_, at) => point(START + (3000 + at) * DAY));
    const first = firstLook(timelineOf([born, ...visits]), LIFE, LIFE.end);
    expect(first.start).toBeGreaterThan(START + 2900 * DAY);
    expect(first.end).toBeGreaterThan(LIFE.end);
  });
  test("is the whole record where that is filled", () => {
    const visits = Array.from({ length: 80 }, (_, at) => point(START + at * 40 * DAY));
    expect(firstLook(timelineOf(visits), LIFE, LIFE.end)).toEqual(LIFE);
  });
});

describe("ticks", () => {
  test.each([MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY, 3652 * DAY, 36524 * DAY])("over %d ms are in order and not crowded", (span) => {
    const ticks = ticksOf({ start: START, end: START + span }, 1000);
    const times = ticks.map((tick) => tick.at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(times.length);
    expect(ticks.length).toBeLessThanOrEqual(24);
  });
});

describe("what is drawn", () => {
  test("neighbours become one sign that says how many", () => {
    const { glyphs } = layout([point(START + DAY), point(START + 2 * DAY), point(START + 2000 * DAY)]);
    expect(glyphs.map((glyph) => glyph.points.length)).toEqual([2, 1]);
  });
  test("one abnormal member makes the sign abnormal; hollow only if all are orders", () => {
    const { glyphs } = layout([point(START + DAY, { abnormal: true, act: "ordered" }), point(START + 2 * DAY)]);
    expect(glyphs[0]).toMatchObject({ abnormal: true, hollow: false, crossed: false });
  });
  test("a negated statement is crossed, not left out", () => {
    expect(layout([point(START + DAY, { negated: true })]).glyphs[0]?.crossed).toBe(true);
  });
  test("what still lasts reaches the end of what is known", () => {
    const [bar] = layout([point(START + DAY, { ongoing: true })]).bars;
    expect((bar?.x ?? 0) + (bar?.width ?? 0)).toBeCloseTo(1000, 3);
  });
  test("overlapping stays do not hide one another", () => {
    const long = new Date(LIFE.end).toISOString();
    const { bars } = layout([point(START, { end_time: long }), point(START + DAY, { end_time: long })]);
    expect(new Set(bars.map((bar) => bar.y)).size).toBe(2);
  });
  test("stays that follow one another share a row, in whatever order they were sent", () => {
    const stays = [3, 1, 0, 2].map((at) => point(START + at * 300 * DAY, { end_time: new Date(START + (at + 0.9) * 300 * DAY).toISOString() }));
    expect(new Set(layout(stays).bars.map((bar) => bar.y)).size).toBe(1);
  });
  test("no point is lost between glyphs and bars", () => {
    const points = Array.from({ length: 5000 }, (_, at) => point(START + at * 17 * HOUR, at % 9 ? {} : { ongoing: at === 0 }));
    const { glyphs, bars } = layout(points);
    const drawn = [...glyphs, ...bars].flatMap((sign) => sign.points).length;
    expect(drawn).toBe(points.length);
  });
  test("a press on a sign finds it, a press beside it finds nothing", () => {
    const drawn = layout([point(START + 1000 * DAY)]);
    const [glyph] = drawn.glyphs;
    expect(hitAt(drawn, glyph?.x ?? 0, glyph?.y ?? 0)?.kind).toBe("glyph");
    expect(hitAt(drawn, (glyph?.x ?? 0) + 40, glyph?.y ?? 0)).toBeNull();
  });
});
