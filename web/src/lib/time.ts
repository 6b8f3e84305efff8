/** Instants as people read them, in the viewer's zone, with the month in letters. */

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false });
const ZONE = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });

export function day(instant: string | number | Date): string {
  return DAY.format(new Date(instant));
}

export function clock(instant: string | number | Date): string {
  return CLOCK.format(new Date(instant));
}

export function dayAndClock(instant: string | number | Date): string {
  return `${day(instant)}, ${clock(instant)}`;
}

export function withZone(instant: string | number | Date): string {
  return `${dayAndClock(instant)} ${zone(instant)}`.trim();
}

/** "CEST", "GMT-5": of the viewer, and at that instant, for clocks are set back and forth. */
export function zone(instant: string | number | Date): string {
  return ZONE.formatToParts(new Date(instant)).find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** A partial date ("2019", "2019-03") is shown as it was sent; a whole one in the viewer's zone. */
export function asSent(time: string | null, sent: string | null): string | null {
  if (sent && /^\d{4}$/.test(sent)) return sent;
  const month = sent ? /^(\d{4})-(\d{2})$/.exec(sent) : null;
  if (month) return `${MONTHS[Number(month[2]) - 1] ?? month[2]} ${month[1]}`;
  const date = sent ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(sent) : null;
  if (date) return calendarDay(sent as string);
  return time ? dayAndClock(time) : sent;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A calendar date has no zone: it must not slip a day west of Greenwich. */
export function calendarDay(date: string): string {
  const parts = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?/.exec(date);
  if (!parts) return date;
  const month = parts[2] ? MONTHS[Number(parts[2]) - 1] : undefined;
  return [parts[3] ? String(Number(parts[3])) : undefined, month, parts[1]].filter(Boolean).join(" ");
}

/** "2026-03-01T14:30" for a date-time field, in the viewer's zone. */
export function forField(instant: string | number | Date): string {
  const moment = new Date(instant);
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** "0.4 s", "2 min 5 s", "1 h 12 min": how long something took. */
export function lasting(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function span(start: string | null, end: string | null): string {
  if (!start && !end) return "dates not recorded";
  if (!start) return `until ${dayAndClock(end as string)}`;
  if (!end) return `since ${dayAndClock(start)}`;
  const last = day(start) === day(end) ? clock(end) : dayAndClock(end);
  return `${dayAndClock(start)} – ${last}`;
}
