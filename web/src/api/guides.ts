/** What the server says of guidelines. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { get, momentQuery, type Moment } from "./client";
import type { components } from "./schema.gen";

type Words = components["schemas"];
export type CardFact = Words["CardFact"];
export type CardCriterion = Words["CardCriterion"];
export type GuideCard = Words["GuideCard"];
export type GuideCards = Words["GuideCards"];

export function useGuides(person: string, moment: Moment): UseQueryResult<GuideCards> {
  return useQuery({
    queryKey: ["guides", person, moment.clock, moment.at],
    queryFn: ({ signal }) => get<GuideCards>(`/patients/${person}/guides`, momentQuery(moment), signal),
    staleTime: 60_000,
  });
}
