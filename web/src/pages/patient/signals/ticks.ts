/** Ticks from a fifth of a second to days, and times to the second. */
import { day, zone } from "../../../lib/time";
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

/** The stretch in sight: each end with its own day, where they differ, and its own zone. */
export function stretchWords(view: View, dated: boolean): string {
  const tenths = width(view) < MINUTE;
  const [from, to] = [view.start, view.end].map((at) => moment(at, dated, tenths));
  if (!dated) return `from the beginning, ${from} – ${to}`;
  const days = day(view.start) === day(view.end) ? "" : `${day(view.end)}, `;
  const zones = zone(view.start) === zone(view.end) ? "" : ` ${zone(view.start)}`;
  return `${day(view.start)}, ${from}${zones} – ${days}${to} ${zone(view.end)}`;
}

/** Where somebody points: with the day, where more than one is in sight. */
export function momentIn(view: View, at: number, dated: boolean): string {
  const words = moment(at, dated, width(view) < 2 * MINUTE);
  return dated && day(view.start) !== day(view.end) ? `${DAYS.format(at)}, ${words}` : words;
}

export function ticksOf(view: View, pixels: number, dated: boolean, apart = 84): Tick[] {
  const least = (width(view) / Math.max(1, pixels)) * apart;
  const step = STEPS.find((one) => one >= least) ?? (STEPS.at(-1) as number);
  const byClock = dated && step >= HOUR;
  const first = byClock ? view.start - new Date(view.start).getTimezoneOffset() * MINUTE : view.start;
  const ticks: Tick[] = [];
  for (let number = Math.ceil(first / step); ticks.length < 100; number += 1) {
    const at = byClock ? atClock(number * step) : number * step;
    if (at >= view.end) break;
    // An hour that the clocks leave out falls together with the next.
    if (at >= view.start && at !== ticks.at(-1)?.at) ticks.push({ at, label: labelOf(at, step, dated) });
  }
  return ticks;
}

/** Hours and days begin by the local clock, also after it was set back or forth. */
function atClock(local: number): number {
  const there = new Date(local);
  return new Date(there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate(), there.getUTCHours()).getTime();
}

function labelOf(at: number, step: number, dated: boolean): string {
  if (!dated || step < SECOND) return moment(at, dated, step < SECOND);
  if (step < MINUTE) return SECONDS.format(at);
  if (step >= 24 * HOUR) return DAYS.format(at);
  const clock = MINUTES.format(at);
  return clock === "00:00" ? `${DAYS.format(at)} ${clock}` : clock;
}

/** "125 Hz"; below one a second in values a minute, as monitors' numerics come. */
export function rateWords(rate: number): string {
  if (rate >= 1) return `${Number(rate.toPrecision(4))} Hz`;
  const minute = rate * 60;
  return minute >= 0.99 ? `${Number(minute.toPrecision(2))} a minute` : `one every ${Number((1 / minute).toPrecision(2))} min`;
}
