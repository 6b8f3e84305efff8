/** Facts read in notes, and what people say of them. */
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { get, momentQuery, post, type Moment } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type NoteFact = Words["NoteFact"];
export type ReadNote = Words["ReadNote"];
export type Queue = Words["Queue"];
export type QueueItem = Words["QueueItem"];
export type ReviewStanding = Words["ReviewStanding"];
export type Answer = "accept" | "correct" | "reject";
export type Said = Record<string, string | number>;

export function useNoteFacts(person: string, note: string, moment: Moment): UseQueryResult<ReadNote> {
  return useQuery({
    queryKey: ["note-facts", person, note, moment.clock, moment.at],
    queryFn: ({ signal }) => get<ReadNote>(`/patients/${person}/notes/${note}/facts`, momentQuery(moment), signal),
    staleTime: 60_000,
  });
}

export function useQueue(category: string | null): UseQueryResult<Queue> {
  return useQuery({
    queryKey: ["review-queue", category],
    queryFn: ({ signal }) => get<Queue>("/review/queue", { category, limit: 60 }, signal),
    // The list stays as it is while somebody works through it.
    staleTime: Infinity,
  });
}

const factQuery = (event: string) => ({
  queryKey: ["review-fact", event],
  queryFn: ({ signal }: { signal: AbortSignal }) => get<ReadNote>(`/review/facts/${event}`, undefined, signal),
  staleTime: 300_000,
});

export function useFact(event: string | undefined): UseQueryResult<ReadNote> {
  return useQuery({ ...factQuery(event ?? ""), enabled: event !== undefined });
}

/** The next fact is there before it is asked for. */
export function usePrefetchFact(): (event: string | undefined) => void {
  const client = useQueryClient();
  return (event) => { if (event) void client.prefetchQuery(factQuery(event)); };
}

export function useStanding(): UseQueryResult<ReviewStanding> {
  return useQuery({
    queryKey: ["review-standing"],
    queryFn: ({ signal }) => get<ReviewStanding>("/review/standing", undefined, signal),
    staleTime: 5_000,
  });
}

export function useVerdict() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ event, answer, said }: { event: string; answer: Answer; said: Said }) =>
      post<undefined>(`/review/facts/${event}/verdict`, { answer, said }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["review-standing"] });
      void client.invalidateQueries({ queryKey: ["note-facts"] });
      void client.invalidateQueries({ queryKey: ["picture"] });
    },
  });
}
