/** What the server says of cohorts. */
import { keepPreviousData, useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { get, post, saveFile } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type Checked = Words["Checked"];
export type CohortAnswer = Words["CohortAnswer"];
export type CohortPatients = Words["CohortPatients"];
export type Compared = Words["Compared"];
export type Complaint = Words["Complaint"];
export type FoundCode = Words["FoundCode"];
export type Saved = Words["Saved"];
export type SavedList = Words["SavedList"];
export type Split = Words["Split"];
export type Step = Words["Step"];
export type Bar = Words["Bar"];
export type WhyShown = Words["WhyShown"];
export type WhyTrigger = Words["WhyTriggerShown"];
export type WhyLine = Words["WhyLineShown"];
export type Verdict = "in" | "unknown";

/** A definition as the form edits it. */
export type Document = Record<string, unknown>;

/** A definition that can be asked, and the moment asked about; null is now. */
export interface Question {
  text: string;
  known_at: string | null;
}

export function useChecked(text: string): UseQueryResult<Checked> {
  return useQuery({
    queryKey: ["cohort-check", text],
    queryFn: ({ signal }) => post<Checked>("/cohorts/check", { text }, signal),
    enabled: text.trim() !== "",
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

/** The form's elements as text; the text is then known to be checked. */
export function useRewrite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (document: Document) => post<Checked>("/cohorts/check", { document }),
    onSuccess: (checked) => client.setQueryData(["cohort-check", checked.text], checked),
  });
}

export function useAnswer(question: Question | null): UseQueryResult<CohortAnswer> {
  return useQuery({
    queryKey: ["cohort-answer", question],
    queryFn: ({ signal }) => post<CohortAnswer>("/cohorts/answer", question, signal),
    enabled: question !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export function useCohortPatients(question: Question, verdict: Verdict, offset: number, limit: number): UseQueryResult<CohortPatients> {
  return useQuery({
    queryKey: ["cohort-patients", question, verdict, offset, limit],
    queryFn: ({ signal }) => post<CohortPatients>("/cohorts/patients", { ...question, verdict, offset, limit }, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export function useWhy(question: Question, person: string | null): UseQueryResult<WhyShown> {
  return useQuery({
    queryKey: ["cohort-why", question, person],
    queryFn: ({ signal }) => post<WhyShown>("/cohorts/why", { ...question, person_id: person }, signal),
    enabled: person !== null,
  });
}

/** Two definitions, or one at two moments or two sites; null asks nothing yet. */
export interface Comparison {
  first: string;
  second: string;
  known_at: string | null;
  first_known_at?: string;
  first_site?: string;
  site?: string;
}

export function useComparison(two: Comparison | null): UseQueryResult<Compared> {
  return useQuery({
    queryKey: ["cohort-compare", two],
    queryFn: ({ signal }) => post<Compared>("/cohorts/compare", two, signal),
    enabled: two !== null,
    staleTime: 60_000,
  });
}

export function useSites(): UseQueryResult<{ sites: string[] }> {
  return useQuery({ queryKey: ["cohort-sites"], queryFn: ({ signal }) => get<{ sites: string[] }>("/cohorts/sites", undefined, signal), staleTime: 60_000 });
}

export function useCodes(text: string): UseQueryResult<{ codes: FoundCode[] }> {
  return useQuery({
    queryKey: ["cohort-codes", text],
    queryFn: ({ signal }) => post<{ codes: FoundCode[] }>("/cohorts/codes", { text }, signal),
    enabled: text.trim().length > 1,
    placeholderData: keepPreviousData,
  });
}

export function useSaved(): UseQueryResult<SavedList> {
  return useQuery({ queryKey: ["cohort-saved"], queryFn: ({ signal }) => get<SavedList>("/cohorts/saved", undefined, signal) });
}

export function useSave() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: { name: string; text: string }) => post<Saved>("/cohorts/saved", wish),
    onSuccess: () => client.invalidateQueries({ queryKey: ["cohort-saved"] }),
  });
}

export type Form = "csv" | "group" | "meds";
const FILES: Record<Form, string> = { csv: "members.csv", group: "group.json", meds: "labels.parquet" };

/** The members as a file; what the server refuses is told in its own words. */
export function download(question: Question, form: Form): Promise<void> {
  return saveFile("/cohorts/export", { ...question, form }, FILES[form]);
}
