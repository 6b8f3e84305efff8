/** Channels on their canvas: a line of samples when close, the band from lowest to highest when far. */
import type { SignalWindow } from "../../../api/signals";
import { printedUnit } from "../../../lib/words";
import { width, type View } from "../timeline/view";
import { zeroOf, type Picked } from "./groups";
import { shown, type Scale } from "./scale";
import { moment, momentIn, ticksOf } from "./ticks";

export const AXIS = 26;
export const NUMERIC_ROW = 76;
export const WAVE_ROW = 152;
/** An empty row says why it is empty: on its way, or failed, as the page says then. */
export const NOT_LOADED = "not loaded yet";
/** Bins are asked for a pixel each: wider ones are those of a wider window, until the closer ones come. */
const COARSE = 6;

export interface Row { picked: Picked; found: SignalWindow | null; scale: Scale | null; top: number; height: number }

export interface Palette {
  line: string; text: string; soft: string; faint: string; ink: string; stripe: string; card: string; gap: string;
  paper: string; paperFine: string; font: string;
}

export interface Scene {
  rows: Row[];
  view: View;
  width: number;
  height: number;
  dated: boolean;
  /** Where somebody points, in pixels from the left. */
  cursor: number | null;
  colours: Palette;
}

type Pen = CanvasRenderingContext2D;

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    line: read("--v-line"), text: read("--v-text"), soft: read("--v-soft"), faint: read("--v-faint"), ink: read("--v-ink"),
    stripe: read("--v-sunken"), card: read("--v-card"), gap: read("--v-line-strong"), paper: read("--v-paper"), paperFine: read("--v-paper-fine"),
    font: style.fontFamily,
  };
}

export function heightOf(picked: Picked[]): number {
  return AXIS + picked.reduce((sum, one) => sum + rowHeight(one), 0);
}

export function rowHeight(picked: Picked): number {
  return picked.channel.kind === "numeric" ? NUMERIC_ROW : WAVE_ROW;
}

export function draw(pen: Pen, scene: Scene): void {
  pen.clearRect(0, 0, scene.width, scene.height);
  for (const row of scene.rows) grounds(pen, row, scene);
  axis(pen, scene);
  for (const row of scene.rows) {
    pen.save();
    pen.beginPath();
    pen.rect(0, row.top, scene.width, row.height);
    pen.clip();
    gaps(pen, row, scene);
    signal(pen, row, scene);
    scaleWords(pen, row, scene);
    pen.restore();
    if (row.scale?.gain) boxed(pen, `${row.scale.gain} mm/mV`, scene.width - 62, row.top + row.height - 7, scene);
  }
  if (scene.cursor !== null) cursor(pen, scene, scene.cursor);
}

function toX(scene: Scene, at: number): number {
  return ((at - scene.view.start) / width(scene.view)) * scene.width;
}

function toY(row: Row, scale: Scale, value: number): number {
  return row.top + row.height - ((value - scale.low) / (scale.high - scale.low)) * row.height;
}

function grounds(pen: Pen, row: Row, scene: Scene): void {
  if (row.scale?.gain) paper(pen, row, row.scale, scene);
  pen.strokeStyle = scene.colours.line;
  pen.lineWidth = 1;
  line(pen, 0, row.top + row.height - 0.5, scene.width, row.top + row.height - 0.5);
}

/** Small boxes of 0.04 s by 0.1 mV and large ones of 0.2 s by 0.5 mV, as on ECG paper. */
function paper(pen: Pen, row: Row, scale: Scale, scene: Scene): void {
  const perSecond = (scene.width / width(scene.view)) * 1000;
  for (const [seconds, millivolts, colour] of [[0.04, 0.1, scene.colours.paperFine], [0.2, 0.5, scene.colours.paper]] as const) {
    if (seconds * perSecond < 3.4) continue;
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    const step = seconds * 1000;
    for (let at = Math.ceil(scene.view.start / step) * step; at < scene.view.end; at += step) {
      const x = Math.round(toX(scene, at)) + 0.5;
      line(pen, x, row.top, x, row.top + row.height);
    }
    const first = Math.ceil(scale.low / millivolts - 1e-6);
    for (let number = first; number * millivolts <= scale.high; number += 1) {
      const y = Math.round(toY(row, scale, number * millivolts)) + 0.5;
      line(pen, 0, y, scene.width, y);
    }
  }
}

function axis(pen: Pen, scene: Scene): void {
  pen.font = `11px ${scene.colours.font}`;
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  for (const tick of ticksOf(scene.view, scene.width, scene.dated)) {
    const x = Math.round(toX(scene, tick.at)) + 0.5;
    pen.strokeStyle = scene.colours.line;
    line(pen, x, AXIS - 7, x, AXIS);
    for (const row of scene.rows) if (!row.scale?.gain) line(pen, x, row.top, x, row.top + row.height);
    pen.fillStyle = scene.colours.soft;
    if (x + pen.measureText(tick.label).width + 4 < scene.width) pen.fillText(tick.label, x + 4, AXIS - 9);
  }
  pen.strokeStyle = scene.colours.line;
  line(pen, 0, AXIS - 0.5, scene.width, AXIS - 0.5);
}

function line(pen: Pen, left: number, top: number, right: number, bottom: number): void {
  pen.beginPath();
  pen.moveTo(left, top);
  pen.lineTo(right, bottom);
  pen.stroke();
}

interface Place { first: number; last: number; x: (at: number) => number }

/** Which values are in sight, and where each stands. */
function placeOf(row: Row, found: SignalWindow, scene: Scene): Place {
  const zero = zeroOf(row.picked.recording) + found.at_seconds * 1000;
  const step = found.step_seconds * 1000;
  const first = Math.max(0, Math.floor((scene.view.start - zero) / step) - 1);
  const last = Math.min(found.low.length, Math.ceil((scene.view.end - zero) / step) + 2);
  return { first, last, x: (at) => toX(scene, zero + at * step) };
}

function signal(pen: Pen, row: Row, scene: Scene): void {
  if (!row.found) inTheMiddle(pen, NOT_LOADED, 0, scene.width, row, scene);
  if (!row.found || !row.scale) return;
  pen.strokeStyle = row.picked.channel.kind === "numeric" ? scene.colours.ink : scene.colours.text;
  pen.fillStyle = pen.strokeStyle;
  pen.lineWidth = 1.15;
  pen.lineJoin = "round";
  if (row.found.samples === 1) samples(pen, row, row.found, row.scale, scene);
  else band(pen, row, row.found, row.scale, scene);
}

function samples(pen: Pen, row: Row, found: SignalWindow, scale: Scale, scene: Scene): void {
  const place = placeOf(row, found, scene);
  const apart = place.x(1) - place.x(0);
  // Between values far apart nothing was measured: the line only leads the eye.
  pen.globalAlpha = apart > 40 ? 0.35 : 1;
  pen.beginPath();
  let down = false;
  for (let at = place.first; at < place.last; at += 1) {
    const value = found.low[at];
    if (value === null || value === undefined) { down = false; continue; }
    const y = toY(row, scale, value);
    if (down) pen.lineTo(place.x(at), y);
    else pen.moveTo(place.x(at), y);
    down = true;
  }
  pen.stroke();
  pen.globalAlpha = 1;
  if (apart > scene.width / 2) nearest(pen, row, found, scene);
  // A value between two gaps has no line: it is a dot; so is each one where they stand far apart.
  for (let at = place.first; at < place.last; at += 1) {
    const value = found.low[at];
    if (value === null || value === undefined) continue;
    const alone = (found.low[at - 1] ?? null) === null && (found.low[at + 1] ?? null) === null;
    if (apart < 7 && !alone) continue;
    pen.beginPath();
    pen.arc(place.x(at), toY(row, scale, value), apart < 7 ? 1.2 : 2.2, 0, 7);
    pen.fill();
  }
}

/** Where values are further apart than the window is wide, the last one is said with its time. */
function nearest(pen: Pen, row: Row, found: SignalWindow, scene: Scene): void {
  const zero = zeroOf(row.picked.recording) + found.at_seconds * 1000;
  const place = Math.floor((scene.view.end - zero) / (found.step_seconds * 1000));
  const value = found.low[place];
  if (value === null || value === undefined) return;
  const at = zero + place * found.step_seconds * 1000;
  pen.font = `600 12px ${scene.colours.font}`;
  boxed(pen, `${shown(value)} ${printedUnit(found.unit)} at ${moment(at, scene.dated)}`, 40, row.top + row.height - 8, scene);
  pen.fillStyle = scene.colours.ink;
}

/** From lowest to highest of each bin, joined to its neighbour so that no hole shows. */
function band(pen: Pen, row: Row, found: SignalWindow, scale: Scale, scene: Scene): void {
  const place = placeOf(row, found, scene);
  const half = (place.x(1) - place.x(0)) / 2;
  pen.globalAlpha = half * 2 > COARSE ? 0.25 : 1;
  let before: { low: number; high: number } | null = null;
  for (let at = place.first; at < place.last; at += 1) {
    const low = found.low[at];
    const high = found.high[at];
    if (low === null || low === undefined || high === null || high === undefined) { before = null; continue; }
    const from = before && before.low > high ? before.low : high;
    const to = before && before.high < low ? before.high : low;
    const top = toY(row, scale, from);
    const bottom = toY(row, scale, to);
    pen.fillRect(place.x(at), Math.min(top, bottom - 1), Math.max(1, half * 2 + 0.3), Math.max(1, bottom - top));
    before = { low, high };
    const measured = found.measured[at];
    if (measured !== undefined && measured < found.samples) partly(pen, place.x(at), half * 2, row, scene);
  }
  pen.globalAlpha = 1;
}

/** A bin that was measured in part only has a mark at the foot of its row. */
function partly(pen: Pen, x: number, wide: number, row: Row, scene: Scene): void {
  pen.save();
  pen.fillStyle = scene.colours.gap;
  pen.fillRect(x, row.top + row.height - 4, Math.max(1, wide), 3);
  pen.restore();
}

function gaps(pen: Pen, row: Row, scene: Scene): void {
  const { found } = row;
  if (!found) return;
  const place = placeOf(row, found, scene);
  for (let at = place.first; at < place.last; at += 1) {
    if (found.low[at] !== null) continue;
    let end = at;
    while (end < place.last && found.low[end] === null) end += 1;
    gap(pen, Math.max(0, place.x(at)), Math.min(scene.width, place.x(end)), row, scene);
    at = end;
  }
}

function gap(pen: Pen, left: number, right: number, row: Row, scene: Scene): void {
  if (right <= left) return;
  pen.fillStyle = scene.colours.stripe;
  pen.fillRect(left, row.top, right - left, row.height - 1);
  pen.save();
  pen.beginPath();
  pen.rect(left, row.top, right - left, row.height - 1);
  pen.clip();
  pen.strokeStyle = scene.colours.line;
  for (let x = left - row.height - (left % 9); x < right; x += 9) line(pen, x, row.top + row.height, x + row.height, row.top);
  pen.restore();
  inTheMiddle(pen, "not measured", left, right, row, scene);
}

function inTheMiddle(pen: Pen, words: string, left: number, right: number, row: Row, scene: Scene): void {
  pen.font = `11px ${scene.colours.font}`;
  const wide = pen.measureText(words).width;
  if (right - left < wide + 24) return;
  pen.fillStyle = scene.colours.card;
  const middle = (left + right) / 2;
  pen.fillRect(middle - wide / 2 - 5, row.top + row.height / 2 - 9, wide + 10, 18);
  pen.fillStyle = scene.colours.soft;
  pen.textAlign = "center";
  pen.fillText(words, middle, row.top + row.height / 2 + 4);
  pen.textAlign = "left";
}

/** Over the signal: behind a dense one the numbers of its scale would not be seen. */
function scaleWords(pen: Pen, row: Row, scene: Scene): void {
  if (!row.scale) return;
  pen.font = `10px ${scene.colours.font}`;
  for (const tick of row.scale.ticks) {
    const y = toY(row, row.scale, tick);
    if (y < row.top + 7 || y > row.top + row.height - 5) continue;
    pen.strokeStyle = scene.colours.gap;
    pen.lineWidth = 1;
    line(pen, 0, Math.round(y) + 0.5, 4, Math.round(y) + 0.5);
    pen.strokeStyle = scene.colours.card;
    pen.lineWidth = 3;
    pen.strokeText(shown(tick), 6, y + 3.5);
    pen.fillStyle = scene.colours.soft;
    pen.fillText(shown(tick), 6, y + 3.5);
  }
}

function boxed(pen: Pen, words: string, x: number, y: number, scene: Scene): void {
  pen.fillStyle = scene.colours.card;
  pen.globalAlpha = 0.8;
  pen.fillRect(x - 2, y - 9, pen.measureText(words).width + 4, 12);
  pen.globalAlpha = 1;
  pen.fillStyle = scene.colours.soft;
  pen.fillText(words, x, y);
}

export function valueAt(row: Row, at: number, dated: boolean): string | null {
  const { found } = row;
  if (!found) return null;
  const seconds = (at - zeroOf(row.picked.recording)) / 1000 - found.at_seconds;
  const place = found.samples === 1 ? Math.round(seconds / found.step_seconds) : Math.floor(seconds / found.step_seconds);
  const low = found.low[place];
  if (low === undefined) return null;
  if (low === null) return "not measured";
  const high = found.high[place];
  const words = high === undefined || high === null || high === low ? shown(low) : `${shown(low)} to ${shown(high)}`;
  const when = found.samples === 1 && found.step_seconds > 1 ? `, ${moment(zeroOf(row.picked.recording) + (found.at_seconds + place * found.step_seconds) * 1000, dated)}` : "";
  return `${words} ${printedUnit(found.unit)}${when}`.trim();
}

function cursor(pen: Pen, scene: Scene, x: number): void {
  const at = scene.view.start + (x / scene.width) * width(scene.view);
  pen.strokeStyle = scene.colours.ink;
  line(pen, Math.round(x) + 0.5, AXIS - 6, Math.round(x) + 0.5, scene.height);
  pen.font = `600 11px ${scene.colours.font}`;
  flag(pen, momentIn(scene.view, at, scene.dated), x, 12, scene);
  for (const row of scene.rows) {
    const words = valueAt(row, at, scene.dated);
    if (words) flag(pen, words, x, row.top + 14, scene);
  }
}

function flag(pen: Pen, words: string, x: number, y: number, scene: Scene): void {
  const wide = pen.measureText(words).width;
  const left = x + wide + 14 > scene.width ? x - wide - 9 : x + 6;
  pen.fillStyle = scene.colours.card;
  pen.fillRect(left - 3, y - 11, wide + 6, 15);
  pen.fillStyle = scene.colours.text;
  pen.fillText(words, left, y);
}
