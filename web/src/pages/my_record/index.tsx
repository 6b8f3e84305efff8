/** My record: what is known about me, who looked and why, what I agreed to, what left. */
import { SegmentedControl, Tabs } from "@mantine/core";
import { useEffect, useState } from "react";

import { useKnown, useMyRecords, useUse, type MyRecord } from "../../api/my_record";
import { calendarDay } from "../../lib/time";
import { Empty, Failed, Loading } from "../../parts/states";
import { Frame } from "./frame";
import { Known } from "./known";
import classes from "./my_record.module.css";
import { AgreedTo, LeftTo, Looks } from "./use";

export function MyRecordPage() {
  const records = useMyRecords();
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => { document.title = "My record · Vitruvian"; }, []);
  const every = records.data?.records ?? [];
  const record = every.find((one) => one.person_id === chosen) ?? every[0];
  return (
    <Frame>
      {records.isPending && <Loading lines={8} label="Loading your record" />}
      {records.isError && <h1 className="visually-hidden">My record</h1>}
      {records.isError && <Failed error={records.error} retry={() => void records.refetch()} />}
      {records.data && !record && (
        <div className={classes.none}>
          <h1>My record</h1>
          <Empty>
            This account is not tied to a patient, or the person you spoke for has come of age. Ask the hospital where you are treated.
          </Empty>
        </div>
      )}
      {every.length > 1 && record && (
        <SegmentedControl
          mb="md"
          aria-label="Whose record"
          value={record.person_id}
          onChange={setChosen}
          data={every.map((one) => ({ value: one.person_id, label: one.relation === "self" ? "Mine" : one.name }))}
        />
      )}
      {record && <Whole key={record.person_id} record={record} />}
    </Frame>
  );
}

function Whole({ record }: { record: MyRecord }) {
  const known = useKnown(record.person_id);
  const use = useUse(record.person_id);
  const child = record.relation === "proxy";
  return (
    <>
      <header className={classes.top}>
        <h1>{child ? `The record of ${record.name}` : record.name}</h1>
        {known.data && (
          <p>
            {known.data.birth_date ? `Born ${calendarDay(known.data.birth_date)}` : "Birth date not recorded"}
            {known.data.age_text && ` · ${known.data.age_text}`}
            {known.data.identifiers.map((one) => <span key={one}> · {one}</span>)}
          </p>
        )}
        {child && record.closes_on && <p className={classes.notice}>You speak for this child until {calendarDay(record.closes_on)}. From that day on this page is theirs alone.</p>}
      </header>
      <Tabs defaultValue="known" keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          <Tabs.Tab value="known">What is known</Tabs.Tab>
          <Tabs.Tab value="looked">Who looked</Tabs.Tab>
          <Tabs.Tab value="agreed">Consents and studies</Tabs.Tab>
          <Tabs.Tab value="left">What left</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="known" pt="md">
          {known.isPending && <Loading lines={12} label="Loading what is known" />}
          {known.isError && <Failed error={known.error} retry={() => void known.refetch()} />}
          {known.data && <Known known={known.data} />}
        </Tabs.Panel>
        {(["looked", "agreed", "left"] as const).map((part) => (
          <Tabs.Panel key={part} value={part} pt="md">
            {use.isPending && <Loading lines={12} label="Loading" />}
            {use.isError && <Failed error={use.error} retry={() => void use.refetch()} />}
            {use.data && part === "looked" && <Looks use={use.data} />}
            {use.data && part === "agreed" && <AgreedTo use={use.data} />}
            {use.data && part === "left" && <LeftTo use={use.data} />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
