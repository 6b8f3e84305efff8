/** What the server says of guidelines. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { get, momentQuery, type Moment } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type CardFact = Words["CardFact"];
export type CardCriterion = Words["CardCriterion"];
export type GuideCard = Words["GuideCard"];
export type GuideCards = Words["GuideCards"];
export type GuideLine = Words["GuideLine"];
export type GuidePage = Words["GuidePage"];
export type GuidePopulation = Words["GuidePopulation"];
export type PageCase = Words["PageCase"];
export type PageCriterion = Words["PageCriterion"];
export type PageAnswer = Words["PageAnswer"];
export type CaseFact = Words["CaseFact"];

export function useGuides(person: string, moment: Moment): UseQueryResult<GuideCards> {
  return useQuery({
    queryKey: ["guides", person, moment.clock, moment.at],
    queryFn: ({ signal }) => get<GuideCards>(`/patients/${person}/guides`, momentQuery(moment), signal),
    staleTime: 60_000,
  });
}

export function useGuideLines(): UseQueryResult<GuideLine[]> {
  return useQuery({ queryKey: ["guide-lines"], queryFn: ({ signal }) => get<GuideLine[]>("/guides", undefined, signal), staleTime: 60_000 });
}

export function useGuidePage(name: string): UseQueryResult<GuidePage> {
  return useQuery({ queryKey: ["guide-page", name], queryFn: ({ signal }) => get<GuidePage>(`/guides/${name}`, undefined, signal), staleTime: 60_000 });
}

/** Every answer counts a little further; while `going`, the next one is asked for at once. */
export function usePopulation(name: string, going: boolean): UseQueryResult<GuidePopulation> {
  return useQuery({
    queryKey: ["guide-population", name],
    queryFn: ({ signal }) => get<GuidePopulation>(`/guides/${name}/population`, undefined, signal),
    staleTime: 60_000,
    refetchInterval: (query) => (going && query.state.data?.finished === false ? 50 : false),
  });
}
