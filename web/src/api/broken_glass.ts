/** Opening closed records in an emergency, and reviewing every opening. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get, post } from "./client";
import type { components } from "./schema.gen";

export type BrokenGlass = components["schemas"]["BrokenGlass"];
export type BrokenGlasses = components["schemas"]["BrokenGlasses"];
export type Verdict = "justified" | "not-justified";

export function useBrokenGlasses() {
  return useQuery({ queryKey: ["broken-glass"], queryFn: ({ signal }) => get<BrokenGlasses>("/break-glass", undefined, signal) });
}

export function useBreakGlass(person: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => post<BrokenGlass>("/break-glass", { person_id: person, reason }),
    // Every part of the page asks again: the record is open now.
    onSuccess: () => client.invalidateQueries(),
  });
}

export function useReviewGlass() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: { id: string; verdict: Verdict }) => post<BrokenGlass>(`/break-glass/${said.id}/review`, { verdict: said.verdict }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["broken-glass"] }),
  });
}
