/** The audit: who looked at whom, when and why. Every search is written down on the server. */
import { useInfiniteQuery } from "@tanstack/react-query";

import { post, saveFile } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type AuditLine = Words["AuditLine"];
export type AuditPage = Words["AuditPage"];
export type AuditState = Words["AuditState"];
/** Which rows are meant; what is left out leaves nothing out. */
export type AuditWish = Partial<Omit<Words["AuditSearch"], "before" | "limit">>;
export type Flag = AuditLine["flags"][number];
export type Kind = AuditLine["kind"];
export type Purpose = AuditLine["purpose"];

/** Asked once and page by page: looking again by itself would fill the audit with its own readers. */
export function useAuditSearch(wish: AuditWish, asked: number) {
  return useInfiniteQuery({
    queryKey: ["audit", asked, wish],
    queryFn: ({ pageParam, signal }) => post<AuditPage>("/audit/search", { ...wish, before: pageParam }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.before,
    staleTime: Infinity,
  });
}

export type Form = "csv" | "cef";

/** What was found, as a file; what the server refuses is told in its own words. */
export function downloadAudit(wish: AuditWish, form: Form): Promise<void> {
  return saveFile("/audit/export", { ...wish, form }, `audit.${form}`);
}
