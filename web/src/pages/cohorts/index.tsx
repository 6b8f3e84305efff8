/** The cohort page: a definition as form and as text, in step, and its answer beside it. */
import { Tabs } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { UseQueryResult } from "@tanstack/react-query";
import { IconChartFunnel, IconCode, IconForms } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useAnswer, useChecked, useRewrite, useSaved, type Checked, type CohortAnswer, type Document, type Question } from "../../api/cohorts";
import { Card } from "../../parts/card";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import { Compare } from "./compare";
import classes from "./cohorts.module.css";
import { Editor } from "./editor";
import { Form } from "./form";
import { Breakdown, Funnel, Numbers, Releases } from "./funnel";
import { People } from "./people";
import { Toolbar } from "./toolbar";

const DRAFT = "vitruvian-cohort-draft";

/** What is being written outlives a visit to a patient; the first visit begins with an example. */
function useDraft(): [string, (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(DRAFT) ?? "");
  const example = useSaved().data?.examples[0]?.text;
  useEffect(() => { if (text === "" && example) setText(example); }, [text, example]);
  useEffect(() => { if (text) sessionStorage.setItem(DRAFT, text); }, [text]);
  return [text, setText];
}

export function CohortsPage() {
  const [text, setText] = useDraft();
  const [knownAt, setKnownAt] = useState<string | null>(null);
  const [marked, setMarked] = useState<{ line: number; press: number } | null>(null);
  const [settled] = useDebouncedValue(text, 300);
  // What the form wrote is checked already and shown at once; what is typed waits for a pause.
  const [written, setWritten] = useState("");
  const checked = useChecked(text === written ? text : settled);
  const rewrite = useRewrite();
  const current = checked.data?.text === text ? checked.data : null;
  const complaint = current?.complaint ?? null;
  const question: Question | null = current && !complaint ? { text, known_at: knownAt } : null;
  const answer = useAnswer(question);
  const goTo = (line: number) => setMarked((before) => ({ line, press: (before?.press ?? 0) + 1 }));
  const change = (document: Document) => rewrite.mutate(document, { onSuccess: (next) => { setWritten(next.text); setText(next.text); } });
  useEffect(() => { document.title = "Cohorts · Vitruvian"; }, []);

  return (
    <Shell>
      <div className={classes.page}>
        <div className={classes.top}>
          <div>
            <h1>Cohorts</h1>
            <p>{checked.data?.title ?? "Who meets a definition, line by line"}</p>
          </div>
          <Toolbar question={question} title={checked.data?.title ?? ""} open={(next) => { setText(next); setMarked(null); }} knownAt={knownAt} setKnownAt={setKnownAt} />
        </div>
        <div className={classes.columns}>
          <div className={classes.form}>
            <Card title="Definition" icon={IconForms}>
              {checked.data?.document ? <Form document={checked.data.document} change={change} /> : <Without checked={checked} begun={text !== ""} />}
            </Card>
          </div>
          <div className={classes.text}>
            <Card title="The same as text" icon={IconCode} tools={<span className={classes.hint}>the form rewrites it without comments</span>}>
              <Editor text={text} change={setText} complaint={complaint} marked={marked} />
            </Card>
          </div>
          <div className={classes.answer}>
            <Card title="Answer" icon={IconChartFunnel}>
              {answer.isPending && (question || checked.isLoading ? <Loading lines={7} label="Counting" /> : <Empty>Nothing is counted until there is a definition that can be used.</Empty>)}
              {answer.isError && <Failed error={answer.error} retry={() => void answer.refetch()} />}
              {answer.data && <Told answer={answer.data} stale={question === null || answer.isPlaceholderData} goTo={goTo} />}
            </Card>
          </div>
        </div>
        {question && (
          <section className={classes.below} aria-label="Patients and comparison">
            <Tabs defaultValue="patients" keepMounted={false}>
              <Tabs.List><Tabs.Tab value="patients">Patients</Tabs.Tab><Tabs.Tab value="compare">Compare</Tabs.Tab></Tabs.List>
              <Tabs.Panel value="patients" pt="xs"><People question={question} /></Tabs.Panel>
              <Tabs.Panel value="compare" pt="xs"><Compare question={question} goTo={goTo} /></Tabs.Panel>
            </Tabs>
          </section>
        )}
      </div>
    </Shell>
  );
}

/** What stands in place of the form: why there is none yet. */
function Without({ checked, begun }: { checked: UseQueryResult<Checked>; begun: boolean }) {
  const saved = useSaved();
  if (checked.isError) return <Failed error={checked.error} retry={() => void checked.refetch()} />;
  if (!begun && saved.isError) return <Failed error={saved.error} retry={() => void saved.refetch()} />;
  if (!begun && saved.isPending) return <Loading lines={7} label="Loading an example" />;
  return <Empty>The form shows the definition as soon as the text can be read.</Empty>;
}

function Told({ answer, stale, goTo }: { answer: CohortAnswer; stale: boolean; goTo: (line: number) => void }) {
  return (
    <div className={classes.told} data-stale={stale || undefined}>
      <Numbers answer={answer} />
      <Funnel answer={answer} goTo={goTo} />
      <Releases answer={answer} />
      <Breakdown answer={answer} />
      <p className={classes.foot}>
        Snapshot {answer.snapshot}, {answer.logic === "strict" ? "two-valued as es-aces" : "missing is not negative"}.
        {answer.floor > 0 && ` Counts under ${answer.floor} are withheld and others rounded: this role sees counts only.`}
      </p>
    </div>
  );
}
