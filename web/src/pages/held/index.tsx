/** Held: what a patient does not see yet; a clinician goes through it and releases it. */
import { Badge, Button, Checkbox } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";

import { useHeld, useRelease, type HeldRecord } from "../../api/my_record";
import { day } from "../../lib/time";
import { Empty, Failed, Loading } from "../../parts/states";
import { AroundPatient } from "../patient/around";
import classes from "./held.module.css";

const WHY: Record<HeldRecord["why"], string> = {
  genetic: "genetic",
  "third-party": "about a relative",
  letter: "free text",
  marked: "marked by its author",
  refers: "refers to something held",
};

export function HeldPage() {
  const { person = "" } = useParams();
  const held = useHeld(person);
  const release = useRelease(person);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => { document.title = "Held · Vitruvian"; }, []);
  const records = held.data?.records ?? [];
  const ids = records.filter((one) => chosen.has(one.ids.join())).flatMap((one) => one.ids);
  const every = records.length > 0 && records.every((one) => chosen.has(one.ids.join()));
  const toggle = (one: HeldRecord) => {
    const next = new Set(chosen);
    if (!next.delete(one.ids.join())) next.add(one.ids.join());
    setChosen(next);
  };
  return (
    <AroundPatient>
      <div className={classes.page}>
        <h2>Held from the patient</h2>
        <p>
          What the patient does not see yet: on their own page, in apps, in exports. Release what you have gone through together; a
          corrected result is held again. <Link to={`/patients/${person}`}>To the patient</Link>
        </p>
        {held.isPending && <Loading lines={8} label="Loading what is held" />}
        {held.isError && <Failed error={held.error} retry={() => void held.refetch()} />}
        {release.isError && <Failed error={release.error} />}
        {held.data && records.length === 0 && <Empty>Nothing is held: the patient sees everything that you see.</Empty>}
        {records.length > 0 && (
          <>
            <div className={classes.tools}>
              <Checkbox label="All" checked={every} indeterminate={!every && chosen.size > 0} onChange={() => setChosen(every ? new Set() : new Set(records.map((one) => one.ids.join())))} />
              <Button size="compact-md" disabled={ids.length === 0} loading={release.isPending} onClick={() => release.mutate(ids, { onSuccess: () => setChosen(new Set()) })}>
                Release {ids.length > 0 ? chosen.size : ""} to the patient
              </Button>
            </div>
            <ul className={classes.list}>
              {records.map((one) => (
                <li key={one.ids.join()}>
                  <Checkbox aria-label={`Choose ${one.label}`} checked={chosen.has(one.ids.join())} onChange={() => toggle(one)} />
                  <span className={classes.label}>{one.event_id ? <Link to={`/events/${one.event_id}`}>{one.label}</Link> : one.label}</span>
                  <Badge variant="light" color="gray">{WHY[one.why]}</Badge>
                  <span className={classes.when}>{one.type} · {one.time ? day(one.time) : "no date"}{one.ids.length > 1 && ` · ${one.ids.length} versions`}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </AroundPatient>
  );
}
