/** What came in since this person last looked at this patient. */
import { Button } from "@mantine/core";
import { IconBell, IconChecks } from "@tabler/icons-react";
import { useState } from "react";

import { useMarkSeen, useNewFacts } from "../../api/queries";
import { LANES } from "../../lib/lanes";
import { plural } from "../../lib/signs";
import { dayAndClock } from "../../lib/time";
import { FactLine } from "../../parts/fact";
import { Few } from "../../parts/card";
import { useFrame } from "./frame";
import classes from "./whats_new.module.css";

export function WhatsNew() {
  const { person, moment, open } = useFrame();
  const fresh = useNewFacts(person, moment);
  const seen = useMarkSeen(person);
  const [shown, setShown] = useState(false);
  // An earlier state of knowledge has no "since I last looked".
  if (!fresh.data || moment.at !== null) return null;
  const { since, facts } = fresh.data;
  if (since !== null && facts.length === 0) {
    return <p className={classes.none}>Nothing new since you last looked, {dayAndClock(since)}.</p>;
  }
  const mark = (
    <Button size="compact-sm" variant="subtle" leftSection={<IconChecks size={15} />} loading={seen.isPending} onClick={() => seen.mutate()}>
      Mark as seen
    </Button>
  );
  if (since === null) {
    return <div className={classes.head} data-first><span>You have not marked this record as seen before.</span>{mark}</div>;
  }
  return (
    <section className={classes.new} aria-label="New since you last looked">
      <div className={classes.head}>
        <button type="button" className={`plain ${classes.toggle}`} aria-expanded={shown} onClick={() => setShown(!shown)}>
          <IconBell size={16} aria-hidden="true" />
          <span><strong>{plural(facts.length, "statement")} new</strong> since you last looked, {dayAndClock(since)}</span>
        </button>
        <span className={classes.tools}>
          <Button size="compact-sm" variant="subtle" onClick={() => setShown(!shown)}>{shown ? "Hide" : "Show"}</Button>
          {mark}
        </span>
      </div>
      {shown && (
        <Few items={facts} most={12}>
          {(fact) => (
            <FactLine fact={fact} onOpen={(event) => open({ kind: "source", event })} aside={<>{LANES[fact.category].label}<br />known {dayAndClock(fact.known_at)}</>} />
          )}
        </Few>
      )}
    </section>
  );
}
