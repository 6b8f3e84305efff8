/** The patient's own page: what is known, who looked, what was agreed to, what left. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get, post } from "./client";
import type { components } from "./schema.gen";

export type MyRecord = components["schemas"]["MyRecord"];
export type MyRecords = components["schemas"]["MyRecords"];
export type KnownAboutMe = components["schemas"]["KnownAboutMe"];
export type UseOfMyRecord = components["schemas"]["UseOfMyRecord"];
export type Section = components["schemas"]["Section"];
export type Look = components["schemas"]["Look"];
export type Agreed = components["schemas"]["Agreed"];
export type HeldRecords = components["schemas"]["HeldRecords"];
export type HeldRecord = components["schemas"]["HeldRecord"];

export function useMyRecords() {
  return useQuery({ queryKey: ["my-record"], queryFn: ({ signal }) => get<MyRecords>("/my-record", undefined, signal) });
}

export function useKnown(person: string | undefined) {
  return useQuery({
    queryKey: ["my-record", person, "known"],
    queryFn: ({ signal }) => get<KnownAboutMe>(`/my-record/${person}/known`, undefined, signal),
    enabled: person !== undefined,
  });
}

export function useUse(person: string | undefined) {
  return useQuery({
    queryKey: ["my-record", person, "use"],
    queryFn: ({ signal }) => get<UseOfMyRecord>(`/my-record/${person}/use`, undefined, signal),
    enabled: person !== undefined,
  });
}

export function useLetter(person: string, note: string | null) {
  return useQuery({
    queryKey: ["my-record", person, "letter", note],
    queryFn: ({ signal }) => get<components["schemas"]["NoteText"]>(`/patients/${person}/notes/${note}`, undefined, signal),
    enabled: note !== null,
  });
}

export function useHeld(person: string) {
  return useQuery({ queryKey: ["held", person], queryFn: ({ signal }) => get<HeldRecords>(`/patients/${person}/held`, undefined, signal) });
}

export function useRelease(person: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[]) => post<HeldRecords>(`/patients/${person}/held`, { ids }),
    onSuccess: (rest) => client.setQueryData(["held", person], rest),
  });
}
