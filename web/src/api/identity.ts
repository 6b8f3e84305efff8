/** Records that look alike, and what people decide about them. */
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { get, post } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type PairQueue = Words["PairQueue"];
export type WaitingPair = Words["WaitingPair"];
export type SideBySide = Words["SideBySide"];
export type ComparedField = Words["ComparedField"];
export type PairRecord = Words["PairRecord"];
export type PairAnswer = "same" | "different" | "unknown";
export type Show = "waiting" | "held" | "decided";

export function usePairs(show: Show): UseQueryResult<PairQueue> {
  return useQuery({
    queryKey: ["identity-pairs", show],
    queryFn: ({ signal }) => get<PairQueue>("/identity/pairs", { show, limit: 100 }, signal),
    // The list stays as it is while somebody works through it.
    staleTime: Infinity,
    gcTime: 0,
  });
}

const pairQuery = (pair: string) => ({
  queryKey: ["identity-pair", pair],
  queryFn: ({ signal }: { signal: AbortSignal }) => get<SideBySide>(`/identity/pairs/${pair}`, undefined, signal),
  staleTime: 60_000,
});

export function usePair(pair: string | undefined): UseQueryResult<SideBySide> {
  return useQuery({ ...pairQuery(pair ?? ""), enabled: pair !== undefined });
}

/** The next pair is there before it is asked for. */
export function usePrefetchPair(): (pair: string | undefined) => void {
  const client = useQueryClient();
  return (pair) => { if (pair) void client.prefetchQuery(pairQuery(pair)); };
}

export function usePairVerdict() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ pair, answer }: { pair: string; answer: PairAnswer }) =>
      post<Words["Decided"]>(`/identity/pairs/${pair}/verdict`, { answer }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["identity-pair"] });
      void client.invalidateQueries({ queryKey: ["picture"] });
      void client.invalidateQueries({ queryKey: ["worklist"] });
    },
  });
}
