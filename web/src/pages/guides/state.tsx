/** Whether a guideline is asked: a sign and a word. */
import { IconArchive, IconCircleCheck, IconHourglassOff } from "@tabler/icons-react";

import type { GuideLine } from "../../api/guides";
import classes from "./guides.module.css";

const STATES = {
  active: { icon: IconCircleCheck, word: "active", why: "Asked of every patient it is made for." },
  silent: { icon: IconHourglassOff, word: "silent", why: "Past its review date, and not asked before somebody has reviewed it." },
  retired: { icon: IconArchive, word: "retired", why: "An older edition, kept to compare; it is not asked at the bedside." },
} as const;

export function State({ line }: { line: GuideLine }) {
  const { icon: Sign, word, why } = STATES[line.state];
  return (
    <span className={classes.states}>
      <span className={classes.state} data-state={line.state} title={why}>
        <Sign size={14} stroke={2} aria-hidden="true" />{word}
      </span>
      {line.state !== "retired" && line.trial && <span className={classes.mark} title="No site has checked it on its own patients yet.">on trial</span>}
      {!line.interrupts && <span className={classes.mark} title="Shown on the page, and never sent as an alert.">never an alert</span>}
    </span>
  );
}
