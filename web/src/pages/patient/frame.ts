/** What every part of a patient's page shares: who, as of when, and how to open a source. */
import { createContext, useContext } from "react";

import type { Moment } from "../../api/client";
import type { LabRow, TimelinePoint } from "../../api/types";

export type Opened =
  | { kind: "source"; event: string }
  | { kind: "note"; note: string; title: string }
  | { kind: "series"; row: Pick<LabRow, "code" | "label" | "unit"> }
  | { kind: "list"; title: string; points: TimelinePoint[] };

export interface Frame {
  person: string;
  moment: Moment;
  setMoment: (moment: Moment) => void;
  open: (what: Opened) => void;
}

export const FrameContext = createContext<Frame | null>(null);

export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (!frame) throw new Error("useFrame stands outside a patient's page");
  return frame;
}
