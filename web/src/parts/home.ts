/** Where a person begins, and where a page leads that has nothing to show: a place that their role may see. */
import { useSession } from "../api/queries";
import type { Session } from "../api/types";

export interface HomePlace {
  to: string;
  /** As in "start from the patients". */
  place: string;
  words: string;
}

const PLACES: Record<string, [to: string, place: string]> = {
  auditor: ["/audit", "the audit"],
  patient: ["/my-record", "my record"],
  proxy: ["/my-record", "my record"],
};

export function homeOf(session: Pick<Session, "role" | "purpose"> | undefined): HomePlace {
  // A researcher who asks for quality is told counts; a list of patients opens within a study only.
  const counted = session?.role === "researcher" && session.purpose === "quality";
  const [to, place] = counted ? ["/cohorts", "the cohorts"] : (PLACES[session?.role ?? ""] ?? ["/", "the patients"]);
  return { to, place, words: `To ${place}` };
}

export function useHome(): HomePlace {
  return homeOf(useSession().data);
}
