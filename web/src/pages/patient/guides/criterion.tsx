/** One criterion of a guideline: its answer, its numbers, and the facts that lead to their birth. */
import { IconCheck, IconCircleDashed, IconMinus, IconQuestionMark } from "@tabler/icons-react";

import type { CardCriterion, CardFact } from "../../../api/guides";
import { day } from "../../../lib/time";
import { printedUnit } from "../../../lib/words";
import { useFrame } from "../frame";
import classes from "./guides.module.css";

const SIGNS = { yes: IconCheck, no: IconMinus, "not recorded": IconCircleDashed, unknown: IconQuestionMark } as const;

export function CriterionLine({ criterion }: { criterion: CardCriterion }) {
  const { open } = useFrame();
  const Sign = SIGNS[criterion.holds];
  return (
    <div className={classes.criterion} data-holds={criterion.holds}>
      <span className={classes.held} title={criterion.holds}>
        <Sign size={14} stroke={2.2} aria-hidden="true" />
        <span className="visually-hidden">{criterion.holds}: </span>
      </span>
      <div>
        <p className={classes.criterionSays}>
          {criterion.says}
          {criterion.numbers.length > 0 && <span className={classes.numbers}>{criterion.numbers.map(numberWords).join(" · ")}</span>}
        </p>
        <FactChips facts={criterion.facts} count={criterion.fact_count} open={(event) => open({ kind: "source", event })} />
        {criterion.holds === "not recorded" && <p className={classes.missing}>Not on record, and nobody said no.</p>}
        {criterion.holds === "unknown" && criterion.missing.length > 0 && <p className={classes.missing}>Not known: {criterion.missing.join(", ")}</p>}
        <p className={classes.cite}>{criterion.cite}{criterion.deviation && ` — here: ${criterion.deviation}`}</p>
      </div>
    </div>
  );
}

/** Facts as buttons: each opens its own source. */
export function FactChips({ facts, count, open }: { facts: CardFact[]; count: number; open: (event: string) => void }) {
  if (facts.length === 0) return null;
  return (
    <p className={classes.facts}>
      {facts.map((fact) => (
        <button key={fact.event_id} type="button" className={`plain ${classes.fact}`} title="Where does this come from?" onClick={() => open(fact.event_id)}>
          {fact.negated && <b>not </b>}{fact.label}{fact.value !== null && <b> {fact.value} {printedUnit(fact.unit)}</b>}
          {fact.time && <small> {day(fact.time)}</small>}
        </button>
      ))}
      {count > facts.length && <small>and {count - facts.length} earlier</small>}
    </p>
  );
}

function numberWords({ name, low, high }: CardCriterion["numbers"][number]): string {
  if (low === null || high === null) return `${name} unknown`;
  return low === high ? `${name} ${rounded(low)}` : `${name} between ${rounded(low)} and ${rounded(high)}`;
}

function rounded(value: number): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: 2 });
}
