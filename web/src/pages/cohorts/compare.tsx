/** Two definitions: which patients they judge differently, and the line that split them. */
import { Select } from "@mantine/core";
import { useState } from "react";

import { useComparison, useSaved, type Question, type SavedList, type Split } from "../../api/cohorts";
import { day } from "../../lib/time";
import { Empty, Failed, Loading } from "../../parts/states";
import { shown } from "./funnel";
import { PatientLines } from "./people";
import classes from "./people.module.css";

const WORDS: Record<Split["first"], string> = { in: "in", out: "out", unknown: "nobody can tell", "no trigger": "not asked" };

interface CompareProps {
  question: Question;
  goTo: (line: number) => void;
}

export function Compare({ question, goTo }: CompareProps) {
  const saved = useSaved();
  const [other, setOther] = useState<string | null>(null);
  const choices = saved.data ? choicesOf(saved.data) : [];
  const chosen = choices.find((one) => one.value === other) ?? null;
  const found = useComparison(chosen?.text ?? "", chosen && question.text, question.known_at);
  return (
    <div>
      <div className={classes.pick}>
        <span>What changed since</span>
        <Select size="xs" w={360} maw="100%" aria-label="Compare with" placeholder="a saved version or an example" data={choices.map(({ value, label }) => ({ value, label }))} value={other} onChange={setOther} />
      </div>
      {chosen === null && <Empty>Choose a version: every patient judged differently is listed under the line that split them.</Empty>}
      {chosen && found.isPending && <Loading lines={4} label="Comparing" />}
      {found.isError && <Failed error={found.error} />}
      {chosen && found.data?.splits.length === 0 && <Empty>Both judge every patient alike.</Empty>}
      <div className={classes.splits}>
        {chosen && found.data?.splits.map((one) => <SplitCard key={`${one.first}${one.second}${one.at}`} split={one} floor={found.data.floor} texts={[chosen.text, question.text]} goTo={goTo} />)}
      </div>
    </div>
  );
}

function SplitCard({ split, floor, texts, goTo }: { split: Split; floor: number; texts: [string, string]; goTo: (line: number) => void }) {
  const mine = split.of === "second";
  const line = split.line;
  const written = line === null ? "" : (texts[mine ? 1 : 0].split("\n")[line - 1]?.trim() ?? "");
  return (
    <section className={classes.split}>
      <p>
        <b>{shown(split.persons, floor)} {split.persons === 1 ? "patient" : "patients"}</b>
        <span>{WORDS[split.first]} → <b>{WORDS[split.second]}</b></span>
        <span className={classes.soft}>
          split by {line === null ? split.at : mine ? <button type="button" className={`plain ${classes.splitLine}`} onClick={() => goTo(line)}>line {line}</button> : `line ${line} of the other`}
        </span>
        {written && <code>{written}</code>}
      </p>
      <PatientLines patients={split.patients} />
    </section>
  );
}

function choicesOf(list: SavedList): { value: string; label: string; text: string }[] {
  return [
    ...list.saved.map((one) => ({ value: one.id, label: `${one.name}, version ${one.version}, ${day(one.saved_at)}`, text: one.text })),
    ...list.examples.map((one) => ({ value: one.name, label: `Example: ${one.title}`, text: one.text })),
  ];
}
