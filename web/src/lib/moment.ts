/** The moment of knowledge lives in the address, so that a link and a reload keep it. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

import { NOW, type Moment } from "../api/client";
import { withZone } from "./time";

export type Clock = Moment["clock"];

function readMoment(parameters: URLSearchParams): Moment {
  for (const clock of ["known_at", "recorded_at"] as const) {
    const at = parameters.get(clock);
    if (at && !Number.isNaN(Date.parse(at))) return { clock, at };
  }
  return NOW;
}

export function useMoment(): [Moment, (moment: Moment) => void] {
  const [parameters, setParameters] = useSearchParams();
  const moment = useMemo(() => readMoment(parameters), [parameters]);
  const choose = useCallback(
    (next: Moment) => setParameters(next.at === null ? {} : { [next.clock]: next.at }),
    [setParameters],
  );
  return [moment, choose];
}

/** The words on the bar and on every printout. */
export function momentWords(moment: Moment): string | null {
  if (moment.at === null) return null;
  const when = withZone(moment.at);
  return moment.clock === "known_at" ? `As known on ${when}` : `As recorded here on ${when}`;
}

export function momentSearch(moment: Moment): string {
  return moment.at === null ? "" : `?${moment.clock}=${encodeURIComponent(moment.at)}`;
}
