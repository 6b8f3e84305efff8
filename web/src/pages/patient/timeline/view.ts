/** The stretch of time in sight: plain arithmetic on milliseconds. */
import type { Timeline } from "../../../api/types";

export interface View {
  start: number;
  end: number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The closest look is one minute, as wide as the screen. */
const CLOSEST = MINUTE;

export const PRESETS: { label: string; title: string; span: number | null }[] = [
  { label: "Life", title: "The whole record", span: null },
  { label: "10 y", title: "Ten years", span: 3652 * DAY },
  { label: "1 y", title: "One year", span: 365 * DAY },
  { label: "1 m", title: "One month", span: 30 * DAY },
  { label: "1 w", title: "One week", span: 7 * DAY },
  { label: "1 d", title: "One day", span: DAY },
  { label: "1 h", title: "One hour", span: HOUR },
];

export function width(view: View): number {
  return view.end - view.start;
}

/** Where most of the record lies: a birth decades before the first visit would squeeze all else aside. */
export function firstLook(timeline: Timeline, life: View, newest: number): View {
  const stretches = timeline.lanes.flatMap((lane) => [
    ...lane.points.map((point) => ({ at: Date.parse(point.time), count: 1 })),
    ...lane.bins.map((bin) => ({ at: Date.parse(bin.start), count: bin.count })),
  ]);
  stretches.sort((a, b) => a.at - b.at);
  const few = stretches.reduce((sum, one) => sum + one.count, 0) * 0.02;
  let passed = 0;
  const dense = stretches.find((one) => (passed += one.count) > few);
  if (!dense || dense.at - life.start < width(life) * 0.3 || newest <= dense.at) return life;
  return roomAround(dense.at, newest);
}

/** A record of a single instant still needs some room to stand in. */
export function roomAround(start: number, end: number): View {
  const pad = Math.max((end - start) * 0.025, HOUR / 2);
  return { start: start - pad, end: end + pad };
}

export function clamped(view: View, life: View): View {
  const span = Math.min(Math.max(width(view), CLOSEST), width(life));
  const middle = (view.start + view.end) / 2;
  const start = Math.min(Math.max(middle - span / 2, life.start - span * 0.4), life.end - span * 0.6);
  return { start, end: start + span };
}

/** Closer or wider around one instant, which stays where it is on the screen. */
export function zoomed(view: View, around: number, factor: number): View {
  return { start: around - (around - view.start) * factor, end: around + (view.end - around) * factor };
}

export function panned(view: View, by: number): View {
  return { start: view.start + by, end: view.end + by };
}

/** A preset keeps the newest event in sight if it is in sight now, else the middle. */
export function preset(view: View, life: View, span: number | null, newest: number): View {
  if (span === null || span >= width(life)) return life;
  if (newest <= view.end) return { start: newest - span * 0.94, end: newest + span * 0.06 };
  const middle = (view.start + view.end) / 2;
  return { start: middle - span / 2, end: middle + span / 2 };
}

export function between(from: View, to: View, share: number): View {
  const eased = 1 - (1 - share) ** 3;
  return { start: from.start + (to.start - from.start) * eased, end: from.end + (to.end - from.end) * eased };
}

/** What to ask of the server: some room on both sides, so that a short pan needs no wait. */
export function asked(view: View, life: View): View | null {
  if (width(view) > width(life) * 0.85) return null;
  const room = width(view) * 0.6;
  const grid = Math.max(1, width(view) / 8);
  return {
    start: Math.floor((view.start - room) / grid) * grid,
    end: Math.ceil((view.end + room) / grid) * grid,
  };
}
