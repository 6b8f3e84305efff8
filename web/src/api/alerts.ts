/** Alerts: how each stands, its receipt, and the steps a clinical owner may take. */
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { get, post } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type AlertPage = Words["AlertPage"];
export type AlertChoices = Words["AlertChoices"];
export type AlertGuide = Words["AlertGuide"];
export type DayCount = Words["DayCount"];
export type Proportion = Words["Proportion"];
export type TrialShown = Words["TrialShown"];
export type TrialProgress = Words["TrialProgress"];
export type NewAlert = Words["NewAlert"];
export type NewState = Words["NewState"];
export type NewTrial = Words["NewTrial"];

const LIST = ["alerts"];

export function useAlerts(): UseQueryResult<AlertPage[]> {
  return useQuery({ queryKey: LIST, queryFn: ({ signal }) => get<AlertPage[]>("/alerts", undefined, signal), refetchInterval: 60_000 });
}

export function useAlertChoices(wanted: boolean): UseQueryResult<AlertChoices> {
  return useQuery({
    queryKey: ["alert-choices"],
    queryFn: ({ signal }) => get<AlertChoices>("/alerts/choices", undefined, signal),
    enabled: wanted,
    staleTime: 60_000,
  });
}

export function useDraft() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: NewAlert) => post<AlertPage>("/alerts", said),
    onSuccess: () => client.invalidateQueries({ queryKey: LIST }),
  });
}

export function useMove(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (said: NewState) => post<AlertPage>(`/alerts/${name}/state`, said),
    onSuccess: () => client.invalidateQueries({ queryKey: LIST }),
  });
}

/** Every answer goes a little further through history; the receipt comes with the last one. */
export function useTrial(name: string, tell: (progress: TrialProgress) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (said: NewTrial) => {
      for (;;) {
        const found = await post<TrialProgress>(`/alerts/${name}/trial`, said);
        tell(found);
        if (found.finished) return found;
      }
    },
    onSuccess: () => client.invalidateQueries({ queryKey: LIST }),
  });
}
