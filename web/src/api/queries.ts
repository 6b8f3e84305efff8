/** Every question the pages ask, one hook each. */
import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import { get, momentQuery, post, type Moment } from "./client";
import type {
  About, FactList, NewFacts, NoteText, PatientList, Picture, Series, Session, Timeline, Trace,
} from "./types";

const MINUTE = 60_000;

export function useSession(): UseQueryResult<Session> {
  return useQuery({
    queryKey: ["session"],
    queryFn: ({ signal }) => get<Session>("/session", undefined, signal),
    staleTime: 5 * MINUTE,
    retry: false,
  });
}

/** Whether cohorts and alerts name patients to this role; while nothing is known, as if. */
export function useSeesPatients(): boolean {
  return useSession().data?.sees_patients ?? true;
}

export function useAbout(): UseQueryResult<About> {
  return useQuery({
    queryKey: ["about"],
    queryFn: ({ signal }) => get<About>("/about", undefined, signal),
    staleTime: Infinity,
  });
}

/** The worklist where the text is empty; nobody is asked for where there is none. */
export function usePatients(text: string | null, offset: number, limit: number): UseQueryResult<PatientList> {
  return useQuery({
    queryKey: ["patients", text, offset, limit],
    enabled: text !== null,
    queryFn: ({ signal }) =>
      text
        ? post<PatientList>("/patients/search", { text, offset, limit }, signal)
        : get<PatientList>("/worklist", { limit, offset }, signal),
    placeholderData: keepPreviousData,
    staleTime: MINUTE / 4,
  });
}

export function usePicture(person: string, moment: Moment): UseQueryResult<Picture> {
  return useQuery({
    queryKey: ["picture", person, moment.clock, moment.at],
    queryFn: ({ signal }) =>
      get<Picture>(`/patients/${person}/picture`, momentQuery(moment), signal),
    // Another patient's picture is never shown while this one loads; another moment's is not either.
    staleTime: MINUTE,
  });
}

export interface Span {
  start: number;
  end: number;
}

export function useTimeline(
  person: string,
  moment: Moment,
  span: Span | null,
  points: number,
): UseQueryResult<Timeline> {
  const between = span && {
    start: new Date(span.start).toISOString(),
    end: new Date(span.end).toISOString(),
  };
  return useQuery({
    queryKey: ["timeline", person, moment.clock, moment.at, between, points],
    queryFn: ({ signal }) =>
      get<Timeline>(
        `/patients/${person}/timeline`,
        { ...between, points, ...momentQuery(moment) },
        signal,
      ),
    placeholderData: (previous, query) =>
      sameFrame(query?.queryKey, person, moment) ? previous : undefined,
    staleTime: MINUTE,
  });
}

function sameFrame(key: readonly unknown[] | undefined, person: string, moment: Moment): boolean {
  return key?.[1] === person && key[2] === moment.clock && key[3] === moment.at;
}

export function useRecordSearch(person: string, text: string, moment: Moment): UseQueryResult<FactList> {
  return useQuery({
    queryKey: ["record-search", person, moment.clock, moment.at, text],
    queryFn: ({ signal }) =>
      post<FactList>(`/patients/${person}/search`, { text, ...momentQuery(moment) }, signal),
    enabled: text.length > 1,
    // While words are added the lines stay, and whoever has walked to one stays on it.
    placeholderData: (previous, query) =>
      sameFrame(query?.queryKey, person, moment) ? previous : undefined,
  });
}

export function useNewFacts(person: string, moment: Moment): UseQueryResult<NewFacts> {
  return useQuery({
    queryKey: ["new", person, moment.clock, moment.at],
    queryFn: ({ signal }) => get<NewFacts>(`/patients/${person}/new`, momentQuery(moment), signal),
  });
}

export function useMarkSeen(person: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<void>(`/patients/${person}/seen`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["new", person] });
      await client.invalidateQueries({ queryKey: ["patients"] });
    },
  });
}

export function useNote(person: string, note: string | null, moment: Moment): UseQueryResult<NoteText> {
  return useQuery({
    queryKey: ["note", person, note, moment.clock, moment.at],
    queryFn: ({ signal }) =>
      get<NoteText>(`/patients/${person}/notes/${note}`, momentQuery(moment), signal),
    enabled: note !== null,
  });
}

export function useSeries(
  person: string,
  row: { code: string; unit: string | null } | null,
  moment: Moment,
): UseQueryResult<Series> {
  return useQuery({
    queryKey: ["series", person, row?.code, row?.unit, moment.clock, moment.at],
    queryFn: ({ signal }) =>
      get<Series>(
        `/patients/${person}/series`,
        { code: row?.code, unit: row?.unit, ...momentQuery(moment) },
        signal,
      ),
    enabled: row !== null,
  });
}

/** With the person the server looks at one patient's rows; without, it asks an index first. */
export function useTrace(event: string, person: string | null, moment: Moment): UseQueryResult<Trace> {
  return useQuery({
    queryKey: ["trace", event, moment.clock, moment.at],
    queryFn: ({ signal }) => get<Trace>(`/events/${event}/trace`, { person_id: person, ...momentQuery(moment) }, signal),
    staleTime: MINUTE,
  });
}
