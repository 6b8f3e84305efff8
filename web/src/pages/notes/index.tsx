/** The note reader: one note, every fact in it marked by kind, and the list of facts beside it. */
import { IconFileSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { Link, useParams } from "react-router";

import { NOW } from "../../api/client";
import { useNoteFacts, type NoteFact } from "../../api/review";
import { dayAndClock } from "../../lib/time";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import { KINDS, kindOf, type Kind } from "./kinds";
import { Marked } from "./marked";
import marks from "./marked.module.css";
import classes from "./notes.module.css";

export function NotePage() {
  const { person = "", note = "" } = useParams();
  const read = useNoteFacts(person, note, NOW);
  const [hidden, setHidden] = useState<ReadonlySet<Kind>>(new Set());
  const [chosen, setChosen] = useState<NoteFact | null>(null);
  useEffect(() => { document.title = "Note · Vitruvian"; }, []);
  const facts = useMemo(() => read.data?.facts ?? [], [read.data]);
  const shown = useMemo(() => facts.filter((fact) => !hidden.has(kindOf(fact))), [facts, hidden]);
  const toggle = (kind: Kind) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    setHidden(next);
  };
  return (
    <Shell>
      <div className={classes.page}>
        <header className={classes.top}>
          <h1>Note</h1>
          {read.data && (
            <p>
              {read.data.time ? dayAndClock(read.data.time) : "no date"} · {facts.length} facts read ·{" "}
              <Link to={`/patients/${person}`}>to the patient</Link>
            </p>
          )}
        </header>
        {read.isPending && <div className={classes.card}><Loading lines={14} label="Loading the note" /></div>}
        {read.isError && <Failed error={read.error} retry={() => void read.refetch()} />}
        {read.data && (
          <div className={classes.columns}>
            <div>
              <Legend facts={facts} hidden={hidden} toggle={toggle} />
              <article className={classes.card}>
                <Marked text={read.data.text} facts={shown} chosen={chosen} onChoose={setChosen} />
              </article>
            </div>
            <FactList facts={shown} chosen={chosen} choose={setChosen} />
          </div>
        )}
      </div>
    </Shell>
  );
}

function Legend({ facts, hidden, toggle }: { facts: NoteFact[]; hidden: ReadonlySet<Kind>; toggle: (kind: Kind) => void }) {
  const count = (kind: Kind) => facts.filter((fact) => kindOf(fact) === kind).length;
  return (
    <div className={classes.legend} role="group" aria-label="Kinds of fact shown">
      {(Object.keys(KINDS) as Kind[]).filter((kind) => count(kind) > 0).map((kind) => (
        <button key={kind} type="button" className={`plain ${classes.kind}`} aria-pressed={!hidden.has(kind)} onClick={() => toggle(kind)}>
          <span className={marks.swatch} data-kind={kind} aria-hidden="true" />
          {KINDS[kind]} <small>{count(kind)}</small>
        </button>
      ))}
    </div>
  );
}

function FactList({ facts, chosen, choose }: { facts: NoteFact[]; chosen: NoteFact | null; choose: (fact: NoteFact) => void }) {
  if (facts.length === 0) return <aside className={classes.facts}><Empty>No facts were read in this note, or all kinds are hidden.</Empty></aside>;
  return (
    <aside className={classes.facts} aria-label="Facts in this note">
      <ul>
        {facts.map((fact) => (
          <li key={fact.event_id} data-chosen={fact.event_id === chosen?.event_id || undefined}>
            <button type="button" className="plain" onClick={() => choose(fact)}>
              <span className={marks.swatch} data-kind={kindOf(fact)} aria-hidden="true" />
              <span className={classes.what}>
                <b>{fact.label}</b>
                {fact.value && <span>{fact.value}</span>}
                {fact.reviewed && <em>checked by a reader</em>}
              </span>
            </button>
            <Link to={`/events/${fact.event_id}`} aria-label={`Where ${fact.label} comes from`}><IconFileSearch size={16} stroke={1.6} /></Link>
          </li>
        ))}
      </ul>
    </aside>
  );
}
