/** Where everything stands: lanes, bars, bins and points, in pixels. */
import type { Lane, Timeline, TimelineBin, TimelineLane, TimelinePoint } from "../../../api/types";
import { LANE_ORDER } from "../../../lib/lanes";
import { isCrossed, isIntent } from "../../../lib/signs";
import { width, type View } from "./view";

export const AXIS = 38;
const ROW = 15;
/** With many at once the rows move closer together. */
const CLOSE_ROW = 13;
const MANY_ROWS = 6;
const MOST_ROWS = 24;
const POINT_LANE = 28;
/** Nearer than this, two points become one sign with a count. */
const TOGETHER = 9;
/** A stay narrower than this is drawn as a point. */
const NARROW = 7;

export interface LaneBox {
  lane: Lane;
  total: number;
  top: number;
  height: number;
  /** The row of each interval that is wide enough to be a bar. */
  rowOf: Map<string, number>;
  /** How many stand behind others because even the last row is taken. */
  behind: number;
  /** Where the first row of bars begins, and how tall each is. */
  bars: number;
  row: number;
  /** The line on which points stand: under the bars where there are both. */
  line: number;
}

interface Sign {
  lane: Lane;
  y: number;
  points: TimelinePoint[];
  /** Lasts still: drawn without a right end. */
  ongoing: boolean;
  abnormal: boolean;
  hollow: boolean;
  crossed: boolean;
  /** Read in a text by a machine, and stated by no record. */
  read: boolean;
}

export interface Glyph extends Sign {
  x: number;
  radius: number;
}

export interface Bar extends Sign {
  x: number;
  width: number;
  height: number;
}

export interface BinBox {
  lane: Lane;
  x: number;
  y: number;
  width: number;
  height: number;
  floor: number;
  abnormal: number;
  bin: TimelineBin;
}

export interface Layout {
  glyphs: Glyph[];
  bars: Bar[];
  bins: BinBox[];
}

export interface Place {
  view: View;
  pixels: number;
  /** The end of what is known: what still lasts is drawn as far as this. */
  horizon: number;
}

function xOf({ view, pixels }: Place): (at: number) => number {
  const scale = pixels / width(view);
  return (at) => (at - view.start) * scale;
}

/**
 * Which lanes there are comes from the whole record, so that none comes and goes;
 * how tall each is from the settled view, so that nothing jumps under a moving hand.
 */
export function laneBoxes(whole: Timeline, shown: Timeline, place: Place): LaneBox[] {
  const inWhole = new Map(whole.lanes.map((lane) => [lane.lane, lane]));
  const inShown = new Map(shown.lanes.map((lane) => [lane.lane, lane]));
  let top = AXIS;
  return LANE_ORDER.flatMap((name) => {
    const lane = inWhole.get(name);
    if (!lane || (lane.total === 0 && lane.points.length === 0)) return [];
    const box = { lane: name, total: lane.total, top, ...roomFor(inShown.get(name)?.points ?? [], top, place) };
    top += box.height;
    return [box];
  });
}

function roomFor(points: TimelinePoint[], top: number, place: Place): Pick<LaneBox, "height" | "rowOf" | "behind" | "bars" | "row" | "line"> {
  const x = xOf(place);
  const rowOf = new Map<string, number>();
  const free: number[] = [];
  let loose = false;
  let behind = 0;
  const byTime = points.map((point) => ({ point, from: Date.parse(point.time) })).sort((a, b) => a.from - b.from);
  for (const { point, from } of byTime) {
    const left = x(from);
    const until = untilOf(point, place.horizon);
    const right = until === null ? left : x(until);
    if (right < 0 || left > place.pixels) continue;
    if (right - left < NARROW) { loose = true; continue; }
    const open = free.findIndex((end) => end <= left);
    const taken = Math.min(open === -1 ? free.length : open, MOST_ROWS - 1);
    if (open === -1 && free.length === MOST_ROWS) behind += 1;
    free[taken] = Math.max(right, free[taken] ?? right);
    rowOf.set(point.event_id, taken);
  }
  const row = free.length > MANY_ROWS ? CLOSE_ROW : ROW;
  const bars = free.length * row;
  if (bars === 0) return { height: POINT_LANE, rowOf, behind, bars: top, row, line: top + POINT_LANE / 2 };
  const height = Math.max(POINT_LANE, bars + 8 + (loose ? 20 : 0));
  const first = top + (loose ? 4 : (height - bars) / 2);
  return { height, rowOf, behind, bars: first, row, line: loose ? first + bars + 11 : top + height / 2 };
}

export function heightOf(boxes: LaneBox[]): number {
  const last = boxes.at(-1);
  return last ? last.top + last.height : AXIS + POINT_LANE;
}

/** When it ended; what still lasts reaches the end of what is known. */
function untilOf(point: TimelinePoint, horizon: number): number | null {
  if (point.end_time) return Date.parse(point.end_time);
  return point.ongoing ? Math.max(horizon, Date.parse(point.time)) : null;
}

function signOf(lane: Lane, points: TimelinePoint[], y: number): Sign {
  return {
    lane, points, y,
    ongoing: points.some((point) => point.ongoing),
    abnormal: points.some((point) => point.abnormal === true),
    hollow: points.every((point) => isIntent(point.act)),
    crossed: points.every(isCrossed),
    read: points.every((point) => point.machine_read),
  };
}

export function layoutOf(timeline: Timeline, boxes: LaneBox[], place: Place): Layout {
  const layout: Layout = { glyphs: [], bars: [], bins: [] };
  const byLane = new Map(timeline.lanes.map((lane) => [lane.lane, lane]));
  for (const box of boxes) {
    const lane = byLane.get(box.lane);
    if (!lane) continue;
    placeBins(lane, box, place, layout);
    placePoints(lane, box, place, layout);
  }
  return layout;
}

function placeBins(lane: TimelineLane, box: LaneBox, place: Place, layout: Layout): void {
  const x = xOf(place);
  const most = Math.max(1, ...lane.bins.map((bin) => bin.count));
  const room = box.height - 8;
  for (const bin of lane.bins) {
    const left = x(Date.parse(bin.start));
    const right = x(Date.parse(bin.end));
    if (right < 0 || left > place.pixels) continue;
    // The logarithm keeps a single event visible beside a thousand.
    const height = Math.max(3, (Math.log1p(bin.count) / Math.log1p(most)) * room);
    const floor = box.top + box.height - 4;
    const wide = Math.max(2, right - left - 1);
    layout.bins.push({
      lane: box.lane, x: left, y: floor - height, width: wide, height, floor, bin,
      abnormal: bin.abnormal > 0 ? Math.max(2, (bin.abnormal / bin.count) * height) : 0,
    });
  }
}

function placePoints(lane: TimelineLane, box: LaneBox, place: Place, layout: Layout): void {
  const x = xOf(place);
  const singles: Single[] = [];
  for (const point of lane.points) {
    const left = x(Date.parse(point.time));
    const until = untilOf(point, place.horizon);
    const right = until === null ? left : x(until);
    if (right < -TOGETHER || left > place.pixels + TOGETHER) continue;
    if (right - left < NARROW) { singles.push({ x: (left + right) / 2, point }); continue; }
    const y = box.bars + (box.rowOf.get(point.event_id) ?? 0) * box.row + 1;
    layout.bars.push({ ...signOf(box.lane, [point], y), x: left, width: right - left, height: box.row - 2 });
  }
  layout.glyphs.push(...together(singles).map((group) => glyphOf(group, box)));
}

interface Single {
  x: number;
  point: TimelinePoint;
}

function radiusOf(count: number): number {
  return count === 1 ? 4.5 : Math.min(11, 6.5 + Math.log10(count) * 2.4);
}

function centre(group: Single[]): number {
  return ((group[0]?.x ?? 0) + (group.at(-1)?.x ?? 0)) / 2;
}

function glyphOf(group: Single[], box: LaneBox): Glyph {
  const points = group.map((one) => one.point);
  return { ...signOf(box.lane, points, box.line), x: centre(group), radius: radiusOf(points.length) };
}

/** Signs that would cover one another become one; never wider than a sign or two, or a year would be a blot. */
function together(singles: Single[]): Single[][] {
  const groups: Single[][] = [];
  for (const one of singles.sort((a, b) => a.x - b.x)) {
    const last = groups.at(-1);
    const touches = last && one.x - centre(last) < radiusOf(last.length) + radiusOf(1);
    if (last && touches && one.x - (last[0]?.x ?? 0) < 3 * TOGETHER) last.push(one);
    else groups.push([one]);
  }
  return groups.reduce<Single[][]>((kept, group) => {
    const last = kept.at(-1);
    const apart = last ? centre(group) - centre(last) : Infinity;
    const covers = last && apart < (radiusOf(last.length) + radiusOf(group.length)) * 0.8;
    if (last && covers && (group.at(-1)?.x ?? 0) - (last[0]?.x ?? 0) < 5 * TOGETHER) last.push(...group);
    else kept.push(group);
    return kept;
  }, []);
}

export type Hit = { kind: "glyph"; sign: Glyph } | { kind: "bar"; sign: Bar } | { kind: "bin"; bin: BinBox };

export function hitAt(layout: Layout, x: number, y: number): Hit | null {
  const near = layout.glyphs
    .map((sign) => ({ sign, far: Math.hypot(sign.x - x, sign.y - y) - sign.radius }))
    .filter((one) => one.far < 5)
    .sort((a, b) => a.far - b.far)[0];
  if (near) return { kind: "glyph", sign: near.sign };
  const bar = layout.bars.find((one) => x >= one.x - 1 && x <= one.x + one.width + 1 && y >= one.y && y <= one.y + one.height);
  if (bar) return { kind: "bar", sign: bar };
  const bin = layout.bins.find((one) => x >= one.x && x <= one.x + one.width + 1 && y >= one.floor - Math.max(one.height, 14) && y <= one.floor + 3);
  return bin ? { kind: "bin", bin } : null;
}
