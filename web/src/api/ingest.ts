/** What came in, what was wrong with it, and what records became. */
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { get, post } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type Arrivals = Words["Arrivals"];
export type Feed = Words["Feed"];
export type ProblemKind = Words["ProblemKind"];
export type Throughput = Words["Throughput"];
export type Arrival = Words["Arrival"];
export type WaitingKind = Words["WaitingKind"];
export type StoredRecord = Words["StoredRecord"];
export type Became = Words["Became"];

export function useArrivals(): UseQueryResult<Arrivals> {
  return useQuery({
    queryKey: ["arrivals"],
    queryFn: ({ signal }) => get<Arrivals>("/ingest", undefined, signal),
    refetchInterval: 60_000,
  });
}

export function useReplay() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<Words["ReplayAnswer"]>("/ingest/quarantine/replay"),
    onSuccess: () => client.invalidateQueries({ queryKey: ["arrivals"] }),
  });
}

export interface Place { source: string; record: number }

export function useRecordsAt(place: Place | null): UseQueryResult<StoredRecord[]> {
  return useQuery({
    queryKey: ["records-at", place],
    queryFn: ({ signal }) => get<StoredRecord[]>("/ingest/records", { source_id: place?.source, record: place?.record }, signal),
    enabled: place !== null,
  });
}

export function useBecame(number: string | null): UseQueryResult<Became> {
  return useQuery({
    queryKey: ["became", number],
    queryFn: ({ signal }) => get<Became>(`/ingest/records/${number}`, undefined, signal),
    enabled: number !== null,
  });
}
