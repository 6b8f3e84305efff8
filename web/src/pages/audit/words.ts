/** The words of the audit as people say them. */
import type { AuditLine, Flag, Kind, Purpose } from "../../api/audit";

export const PURPOSES: Record<Purpose, string> = {
  treatment: "treatment",
  research: "research",
  quality: "quality of care",
  operations: "keeping the records",
};

export const KINDS: Record<Kind, string> = {
  read: "looked",
  append: "wrote",
  load: "loaded",
  export: "took out",
  refused: "was refused",
  glass: "broke the glass",
  review: "reviewed",
  release: "released",
  erase: "erased",
  account: "changed an account",
  checkpoint: "signed the audit",
  drain: "stored",
  compact: "tidied",
  vacuum: "tidied files",
  migrate: "migrated",
  storage: "moved files",
  backup: "backed up",
  restore: "restored",
};

/** What people do comes first; upkeep after it. */
export const ASKED_FOR: Kind[] = ["read", "append", "load", "export", "refused", "glass", "review", "release", "erase", "account", "checkpoint", "backup", "restore", "storage", "migrate", "drain", "compact", "vacuum"];

export const FLAGS: Record<Flag, { words: string; why: string }> = {
  "own-record": { words: "own record", why: "The record belongs to this account." },
  family: { words: "family", why: "They share a family name, or the account speaks for the patient." },
  vip: { words: "known person", why: "The patient is guarded as a known person." },
  staff: { words: "staff", why: "The patient is guarded as a member of staff." },
  "broken-glass": { words: "broken glass", why: "A closed record was opened with a reason." },
};

export function done(row: AuditLine): string {
  const words = KINDS[row.kind];
  return row.outcome === "failed" ? `${words}, failed` : words;
}

export function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
}
