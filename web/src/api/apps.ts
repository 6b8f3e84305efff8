/** Apps of other people: what one asks for, and what the person decided. */
import { useMutation, useQuery, type UseMutationResult, type UseQueryResult } from "@tanstack/react-query";

import { post, type Problem } from "./client";
import type { components } from "./schema.gen";

export type AppQuestion = components["schemas"]["AppQuestion"];
type SendTo = components["schemas"]["SendTo"];
export type Decision = { allow: boolean; person_id: string | null };

export function useAppQuestion(query: string): UseQueryResult<AppQuestion> {
  return useQuery({
    queryKey: ["app-question", query],
    queryFn: ({ signal }) => post<AppQuestion>("/apps/asked", { query }, signal),
    staleTime: Infinity,
  });
}

/** Decide; the browser then leaves for the app's own address, which the server checked. */
export function useDecision(query: string): UseMutationResult<SendTo, Problem, Decision> {
  return useMutation<SendTo, Problem, Decision>({
    mutationFn: (said) => post<SendTo>("/apps/decided", { query, ...said }),
    onSuccess: ({ address }) => window.location.replace(address),
  });
}
