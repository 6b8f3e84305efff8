/** Where everything stands: lanes, bars, bins and points, in pixels. */
import type { Lane, Timeline, TimelineBin, TimelineLane, TimelinePoint } from "../../../api/types";
import { LANE_ORDER } from "../../../lib/lanes";
import { isCrossed, isIntent } from "../../../lib/signs";

export const AXIS = 38;
const ROW = 15;
const MOST_ROWS = 3;
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
  rows: number;
  /** The line on which points stand: under the bars where there are any. */
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

/** Lanes stand still while one zooms: their places come from the whole record. */
export function laneBoxes(life: Timeline): LaneBox[] {
  const horizon = Date.parse(life.end);
  const byLane = new Map(life.lanes.map((lane) => [lane.lane, lane]));
  let top = AXIS;
  return LANE_ORDER.flatMap((name) => {
    const lane = byLane.get(name);
    if (!lane || (lane.total === 0 && lane.points.length === 0)) return [];
    const box = { lane: name, total: lane.total, top, ...roomFor(lane, top, horizon) };
    top += box.height;
    return [box];
  });
}

function roomFor(lane: TimelineLane, top: number, horizon: number): Pick<LaneBox, "height" | "rows" | "line"> {
  const lasting = lane.points.filter((point) => point.end_time !== null || point.ongoing).length;
  if (lasting === 0) return { height: POINT_LANE, rows: 1, line: top + POINT_LANE / 2 };
  const rows = Math.min(MOST_ROWS, 1 + Math.max(...rowsOf(lane.points, horizon)));
  const bars = rows * ROW + 8;
  // Visits of an hour are points from afar and bars from near: one line serves both.
  const mixed = rows > 1 || lasting < lane.points.length;
  const height = Math.max(POINT_LANE, bars + (mixed ? POINT_LANE - 8 : 0));
  return { height, rows, line: mixed ? top + bars + 7 : top + height / 2 };
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

/** The row of each interval, so that overlapping ones do not hide one another. */
function rowsOf(points: TimelinePoint[], horizon: number): number[] {
  const free: number[] = [];
  // The server sends them by time, which is what keeps the rows steady.
  return points.map((point) => {
    const until = untilOf(point, horizon);
    if (until === null) return 0;
    const start = Date.parse(point.time);
    const open = free.findIndex((taken) => taken <= start);
    const row = open === -1 ? free.length : open;
    free[row] = until;
    return row;
  });
}

function signOf(lane: Lane, points: TimelinePoint[], y: number): Sign {
  return {
    lane, points, y,
    ongoing: points.some((point) => point.ongoing),
    abnormal: points.some((point) => point.abnormal === true),
    hollow: points.every((point) => isIntent(point.act)),
    crossed: points.every(isCrossed),
  };
}

export interface Place {
  x: (at: number) => number;
  pixels: number;
  /** The end of what is known: what still lasts is drawn as far as this. */
  horizon: number;
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

function placeBins(lane: TimelineLane, box: LaneBox, { x, pixels }: Place, layout: Layout): void {
  const most = Math.max(1, ...lane.bins.map((bin) => bin.count));
  const room = box.height - 8;
  for (const bin of lane.bins) {
    const left = x(Date.parse(bin.start));
    const right = x(Date.parse(bin.end));
    if (right < 0 || left > pixels) continue;
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

function placePoints(lane: TimelineLane, box: LaneBox, { x, pixels, horizon }: Place, layout: Layout): void {
  const rows = rowsOf(lane.points, horizon);
  const singles: { x: number; point: TimelinePoint }[] = [];
  lane.points.forEach((point, index) => {
    const left = x(Date.parse(point.time));
    const until = untilOf(point, horizon);
    const right = until === null ? left : x(until);
    if (right < -TOGETHER || left > pixels + TOGETHER) return;
    if (right - left < NARROW) { singles.push({ x: (left + right) / 2, point }); return; }
    const row = Math.min(rows[index] ?? 0, box.rows - 1);
    const y = box.top + 4 + row * ROW + (box.line === box.top + box.height / 2 ? (box.height - ROW - 8) / 2 : 0);
    layout.bars.push({ ...signOf(box.lane, [point], y), x: left, width: right - left, height: ROW - 2 });
  });
  layout.glyphs.push(...together(singles, box.lane, box.line));
}

function together(singles: { x: number; point: TimelinePoint }[], lane: Lane, y: number): Glyph[] {
  const glyphs: Glyph[] = [];
  let group: typeof singles = [];
  const close = () => {
    const first = group[0];
    const last = group.at(-1);
    if (!first || !last) return;
    const points = group.map((one) => one.point);
    const radius = points.length === 1 ? 4.5 : Math.min(11, 6.5 + Math.log10(points.length) * 2.4);
    glyphs.push({ ...signOf(lane, points, y), x: (first.x + last.x) / 2, radius });
  };
  for (const one of singles.sort((a, b) => a.x - b.x)) {
    const last = group.at(-1);
    const first = group[0];
    // A group never grows wider than its own sign, or a busy year would become one blot.
    if (last && first && (one.x - last.x > TOGETHER || one.x - first.x > 3 * TOGETHER)) { close(); group = []; }
    group.push(one);
  }
  close();
  return glyphs;
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
