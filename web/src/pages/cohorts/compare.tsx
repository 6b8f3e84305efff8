/** Two versions, two days or two sites: which patients they judge differently, and the line that split them. */
import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { useComparison, useSaved, useSites, type Comparison, type Question, type SavedList, type Split } from "../../api/cohorts";
import { day, forField } from "../../lib/time";
import { Empty, Failed, Loading } from "../../parts/states";
import { shown } from "./funnel";
import { PatientLines } from "./people";
import classes from "./people.module.css";

const WORDS: Record<Split["first"], string> = { in: "in", out: "out", unknown: "nobody can tell", "no trigger": "not asked" };

type Kind = "version" | "day" | "site";

const HINTS: Record<Kind, string> = {
  version: "Choose a version: every patient judged differently is listed under the line that split them.",
  day: "Choose a moment: every patient whose answer differs from what could be known then is listed under the line that split them.",
  site: "Choose two sites: every patient is judged by what each of them told, and listed where the answers differ.",
};

const SIDES: Record<Kind, string> = {
  version: "Answers read: by the version chosen → by the definition above.",
  day: "Answers read: by what was known then → by what is known at the moment asked above.",
  site: "Answers read: by what the first site told → by what the second site told.",
};

interface CompareProps {
  question: Question;
  goTo: (line: number) => void;
}

export function Compare({ question, goTo }: CompareProps) {
  const sites = useSites().data?.sites ?? [];
  const [kind, setKind] = useState<Kind>("version");
  const [version, setVersion] = useState<Version | null>(null);
  const [moment, setMoment] = useState<string | null>(null);
  const [pair, setPair] = useState<[string | null, string | null]>([null, null]);
  const two = wanted(kind, question, { version, moment, pair });
  const found = useComparison(two);
  const kinds = [{ value: "version", label: "Another version" }, { value: "day", label: "Another day" }, ...(sites.length > 1 ? [{ value: "site", label: "Two sites" }] : [])];
  return (
    <div>
      <div className={classes.pick}>
        <SegmentedControl size="xs" value={kind} onChange={(next) => setKind(next as Kind)} data={kinds} aria-label="Kind of comparison" />
        {kind === "version" && <PickVersion chosen={version} choose={setVersion} />}
        {kind === "day" && <TextInput size="xs" type="datetime-local" aria-label="What was known at" value={moment ? forField(moment) : ""} onChange={(event) => setMoment(event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : null)} />}
        {kind === "site" && <PickSites sites={sites} pair={pair} choose={setPair} />}
      </div>
      {two === null && <Empty>{HINTS[kind]}</Empty>}
      {two && found.isPending && <Loading lines={4} label="Comparing" />}
      {two && found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {two && found.data?.splits.length === 0 && <Empty>Both judge every patient alike.</Empty>}
      {two && found.data && found.data.splits.length > 0 && <p className={`${classes.soft} ${classes.sides}`}>{SIDES[kind]}</p>}
      <div className={classes.splits}>
        {two && found.data?.splits.map((one) => <SplitCard key={`${one.first}${one.second}${one.at}`} split={one} floor={found.data.floor} two={two} goTo={goTo} />)}
      </div>
    </div>
  );
}

interface Version {
  value: string;
  label: string;
  text: string;
}

interface Chosen {
  version: Version | null;
  moment: string | null;
  pair: [string | null, string | null];
}

/** What is asked of the server; null while something is still to be chosen. */
function wanted(kind: Kind, { text, known_at }: Question, { version, moment, pair }: Chosen): Comparison | null {
  if (kind === "version") return version && { first: version.text, second: text, known_at };
  if (kind === "day") return moment ? { first: text, second: text, known_at, first_known_at: moment } : null;
  const [first_site, site] = pair;
  return first_site && site && first_site !== site ? { first: text, second: text, known_at, first_site, site } : null;
}

function PickVersion({ chosen, choose }: { chosen: Version | null; choose: (version: Version | null) => void }) {
  const saved = useSaved().data;
  const choices = saved ? choicesOf(saved) : [];
  return <Select size="xs" w={360} maw="100%" aria-label="Compare with" placeholder="a saved version or an example" data={choices.map(({ value, label }) => ({ value, label }))} value={chosen?.value ?? null} onChange={(value) => choose(choices.find((one) => one.value === value) ?? null)} />;
}

function PickSites({ sites, pair, choose }: { sites: string[]; pair: Chosen["pair"]; choose: (pair: Chosen["pair"]) => void }) {
  return (
    <>
      <Select size="xs" w={170} aria-label="First site" placeholder="first site" data={sites} value={pair[0]} onChange={(value) => choose([value, pair[1]])} />
      <Select size="xs" w={170} aria-label="Second site" placeholder="second site" data={sites} value={pair[1]} onChange={(value) => choose([pair[0], value])} />
    </>
  );
}

function SplitCard({ split, floor, two, goTo }: { split: Split; floor: number; two: Comparison; goTo: (line: number) => void }) {
  // One text at two moments or sites: a line of either is a line of the text in hand.
  const mine = split.of === "second" || two.first === two.second;
  const line = split.line;
  const written = line === null ? "" : ((mine ? two.second : two.first).split("\n")[line - 1]?.trim() ?? "");
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

function choicesOf(list: SavedList): Version[] {
  return [
    ...list.saved.map((one) => ({ value: one.id, label: `${one.name}, version ${one.version}, ${day(one.saved_at)}`, text: one.text })),
    ...list.examples.map((one) => ({ value: one.name, label: `Example: ${one.title}`, text: one.text })),
  ];
}
