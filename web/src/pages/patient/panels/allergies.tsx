import { IconAlertTriangle, IconCircleCheck, IconQuestionMark } from "@tabler/icons-react";

import type { AllergyPanel } from "../../../api/types";
import { Card, Few } from "../../../parts/card";
import { FactLine } from "../../../parts/fact";
import { useFrame } from "../frame";
import classes from "./panels.module.css";

/** Recorded, none known, not asked: three answers that must never look alike. */
const ANSWERS = {
  recorded: { icon: IconAlertTriangle, title: "Allergies are recorded", words: "" },
  "none-known": { icon: IconCircleCheck, title: "No known allergies", words: "Somebody asked, and none is known." },
  "not-asked": { icon: IconQuestionMark, title: "Not asked", words: "Nothing here says that anybody asked. This is not “no allergies”." },
} as const;

export function AllergiesPanel({ panel }: { panel: AllergyPanel }) {
  const { open } = useFrame();
  const answer = ANSWERS[panel.answer];
  const Icon = answer.icon;
  return (
    <Card title="Allergies" lane="allergy" count={panel.answer === "recorded" ? panel.facts.length : undefined}>
      <div className={classes.answer} data-answer={panel.answer}>
        <Icon size={18} stroke={1.8} aria-hidden="true" />
        <span><strong>{answer.title}</strong>{answer.words && <><br />{answer.words}</>}</span>
      </div>
      <Few items={panel.facts} most={10}>
        {(fact) => <FactLine fact={fact} onOpen={(event) => open({ kind: "source", event })} />}
      </Few>
    </Card>
  );
}
