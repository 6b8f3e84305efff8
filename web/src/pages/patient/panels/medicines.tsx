/** One substance a line: ordered, dispensed, last given, reported, stopped. */
import type { Fact, Medicine } from "../../../api/types";
import { plural } from "../../../lib/signs";
import { day, dayAndClock } from "../../../lib/time";
import { Card, Few } from "../../../parts/card";
import { Chip } from "../../../parts/fact";
import { Empty } from "../../../parts/states";
import { useFrame } from "../frame";
import classes from "./panels.module.css";

const TONES = { current: "good", stopped: "plain", completed: "plain", unknown: "warn" } as const;
const WORDS = { current: "current", stopped: "stopped", completed: "completed", unknown: "unclear if current" };

export function MedicinesPanel({ medicines }: { medicines: Medicine[] }) {
  const current = medicines.filter((medicine) => medicine.current === "current").length;
  const count = medicines.length === 0 ? 0 : `${current} current of ${medicines.length}`;
  return (
    <Card title="Medicines" lane="medication" count={count}>
      {medicines.length === 0
        ? <Empty>No medicine was ordered, dispensed, given or reported here.</Empty>
        : <Few items={medicines} most={10}>{(medicine) => <MedicineLine medicine={medicine} />}</Few>}
    </Card>
  );
}

function MedicineLine({ medicine }: { medicine: Medicine }) {
  return (
    <div className={classes.medicine} data-current={medicine.current}>
      <p className={classes.drug}>
        <span>{medicine.label}</span>
        <Chip tone={TONES[medicine.current]}>{WORDS[medicine.current]}</Chip>
      </p>
      {medicine.dose_text && <p className={classes.dose}>{medicine.dose_text}</p>}
      <p className={classes.acts}>
        <Act word="ordered" fact={medicine.ordered} />
        <Act word="dispensed" fact={medicine.dispensed} />
        <Act word={medicine.administrations > 1 ? `given ${medicine.administrations}×, last` : "given"} fact={medicine.last_given} exact />
        <Act word="reported" fact={medicine.reported} />
        {medicine.stopped && <span>stopped {day(medicine.stopped)}</span>}
      </p>
    </div>
  );
}

function Act({ word, fact, exact = false }: { word: string; fact: Fact | null; exact?: boolean }) {
  const { open } = useFrame();
  if (!fact) return null;
  const when = fact.time ? (exact ? dayAndClock(fact.time) : day(fact.time)) : "no date";
  const sources = fact.origins.length > 1 ? `, said by ${plural(fact.origins.length, "source")}` : "";
  return (
    <button type="button" className={`plain ${classes.act}`} title={`Where does this come from?${sources}`} onClick={() => open({ kind: "source", event: fact.event_id })}>
      {word} {when}
    </button>
  );
}
