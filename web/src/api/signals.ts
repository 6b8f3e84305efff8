/** Waveforms and numerics: what was recorded, and any window of it. */
import { useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { get, momentQuery, type Moment } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type SignalChannel = Words["Channel"];
export type Recording = Words["Recording"];
export type Recordings = Words["Recordings"];
export type BedStay = Words["BedStay"];
export type SignalWindow = Words["Window"];
export type Worn = Words["Worn"];
export type WornSeries = Words["WornSeries"];
export type WornDay = Words["WornDay"];

export function useRecordings(person: string, moment: Moment): UseQueryResult<Recordings> {
  return useQuery({
    queryKey: ["recordings", person, moment.clock, moment.at],
    queryFn: ({ signal }) => get<Recordings>(`/patients/${person}/signals/recordings`, momentQuery(moment), signal),
    staleTime: 60_000,
  });
}

export function useWearables(person: string, moment: Moment): UseQueryResult<Worn[]> {
  return useQuery({
    queryKey: ["wearables", person, moment.clock, moment.at],
    queryFn: ({ signal }) => get<Worn[]>(`/patients/${person}/wearables`, momentQuery(moment), signal),
    staleTime: 60_000,
  });
}

/** A part of one recording: seconds count from its beginning. */
export interface Part {
  recording: string;
  channels: string[];
  at: number;
  seconds: number;
  points: number;
}

export interface Found {
  windows: Map<string, SignalWindow>;
  busy: boolean;
  error: unknown;
  again: () => void;
}

export function channelKey(recording: string, channel: string): string {
  return `${recording}/${channel}`;
}

/** The windows of several recordings that share one clock, by recording and channel. */
export function useWindows(person: string, moment: Moment, parts: Part[]): Found {
  return useQueries({
    queries: parts.map((part) => ({
      queryKey: ["signal-window", person, moment.clock, moment.at, part],
      queryFn: ({ signal }: { signal: AbortSignal }) => get<SignalWindow[]>(`/patients/${person}/signals/${part.recording}/window?${words(part, moment)}`, undefined, signal),
      staleTime: 300_000,
      gcTime: 60_000,
    })),
    combine: (results) => ({
      windows: new Map(results.flatMap((result, number) => (result.data ?? []).map((one) => [channelKey(parts[number]?.recording ?? "", one.channel), one] as const))),
      busy: results.some((result) => result.isFetching),
      error: results.find((result) => result.isError)?.error ?? null,
      again: () => results.forEach((result) => void (result.isError && result.refetch())),
    }),
  });
}

function words(part: Part, moment: Moment): string {
  const said = new URLSearchParams(part.channels.map((channel) => ["channel", channel]));
  said.set("at_seconds", String(part.at));
  said.set("seconds", String(part.seconds));
  said.set("points", String(part.points));
  for (const [name, value] of Object.entries(momentQuery(moment))) said.set(name, String(value));
  return said.toString();
}
