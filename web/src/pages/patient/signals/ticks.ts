/** Ticks from a fifth of a second to days, and times to the second. */
import { width, type View } from "../timeline/view";

export interface Tick { at: number; label: string }

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 168 * HOUR,
];
const SECONDS = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const MINUTES = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAYS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** "1 h 12 min", "28 s": how long. */
export function elapsed(milliseconds: number): string {
  const seconds = milliseconds / SECOND;
  if (seconds < 100) return `${Number(seconds.toFixed(seconds < 10 ? 1 : 0))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}

/** "0:03:25": since the beginning. */
export function counted(milliseconds: number, tenths = false): string {
  const whole = Math.max(0, milliseconds) / SECOND;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = tenths ? (whole % 60).toFixed(1).padStart(4, "0") : String(Math.floor(whole % 60)).padStart(2, "0");
  return `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}

export function moment(at: number, dated: boolean, tenths = false): string {
  if (!dated) return counted(at, tenths);
  return tenths ? `${SECONDS.format(at)}.${Math.floor((((at % SECOND) + SECOND) % SECOND) / 100)}` : SECONDS.format(at);
}

export function ticksOf(view: View, pixels: number, dated: boolean, apart = 84): Tick[] {
  const least = (width(view) / Math.max(1, pixels)) * apart;
  const step = STEPS.find((one) => one >= least) ?? (STEPS.at(-1) as number);
  // Hours and days begin by the local clock, not by that of Greenwich.
  const shift = dated && step >= HOUR ? new Date(view.start).getTimezoneOffset() * MINUTE : 0;
  const ticks: Tick[] = [];
  for (let at = Math.ceil((view.start - shift) / step) * step + shift; at < view.end && ticks.length < 100; at += step) {
    ticks.push({ at, label: labelOf(at, step, dated) });
  }
  return ticks;
}

function labelOf(at: number, step: number, dated: boolean): string {
  if (!dated || step < SECOND) return moment(at, dated, step < SECOND);
  if (step < MINUTE) return SECONDS.format(at);
  return step < 24 * HOUR ? MINUTES.format(at) : DAYS.format(at);
}

/** "125 Hz"; below one a second in values a minute, as monitors' numerics come. */
export function rateWords(rate: number): string {
  if (rate >= 1) return `${Number(rate.toPrecision(4))} Hz`;
  const minute = rate * 60;
  return minute >= 0.99 ? `${Number(minute.toPrecision(2))} a minute` : `one every ${Number((1 / minute).toPrecision(2))} min`;
}
