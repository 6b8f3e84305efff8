/** Opened from another record system: the way in, and whose record is open there. */
import { useMutation, useQuery, useQueryClient, type UseMutationResult, type UseQueryResult } from "@tanstack/react-query";

import { get, post, type Problem } from "./client";
import { useSession } from "./queries";
import type { components } from "./schema.gen";

export type PatientInContext = components["schemas"]["PatientInContext"];
type GoTo = components["schemas"]["GoTo"];
type OpenedHere = components["schemas"]["OpenedHere"];
type Context = components["schemas"]["Context"];
type AppHere = components["schemas"]["AppHere"];

/** Begin: the browser then leaves for the other system, whose address the server checked. */
export function beginLaunch(said: { iss: string; launch: string }): Promise<GoTo> {
  return post<GoTo>("/launch", said);
}

export function finishLaunch(said: Record<string, string>): Promise<OpenedHere> {
  return post<OpenedHere>("/launch/answered", said);
}

export function openLink(said: { token: string } | { held: string }): Promise<OpenedHere> {
  return post<OpenedHere>("/launch/link", said);
}

/** Whose record is open in the other system; asked again when somebody comes back to this window. */
export function useContextPatient(): UseQueryResult<PatientInContext | null> {
  const session = useSession();
  return useQuery({
    queryKey: ["context"],
    queryFn: async ({ signal }) => (await get<Context>("/context", undefined, signal)).context ?? null,
    enabled: session.isSuccess,
    staleTime: 30_000,
    refetchOnWindowFocus: true,
    retry: false,
  });
}

export function useLeaveContext(): UseMutationResult<void, Problem, void> {
  const client = useQueryClient();
  return useMutation<void, Problem, void>({
    mutationFn: () => post<void>("/context/leave"),
    onSuccess: () => client.setQueryData(["context"], null),
  });
}

/** Apps of others that open with a patient. */
export function useApps(): UseQueryResult<AppHere[]> {
  return useQuery({
    queryKey: ["apps"],
    queryFn: ({ signal }) => get<AppHere[]>("/apps", undefined, signal),
    staleTime: Infinity,
    retry: false,
  });
}

export function openApp(person: string, app: string): Promise<GoTo> {
  return post<GoTo>(`/patients/${person}/apps/${encodeURIComponent(app)}`);
}
