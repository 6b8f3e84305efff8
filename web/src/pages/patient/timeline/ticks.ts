/** Ticks at round local times, and the longer unit they belong to. */
import { DAY, HOUR, MINUTE, type View, width } from "./view";

export interface Tick {
  at: number;
  label: string;
  /** A new day, month or year begins here: its name stands above. */
  context: string | null;
}

type Unit = "minute" | "hour" | "day" | "month" | "year";

interface Step {
  unit: Unit;
  count: number;
  size: number;
}

const MONTH = 30.4 * DAY;
const YEAR = 365.25 * DAY;
const STEPS: Step[] = [
  ...[1, 5, 10, 15, 30].map((count) => ({ unit: "minute" as const, count, size: count * MINUTE })),
  ...[1, 2, 3, 6, 12].map((count) => ({ unit: "hour" as const, count, size: count * HOUR })),
  ...[1, 2, 7, 14].map((count) => ({ unit: "day" as const, count, size: count * DAY })),
  ...[1, 2, 3, 6].map((count) => ({ unit: "month" as const, count, size: count * MONTH })),
  ...[1, 2, 5, 10, 20, 50, 100].map((count) => ({ unit: "year" as const, count, size: count * YEAR })),
];

const NAMES: Record<Unit, Intl.DateTimeFormat> = {
  minute: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }),
  hour: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }),
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }),
  month: new Intl.DateTimeFormat("en-GB", { month: "short" }),
  year: new Intl.DateTimeFormat("en-GB", { year: "numeric" }),
};
const WHOLE_DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });

function contextOf(unit: Unit, at: Date): string | null {
  if (unit === "minute" || unit === "hour") return WHOLE_DAY.format(at);
  return unit === "year" ? null : String(at.getFullYear());
}

function floorTo(step: Step, at: number): Date {
  const date = new Date(at);
  date.setSeconds(0, 0);
  if (step.unit === "minute") date.setMinutes(Math.floor(date.getMinutes() / step.count) * step.count);
  else date.setMinutes(0);
  if (step.unit === "hour") date.setHours(Math.floor(date.getHours() / step.count) * step.count);
  else if (step.unit !== "minute") date.setHours(0);
  if (step.unit === "day") date.setDate(Math.floor((date.getDate() - 1) / step.count) * step.count + 1);
  if (step.unit === "month") date.setMonth(Math.floor(date.getMonth() / step.count) * step.count, 1);
  if (step.unit === "year") date.setFullYear(Math.floor(date.getFullYear() / step.count) * step.count, 0, 1);
  return date;
}

function advance(step: Step, date: Date): Date {
  const next = new Date(date);
  if (step.unit === "minute") next.setMinutes(next.getMinutes() + step.count);
  if (step.unit === "hour") next.setTime(next.getTime() + step.size);
  if (step.unit === "day") {
    const month = next.getMonth();
    next.setDate(next.getDate() + step.count);
    // Weeks begin anew with the month; a stub shorter than half a step would crowd the axis.
    const daysLeft = new Date(next.getFullYear(), next.getMonth() + 1, 0).getDate() - next.getDate();
    if (next.getMonth() !== month || (step.count > 2 && daysLeft < step.count / 2)) next.setMonth(month + 1, 1);
  }
  if (step.unit === "month") next.setMonth(next.getMonth() + step.count);
  if (step.unit === "year") next.setFullYear(next.getFullYear() + step.count);
  return next;
}

export function ticksOf(view: View, pixels: number, apart = 66): Tick[] {
  const least = (width(view) / Math.max(1, pixels)) * apart;
  const step = STEPS.find((one) => one.size >= least) ?? (STEPS.at(-1) as Step);
  const ticks: Tick[] = [];
  let previous: string | null = null;
  for (let date = floorTo(step, view.start); date.getTime() < view.end && ticks.length < 200; date = advance(step, date)) {
    if (date.getTime() < view.start) continue;
    const context = contextOf(step.unit, date);
    ticks.push({ at: date.getTime(), label: NAMES[step.unit].format(date), context: context === previous ? null : context });
    previous = context;
  }
  return ticks;
}
