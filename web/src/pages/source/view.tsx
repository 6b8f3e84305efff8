/** The birth of one event: its clocks, its sources, each step, and its record's own bytes. */
import { Button } from "@mantine/core";
import { IconCircleCheck, IconHistory, IconCircleX, IconCircleDashed } from "@tabler/icons-react";

import type { Moment } from "../../api/client";
import { useTrace } from "../../api/queries";
import type { Trace } from "../../api/types";
import { LANES } from "../../lib/lanes";
import { asSent, dayAndClock, withZone } from "../../lib/time";
import { FactChips, FactValue } from "../../parts/fact";
import { Failed, Loading } from "../../parts/states";
import { RecordBytes } from "./record_bytes";
import classes from "./source.module.css";

interface SourceViewProps {
  event: string;
  person?: string;
  moment: Moment;
  onOpen?: (event: string) => void;
  onMoment?: (moment: Moment) => void;
}

export function SourceView({ event, person, moment, onOpen, onMoment }: SourceViewProps) {
  const trace = useTrace(event, person ?? null, moment);
  if (trace.isPending) return <div className={classes.view}><Loading lines={10} label="Looking up the source" /></div>;
  if (trace.isError) return <Failed error={trace.error} retry={() => void trace.refetch()} />;
  const found = trace.data;
  return (
    <div className={classes.view} data-testid="source">
      <Statement trace={found} />
      <Recomputed answer={found.recomputed} />
      <Clocks trace={found} onMoment={onMoment} />
      {found.fact.origins.length > 1 && <Origins trace={found} onOpen={onOpen} />}
      <Steps trace={found} />
      <Record trace={found} />
    </div>
  );
}

function Statement({ trace }: { trace: Trace }) {
  const { fact } = trace;
  return (
    <header className={classes.statement}>
      <p className={classes.lane}>{LANES[fact.category].label}</p>
      <h2>{fact.label} <FactValue fact={fact} /></h2>
      {fact.detail && <p>{fact.detail}</p>}
      <p className={classes.chips}><FactChips fact={fact} /></p>
      <p className={classes.code}>{fact.code}{fact.range_text && ` · range ${fact.range_text}`}</p>
      {fact.conflict && <p className={classes.conflict}>Sources disagree: {fact.conflict.answers.join(" / ")}</p>}
    </header>
  );
}

const RECOMPUTED = {
  same: { icon: IconCircleCheck, words: "Recomputed from the record just now: the same value." },
  different: { icon: IconCircleX, words: "Recomputed from the record just now: a different value. Tell whoever runs this server." },
  "not-possible": { icon: IconCircleDashed, words: "Not recomputed: the transformation that made it is not installed here." },
} as const;

function Recomputed({ answer }: { answer: Trace["recomputed"] }) {
  const { icon: Icon, words } = RECOMPUTED[answer];
  return (
    <p className={classes.recomputed} data-answer={answer}><Icon size={17} aria-hidden="true" /><span>{words}</span></p>
  );
}

function Clocks({ trace, onMoment }: { trace: Trace; onMoment: SourceViewProps["onMoment"] }) {
  const { fact } = trace;
  const assumed = trace.known_at_basis === "assumed";
  return (
    <section aria-label="Clocks">
      <h3>When</h3>
      <dl className={classes.clocks}>
        <dt>Happened</dt>
        <dd>{asSent(fact.time, fact.time_as_sent) ?? "not said"}{fact.end_time && ` – ${dayAndClock(fact.end_time)}`}{fact.time_as_sent && <small>sent as {fact.time_as_sent}</small>}</dd>
        <dt>Known to the care team</dt>
        <dd>
          {withZone(trace.known_at)}
          <small>{assumed ? "assumed: the source says no time, the adapter's stated delay applies" : "stated by the source"}</small>
          {onMoment && (
            <Button size="compact-xs" variant="subtle" leftSection={<IconHistory size={13} />} onClick={() => onMoment({ clock: "known_at", at: trace.known_at })}>
              Show the whole record as known then
            </Button>
          )}
        </dd>
        <dt>Recorded here</dt>
        <dd>{withZone(trace.recorded_at)}</dd>
      </dl>
    </section>
  );
}

function Origins({ trace, onOpen }: { trace: Trace; onOpen: SourceViewProps["onOpen"] }) {
  return (
    <section aria-label="Sources">
      <h3>Said by {trace.fact.origins.length} sources</h3>
      <ul className={classes.origins}>
        {trace.fact.origins.map((origin) => (
          <li key={origin.event_id}>
            <button type="button" className="plain" disabled={!onOpen || origin.event_id === trace.event_id} onClick={() => onOpen?.(origin.event_id)}>
              <b>{origin.site}</b> <code>{origin.source_id}</code> <span>known {dayAndClock(origin.known_at)}</span>
              {origin.event_id === trace.event_id && <em> shown here</em>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Steps({ trace }: { trace: Trace }) {
  return (
    <section aria-label="From the record to the screen">
      <h3>From the record to the screen</h3>
      <ol className={classes.steps}>
        {trace.steps.map((step, index) => (
          <li key={index}>
            <b>{step.step}</b>{step.version && <code>{step.version}</code>}
            <span>{step.detail}</span>
            {step.at && <time dateTime={step.at}>{dayAndClock(step.at)}</time>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Record({ trace }: { trace: Trace }) {
  return (
    <section aria-label="The record itself">
      <h3>The record itself</h3>
      <p className={classes.envelope}>
        {[
          trace.resource_type, trace.site, `source ${trace.source_id}`,
          trace.record !== null && `record ${trace.record}`, trace.media_type,
          trace.received_at && `received ${dayAndClock(trace.received_at)}`,
        ].filter(Boolean).join(" · ")}
      </p>
      <RecordBytes trace={trace} />
      <p className={classes.hash}>sha256 {trace.sha256}</p>
    </section>
  );
}
