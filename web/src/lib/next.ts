/** Where somebody was going when the door asked who they are; a path of this site or the front page. */
export function nextOf(state: unknown): string {
  const next = (state as { next?: unknown } | null)?.next;
  return typeof next === "string" && next.startsWith("/") && !next.startsWith("//") ? next : "/";
}
