/** How far one press moves the moment of knowledge. */

export const STEPS = [
  { value: "hour", label: "1 hour" },
  { value: "day", label: "1 day" },
  { value: "week", label: "1 week" },
  { value: "month", label: "1 month" },
  { value: "year", label: "1 year" },
] as const;
export type Step = (typeof STEPS)[number]["value"];

/** A calendar step: a month back from 31 March is the end of February, not 3 March. */
export function stepped(from: Date, step: Step, direction: 1 | -1): Date {
  const to = new Date(from);
  if (step === "hour") to.setTime(to.getTime() + direction * 3_600_000);
  if (step === "day") to.setDate(to.getDate() + direction);
  if (step === "week") to.setDate(to.getDate() + 7 * direction);
  if (step === "month" || step === "year") {
    to.setDate(1);
    to.setMonth(to.getMonth() + direction * (step === "year" ? 12 : 1));
    const last = new Date(to.getFullYear(), to.getMonth() + 1, 0).getDate();
    to.setDate(Math.min(from.getDate(), last));
  }
  return to;
}
