import { describe, expect, it, vi } from "vitest";

import type { Recording, SignalWindow } from "../src/api/signals";
import { channelsOf, firstPicks, groupsOf } from "../src/pages/patient/signals/groups";
import { keyed } from "../src/pages/patient/signals/hands";
import { extentOf, paperScaleOf, scaleOf } from "../src/pages/patient/signals/scale";
import { counted, elapsed, momentIn, rateWords, stretchWords, ticksOf } from "../src/pages/patient/signals/ticks";
import { kept, MILLIMETRE, partsOf, spanOfPaper, speedOf } from "../src/pages/patient/signals/window";

// Before anything is imported: formats keep the zone that they were made in.
vi.hoisted(() => vi.stubEnv("TZ", "Europe/Rome"));

function recording(id: string, start: string | null, seconds: number, kinds: ("waveform" | "numeric")[] = ["waveform"]): Recording {
  return {
    recording_id: id, recording: id, site: "test", source_id: "5c", known_at: "2024-03-05T08:00:00Z", start, seconds,
    zone_assumed: false, device: null, event_id: null,
    channels: kinds.map((kind, number) => ({
      recording_id: id, recording: id, channel: `${id}${number}`, code: "WFDB//II", unit: "mV", kind, rate_hz: 100, start, seconds, measured_seconds: seconds,
    })),
  };
}

function found(low: (number | null)[], said: Partial<SignalWindow> = {}): SignalWindow {
  return { channel: "II", unit: "mV", rate_hz: 100, at_seconds: 0, step_seconds: 1, samples: 1, low, high: [], measured: [], ...said };
}

describe("recordings on one clock", () => {
  it("puts what ran at the same time together, and what has no date alone", () => {
    const groups = groupsOf([
      recording("b", "2024-03-05T07:30:00Z", 3600), recording("a", "2024-03-05T07:00:00Z", 3600),
      recording("old", "2020-01-01T00:00:00Z", 10), recording("x", null, 10), recording("y", null, 10),
    ]);
    expect(groups.map((group) => group.recordings.map((one) => one.recording))).toEqual([["b", "a"], ["old"], ["x"], ["y"]]);
    expect([groups[0]?.start, groups[0]?.end]).toEqual([Date.parse("2024-03-05T07:00:00Z"), Date.parse("2024-03-05T08:30:00Z")]);
  });

  it("shows numerics above waveforms and picks the first of each", () => {
    const [group] = groupsOf([recording("r", null, 10, ["waveform", "numeric", "waveform", "waveform", "waveform"])]);
    if (!group) throw new Error("no group");
    expect(channelsOf(group).map((one) => one.channel.kind)).toEqual(["numeric", "waveform", "waveform", "waveform", "waveform"]);
    expect(firstPicks(group)).toEqual(["r/r1", "r/r0", "r/r2", "r/r3"]);
  });
});

describe("the window", () => {
  it("stays within the recording and no closer than a second", () => {
    const life = { start: 0, end: 60_000 };
    expect(kept({ start: -5_000, end: 5_000 }, life)).toEqual({ start: 0, end: 10_000 });
    expect(kept({ start: 55_000, end: 75_000 }, life)).toEqual({ start: 40_000, end: 60_000 });
    expect(kept({ start: 10, end: 20 }, life).end - kept({ start: 10, end: 20 }, life).start).toBe(1000);
    expect(kept({ start: -1e9, end: 1e9 }, life)).toEqual(life);
  });

  it("is 25 mm/s when a second is 25 millimetres wide", () => {
    const view = { start: 0, end: spanOfPaper(1000) };
    expect(speedOf(view, 1000)).toBeCloseTo(25);
    expect((1000 / (view.end / 1000)) / MILLIMETRE).toBeCloseTo(25);
  });

  it("asks of each recording in its own seconds, and of none that is elsewhere", () => {
    const groups = groupsOf([recording("late", "2024-03-05T07:10:00Z", 600), recording("early", "2024-03-05T07:00:00Z", 1200)]);
    const picked = channelsOf(groups[0] as NonNullable<typeof groups[0]>);
    const zero = Date.parse("2024-03-05T07:00:00Z");
    const parts = partsOf({ start: zero + 660_000, end: zero + 670_000 }, picked, 1000);
    expect(parts.map((part) => [part.recording, part.at, part.seconds])).toEqual([["late", 55, 20], ["early", 655, 20]]);
    expect(partsOf({ start: zero, end: zero + 10_000 }, picked, 1000).map((part) => part.recording)).toEqual(["early"]);
  });

  it("asks the same while somebody pans a little", () => {
    const picked = channelsOf(groupsOf([recording("r", null, 600)])[0] as never);
    const ask = (start: number) => partsOf({ start, end: start + 10_000 }, picked, 1000);
    expect(ask(100_100)).toEqual(ask(102_300));
  });

  it("moves by keys", () => {
    const life = { start: 0, end: 100 };
    expect(keyed("ArrowRight", { start: 10, end: 20 }, life)).toEqual({ start: 12, end: 22 });
    expect(keyed("PageUp", { start: 10, end: 20 }, life)).toEqual({ start: 0, end: 10 });
    expect(keyed("x", { start: 10, end: 20 }, life)).toBeNull();
  });
});

describe("scales", () => {
  it("hold what is in sight, and nothing of gaps", () => {
    const view = { start: 1000, end: 3000 };
    expect(extentOf(found([9, 1, null, 2, 9, 9]), 0, view)).toEqual({ low: 1, high: 2 });
    expect(extentOf(found([null, null, null, null]), 0, view)).toBeNull();
    expect(extentOf(found([0, -1, 0, 0], { high: [1, 5, 2, 3], samples: 10 }), 0, { start: 1000, end: 1500 })).toEqual({ low: -1, high: 5 });
  });

  it("are those of paper where it fits: 10 mm a millivolt, else less", () => {
    const height = 40 * MILLIMETRE;
    const usual = paperScaleOf({ low: -0.4, high: 1.2 }, height);
    expect(usual?.gain).toBe(10);
    expect((usual?.high ?? 0) - (usual?.low ?? 0)).toBeCloseTo(4);
    expect(paperScaleOf({ low: -3, high: 3 }, height)?.gain).toBe(5);
    expect(paperScaleOf({ low: -300, high: 300 }, height)?.gain).toBeNull();
  });

  it("of a flat line has room", () => {
    const flat = scaleOf({ low: 97, high: 97 }, 76);
    expect(flat && flat.low < 97 && flat.high > 97).toBe(true);
  });
});

describe("words", () => {
  it("of time and rate", () => {
    expect([elapsed(9_960), elapsed(600_000), elapsed(4_345_920), elapsed(86_400_000 * 3)]).toEqual(["10 s", "10 min", "72 min", "3 days"]);
    expect([counted(205_920), counted(205_920, true), counted(3_600_000)]).toEqual(["0:03:25", "0:03:25.9", "1:00:00"]);
    expect([rateWords(125), rateWords(1 / 60), rateWords(1 / 300)]).toEqual(["125 Hz", "1 a minute", "one every 5 min"]);
  });

  it("of ticks go from tenths of seconds to days", () => {
    expect(ticksOf({ start: 0, end: 1000 }, 1000, false).map((tick) => tick.label).slice(0, 3)).toEqual(["0:00:00.0", "0:00:00.2", "0:00:00.4"]);
    const days = ticksOf({ start: 0, end: 86_400_000 * 6 }, 800, true);
    expect(days.length).toBeGreaterThan(3);
    expect(days.every((tick) => new Date(tick.at).getHours() === 0)).toBe(true);
  });

  it("of ticks follow the clock on the wall after it was set back, and name each day", () => {
    // Italy left summer time on 25 October 2026 at 01:00 UTC.
    const view = { start: Date.parse("2026-10-24T18:00:00Z"), end: Date.parse("2026-10-26T00:30:00Z") };
    expect(ticksOf(view, 700, true).map((tick) => tick.label)).toEqual(["25 Oct 00:00", "06:00", "12:00", "18:00", "26 Oct 00:00"]);
    expect(ticksOf({ start: Date.parse("2026-03-29T00:10:00Z"), end: Date.parse("2026-03-29T03:10:00Z") }, 400, true).map((tick) => tick.label)).toEqual(["03:00", "04:00", "05:00"]);
  });

  it("of a stretch name both days and both zones where they differ", () => {
    const night = { start: Date.parse("2026-10-24T18:00:00Z"), end: Date.parse("2026-10-25T06:00:00Z") };
    expect(stretchWords(night, true)).toBe("24 Oct 2026, 20:00:00 CEST – 25 Oct 2026, 07:00:00 CET");
    expect(stretchWords({ start: night.start, end: night.start + 10_000 }, true)).toBe("24 Oct 2026, 20:00:00.0 – 20:00:10.0 CEST");
    expect(stretchWords({ start: 0, end: 90_000 }, false)).toBe("from the beginning, 0:00:00 – 0:01:30");
    expect([momentIn(night, night.start, true), momentIn({ start: night.start, end: night.start + 10_000 }, night.start, true)]).toEqual(["24 Oct, 20:00:00", "20:00:00.0"]);
  });
});
