/** Counts and sizes in words. */

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "not counted" : value.toLocaleString("en-GB");
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "not counted";
  const power = Math.min(UNITS.length - 1, value > 0 ? Math.floor(Math.log10(value) / 3) : 0);
  return `${Number((value / 1000 ** power).toPrecision(3))} ${UNITS[power]}`;
}
