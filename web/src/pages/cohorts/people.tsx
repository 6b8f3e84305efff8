/** The patients of a cohort, and why one of them is in, out or unknown. */
import { Button, Drawer, Pagination, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconMinus, IconQuestionMark, IconSearch } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { Link, useNavigate } from "react-router";

import { useCohortPatients, useWhy, type Question, type Verdict, type WhyLine, type WhyTrigger } from "../../api/cohorts";
import { usePatients, useSeesPatients } from "../../api/queries";
import type { PatientSummary } from "../../api/types";
import { calendarDay, dayAndClock } from "../../lib/time";
import { printedUnit } from "../../lib/words";
import { Empty, Failed, Loading } from "../../parts/states";
import { FactChips } from "../patient/guides/criterion";
import classes from "./people.module.css";

const PAGE = 25;

/** Who is in, by name; a role that sees counts only is told so. */
export function People({ question }: { question: Question }) {
  return useSeesPatients() ? <Named question={question} /> : <Empty>Your role sees how many patients there are, and not who they are.</Empty>;
}

function Named({ question }: { question: Question }) {
  const [verdict, setVerdict] = useState<Verdict>("in");
  const [page, setPage] = useState(1);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<PatientSummary | null>(null);
  const [asked] = useDebouncedValue(text.trim(), 200);
  const found = useCohortPatients(question, verdict, (page - 1) * PAGE, PAGE);
  const anybody = usePatients(asked || null, 0, 10);
  const shown = asked ? anybody : found;
  return (
    <div className={classes.people}>
      <div className={classes.tools}>
        <SegmentedControl size="xs" value={verdict} onChange={(next) => { setVerdict(next as Verdict); setPage(1); }} data={[{ value: "in", label: "In" }, { value: "unknown", label: "Nobody can tell" }]} />
        <TextInput size="xs" type="search" aria-label="Explain any patient" placeholder="Explain any patient: name or identifier" leftSection={<IconSearch size={14} />} value={text} onChange={(event) => setText(event.currentTarget.value)} className={classes.search ?? ""} />
      </div>
      {shown.isPending && <Loading lines={5} label="Loading patients" />}
      {shown.isError && <Failed error={shown.error} />}
      {shown.data && <PatientLines patients={shown.data.patients} explain={setChosen} />}
      {shown.data?.patients.length === 0 && <Empty>{asked ? "Nobody found." : verdict === "in" ? "Nobody is in." : "There is an answer for everybody."}</Empty>}
      {!asked && found.data && found.data.total > PAGE && <Pagination size="xs" p="xs" total={Math.ceil(found.data.total / PAGE)} value={page} onChange={setPage} getControlProps={(control) => ({ "aria-label": `${control} page` })} />}
      <WhyDrawer question={question} patient={chosen} close={() => setChosen(null)} />
    </div>
  );
}

export function PatientLines({ patients, explain }: { patients: PatientSummary[]; explain?: (patient: PatientSummary) => void }) {
  return (
    <ul className={classes.lines}>
      {patients.map((one) => (
        <li key={one.person_id}>
          <Link to={`/patients/${one.person_id}`}><b>{one.family ?? "No name sent"}</b>{one.given && `, ${one.given}`}</Link>
          <span className={classes.soft}>{[one.sex, one.age_text, one.birth_date && `born ${calendarDay(one.birth_date)}`].filter(Boolean).join(" · ")}</span>
          <span className={classes.problems}>{one.problems.slice(0, 3).join(", ")}</span>
          {explain && <Button size="compact-xs" variant="default" onClick={() => explain(one)} aria-label={`Why ${one.family ?? "this patient"}?`}>Why?</Button>}
        </li>
      ))}
    </ul>
  );
}

const WORDS = { in: "in", out: "out", unknown: "nobody can tell" } as const;

function WhyDrawer({ question, patient, close }: { question: Question; patient: PatientSummary | null; close: () => void }) {
  const found = useWhy(question, patient?.person_id ?? null);
  return (
    <Drawer opened={patient !== null} onClose={close} position="right" size="min(640px, 100vw)" closeButtonProps={{ "aria-label": "Close" }} title={<b>{patient && `${patient.family ?? "No name sent"}, ${patient.given ?? ""}`}</b>}>
      {found.isPending && patient && <Loading lines={6} label="Loading the explanation" />}
      {found.isError && <Failed error={found.error} />}
      {found.data?.triggers.length === 0 && <Empty>Not in: nothing in this record starts the question.</Empty>}
      {found.data?.triggers.map((one) => <Trigger key={one.trigger} one={one} />)}
    </Drawer>
  );
}

function Trigger({ one }: { one: WhyTrigger }) {
  const numbers = Object.entries(one.measures);
  return (
    <section className={classes.trigger}>
      <h3><span data-answer={one.answer}>{WORDS[one.answer]}</span> {dayAndClock(one.trigger)}</h3>
      {one.lines.map((line) => <Line key={line.at} line={line} decides={line.at === one.decided_at} />)}
      {numbers.length > 0 && <p className={classes.soft}>{numbers.map(([name, value]) => `${name.replaceAll("_", " ")} ${value === null ? "unknown" : `${value.toLocaleString("en-GB", { maximumFractionDigits: 2 })} ${printedUnit(one.units[name] ?? null)}`.trim()}`).join(" · ")}</p>}
    </section>
  );
}

const SIGNS: Record<WhyLine["answer"], ReactNode> = {
  in: <IconCheck size={14} stroke={2.2} aria-hidden="true" />,
  out: <IconMinus size={14} stroke={2.2} aria-hidden="true" />,
  unknown: <IconQuestionMark size={14} stroke={2.2} aria-hidden="true" />,
};

function Line({ line, decides }: { line: WhyLine; decides: boolean }) {
  const navigate = useNavigate();
  return (
    <div className={classes.why} data-answer={line.answer} data-decides={decides || undefined}>
      <span className={classes.sign}>{SIGNS[line.answer]}<span className="visually-hidden">{WORDS[line.answer]}: </span></span>
      <div>
        <p>{line.says} {line.line !== null && <small>line {line.line}</small>} {decides && <b>this line decides</b>}</p>
        <FactChips facts={line.facts} count={line.count ?? line.facts.length} open={(event) => void navigate(`/events/${event}`)} />
        {line.missing.length > 0 && <p className={classes.missing}>Not known: {line.missing.join(", ")}</p>}
      </div>
    </div>
  );
}
