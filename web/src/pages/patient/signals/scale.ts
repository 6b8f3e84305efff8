/** Where a value stands in its row. */
import type { SignalWindow } from "../../../api/signals";
import type { View } from "../timeline/view";
import { MILLIMETRE } from "./window";

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
  /** Millimetres a millivolt, where the row is drawn like paper. */
  gain: number | null;
}

/** Gains of electrocardiographs, the usual one first. */
const GAINS = [10, 5, 2.5, 20];

export interface Extent { low: number; high: number }

/** Lowest and highest of what is in sight; null when nothing is. */
export function extentOf(found: SignalWindow, zero: number, view: View): Extent | null {
  const first = Math.max(0, Math.floor(((view.start - zero) / 1000 - found.at_seconds) / found.step_seconds));
  const last = Math.min(found.low.length, Math.ceil(((view.end - zero) / 1000 - found.at_seconds) / found.step_seconds) + 1);
  let low = Infinity;
  let high = -Infinity;
  for (let at = first; at < last; at += 1) {
    const value = found.low[at];
    if (value === null || value === undefined) continue;
    const top = found.high.length > 0 ? (found.high[at] ?? value) : value;
    if (value < low) low = value;
    if (top > high) high = top;
  }
  return low <= high ? { low, high } : null;
}

export function scaleOf(extent: Extent | null, height: number): Scale | null {
  if (!extent) return null;
  const spread = extent.high - extent.low || Math.max(1, Math.abs(extent.high) * 0.1);
  const step = niceStep(spread / Math.max(1, height / 34));
  const low = Math.floor((extent.low - spread * 0.06) / step) * step;
  const high = Math.ceil((extent.high + spread * 0.06) / step) * step;
  return { low, high, ticks: steps(low, high, step), gain: null };
}

/** As on paper: a fixed number of millimetres a millivolt, the first gain at which all fits. */
export function paperScaleOf(extent: Extent | null, height: number): Scale | null {
  if (!extent) return null;
  const room = height / MILLIMETRE;
  const gain = GAINS.slice(0, 3).find((one) => (extent.high - extent.low) * one <= room * 0.92);
  if (gain === undefined) return scaleOf(extent, height);
  const middle = Math.round((extent.high + extent.low) / 2 / 0.5) * 0.5;
  const half = room / gain / 2;
  const fits = extent.high <= middle + half && extent.low >= middle - half;
  const centre = fits ? middle : (extent.high + extent.low) / 2;
  const low = centre - half;
  const high = centre + half;
  return { low, high, ticks: steps(Math.ceil(low), high, 1), gain };
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= least) ?? 10 * power;
}

function steps(from: number, to: number, step: number): number[] {
  const found: number[] = [];
  for (let value = from; value <= to + step * 1e-6 && found.length < 12; value += step) found.push(Number(value.toPrecision(10)));
  return found;
}

export function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
