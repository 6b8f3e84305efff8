/** How many patients of the house get which answer, counted while somebody looks. */
import { Button } from "@mantine/core";
import { IconPlayerPause, IconUsers } from "@tabler/icons-react";
import { useState } from "react";

import { usePopulation, type GuidePopulation } from "../../api/guides";
import { Card } from "../../parts/card";
import { Empty, Failed, Loading } from "../../parts/states";
import { dayAndClock } from "../../lib/time";
import classes from "./guides.module.css";

const KINDS: Record<string, string> = { unknown: "cannot tell", "not recorded": "not on record", excluded: "not for this patient" };

export function Population({ name }: { name: string }) {
  const [going, setGoing] = useState(false);
  const found = usePopulation(name, going);
  return (
    <Card title="In this house" icon={IconUsers}>
      <div className={classes.inner}>
        {found.isPending && <Loading lines={5} label="Counting patients" />}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && <Counts found={found.data} />}
        {found.data && !found.data.finished && (
          <Button size="xs" variant="default" mt={8} {...(going ? { leftSection: <IconPlayerPause size={15} /> } : {})} onClick={() => setGoing(!going)}>
            {going ? "Pause" : "Count the rest"}
          </Button>
        )}
      </div>
    </Card>
  );
}

function Counts({ found }: { found: GuidePopulation }) {
  if (found.asked === 0) return <Empty>No patient here has a fact that its population names. That says nothing of patients whose facts were never recorded.</Empty>;
  const most = Math.max(1, ...found.rows.map((row) => row.patients ?? 0));
  return (
    <>
      <p className={classes.reads} role="status">{progress(found)}</p>
      <ul className={classes.bars}>
        {found.rows.map((row) => (
          <li key={row.kind + row.answer} data-kind={row.kind}>
            <span>{row.answer || KINDS[row.kind]}</span>
            <span className={classes.bar} aria-hidden="true"><i style={{ width: `${(100 * (row.patients ?? 0)) / most}%` }} /></span>
            <b>{count(row.patients, found.floor)}</b>
          </li>
        ))}
      </ul>
      {found.missing.length > 0 && (
        <p className={classes.reads}>Missing where it cannot tell: {found.missing.map((one) => `${one.fact} (${count(one.patients, found.floor)})`).join(", ")}.</p>
      )}
      {found.floor > 0 && <p className={classes.reads}>Counts under {found.floor} are withheld and others rounded: this role sees counts only.</p>}
    </>
  );
}

function progress({ asked, done, finished, instant, floor }: GuidePopulation): string {
  const all = `${count(asked, floor)} ${asked === 1 ? "patient" : "patients"}`;
  if (!finished) return `${count(done, floor)} of ${all} asked so far.`;
  return `Asked of ${all}, by what was known on ${dayAndClock(instant)}. Nobody else has on record what it is made for.`;
}

function count(patients: number | null, floor: number): string {
  return patients === null ? `under ${floor}` : patients.toLocaleString("en-GB");
}
