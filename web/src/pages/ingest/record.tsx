/** What did this record become? From its place in a source to its characters and its events. */
import { Button, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { useBecame, useRecordsAt, type Became, type StoredRecord } from "../../api/ingest";
import { asSent, dayAndClock } from "../../lib/time";
import { Card } from "../../parts/card";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import classes from "./ingest.module.css";

export function RecordPage() {
  const [asked] = useSearchParams();
  const source = asked.get("source");
  const record = asked.get("record");
  const place = source && record !== null && /^\d+$/.test(record) ? { source, record: Number(record) } : null;
  const heads = useRecordsAt(place);
  const only = heads.data?.length === 1 ? (heads.data[0]?.number ?? null) : null;
  const became = useBecame(asked.get("number") ?? only);
  useEffect(() => { document.title = "What a record became · Vitruvian"; }, []);
  return (
    <Shell>
      <div className={classes.page}>
        <p className={classes.back}><Link to="/ingest">What comes in</Link></p>
        <div className={classes.top}>
          <h1>What did this record become?</h1>
          <p>The other way round, every item of a patient&#39;s page leads to its record.</p>
        </div>
        <Ask key={`${source} ${record}`} source={source ?? ""} record={record ?? ""} />
        {(heads.isFetching || became.isFetching) && <Loading lines={6} label="Looking for the record" />}
        {heads.isError && <Failed error={heads.error} />}
        {became.isError && <Failed error={became.error} />}
        {heads.data && heads.data.length > 1 && !asked.get("number") && <Choice heads={heads.data} />}
        {became.data && <Told told={became.data} />}
      </div>
    </Shell>
  );
}

function Ask({ source, record }: { source: string; record: string }) {
  const [, setAsked] = useSearchParams();
  const [said, setSaid] = useState({ source, record });
  return (
    <form className={classes.ask} onSubmit={(event) => { event.preventDefault(); setAsked({ source: said.source.trim(), record: said.record.trim() }); }}>
      <TextInput label="Source" size="xs" required value={said.source} onChange={(event) => setSaid({ ...said, source: event.currentTarget.value })} />
      <TextInput label="Record, from 0" size="xs" required inputMode="numeric" pattern="\d+" value={said.record} onChange={(event) => setSaid({ ...said, record: event.currentTarget.value })} />
      <Button type="submit" size="xs" variant="default">Look up</Button>
    </form>
  );
}

function Choice({ heads }: { heads: StoredRecord[] }) {
  return (
    <Card title="Stored from this place" count={heads.length}>
      <ul className={classes.kinds}>
        {heads.map((head) => <li key={head.number} className={classes.head}><Link to={`/ingest/record?number=${head.number}`}>{head.resource_type}</Link> · recorded {dayAndClock(head.recorded_at)}</li>)}
      </ul>
    </Card>
  );
}

function Told({ told }: { told: Became }) {
  const { record } = told;
  return (
    <div className={classes.two}>
      <Card title="The record" count={record.resource_type}>
        <dl className={classes.facts}>
          <dt>Place</dt><dd>source <code>{record.source_id}</code>, record {record.record}, {record.site}</dd>
          <dt>Known</dt><dd>{dayAndClock(record.known_at)}</dd>
          <dt>Recorded here</dt><dd>{dayAndClock(record.recorded_at)}</dd>
          <dt>About</dt><dd>{record.person_id ? <Link to={`/patients/${record.person_id}`}>this patient</Link> : "nobody that is known"}</dd>
        </dl>
        <pre className={classes.bytes} tabIndex={0} aria-label="The record's own characters">{told.text.replace(/\r\n?/g, "\n")}</pre>
        {told.cut && <p className={classes.said}>Only its beginning is shown.</p>}
      </Card>
      <Card title="Became" count={told.event_count}>
        {told.events.length === 0 && <Empty>No event was made of it: it waits in quarantine, names no patient, or says nothing that belongs on a timeline.</Empty>}
        <ul className={classes.kinds}>
          {told.events.map((event) => (
            <li key={event.event_id} className={classes.head} data-gone={!event.holds || undefined}>
              <Link to={`/events/${event.event_id}`}>{event.label}</Link>
              {event.value && <b> {event.value}</b>}
              <span> · {asSent(event.time, null) ?? "no time"} · {event.act}, {event.status}{!event.holds && " · no longer holds"}</span>
              {event.locator && <span> · <code>{event.locator}</code></span>}
            </li>
          ))}
        </ul>
        {told.event_count > told.events.length && <p className={classes.said}>The first {told.events.length} of {told.event_count} are shown.</p>}
      </Card>
    </div>
  );
}
