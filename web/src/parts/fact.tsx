/** One statement of the record as a line that opens its own source. */
import { Tooltip } from "@mantine/core";
import { IconGitCompare, IconQuote } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { Fact } from "../api/types";
import { interpretationWords, isStruck, plural, qualifiers, toneOf } from "../lib/signs";
import { asSent, dayAndClock } from "../lib/time";
import { printedQuantity, printedUnit, relativeWord } from "../lib/words";
import classes from "./fact.module.css";

export function Interpretation({ code, abnormal = null }: { code: string | null; abnormal?: boolean | null }) {
  const tone = toneOf(code, abnormal);
  if (tone === "plain") return null;
  const words = code ? interpretationWords(code) : "outside this laboratory's range";
  return (
    <abbr className={classes.sign} data-tone={tone} title={words}>
      {code && code.length <= 3 ? code : "!"}
      <span className="visually-hidden"> ({words})</span>
    </abbr>
  );
}

export function Chip({ children, tone = "plain", title }: { children: ReactNode; tone?: "plain" | "warn" | "bad" | "good"; title?: string }) {
  return <span className={classes.chip} data-tone={tone} title={title}>{children}</span>;
}

export function FactChips({ fact }: { fact: Fact }) {
  return qualifiers(fact).map(({ word, tone }) => <Chip key={word} tone={tone}>{word}</Chip>);
}

export function FactValue({ fact }: { fact: Fact }) {
  if (fact.value === null) return null;
  return (
    <span className={classes.value}>
      {fact.comparator && !fact.value.startsWith(fact.comparator) && `${fact.comparator} `}
      {printedQuantity(fact.value)}
      {fact.unit && !fact.value.endsWith(fact.unit) && <span className={classes.unit} title={fact.unit}> {printedUnit(fact.unit)}</span>}{" "}
      <Interpretation code={fact.interpretation} />
    </span>
  );
}

export function Sources({ fact }: { fact: Fact }) {
  return (
    <>
      {fact.conflict && (
        <Tooltip label={`Sources disagree: ${fact.conflict.answers.join(" / ")}`}>
          <span className={classes.conflict}><IconGitCompare size={13} aria-hidden="true" />conflict</span>
        </Tooltip>
      )}
      {fact.origins.length > 1 && (
        <span className={classes.sources} title={`Said by ${plural(fact.origins.length, "source")}, shown once`}>
          <IconQuote size={12} aria-hidden="true" />{fact.origins.length}
          <span className="visually-hidden"> sources</span>
        </span>
      )}
    </>
  );
}

export function FactLine({ fact, onOpen, aside }: { fact: Fact; onOpen: (event: string) => void; aside?: ReactNode }) {
  const when = asSent(fact.time, fact.time_as_sent) ?? "no date";
  return (
    <button
      type="button"
      className={`plain ${classes.line}`}
      data-crossed={isStruck(fact) || undefined}
      title={`Known ${dayAndClock(fact.known_at)}. Where does this come from?`}
      onClick={() => onOpen(fact.event_id)}
    >
      <span className={classes.words}>
        <span className={classes.label}>{fact.label}{fact.value !== null && ":"}</span> <FactValue fact={fact} />
        {fact.detail && <span className={classes.detail}>{fact.category === "family" ? relativeWord(fact.detail) : fact.detail}</span>}
        {" "}<span className={classes.chips}><FactChips fact={fact} /><Sources fact={fact} /></span>
      </span>
      <span className={classes.when}>{aside ?? when}</span>
    </button>
  );
}
