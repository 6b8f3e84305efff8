/** Review: the facts worth looking at, each in its note, judged by keyboard. */
import { Button } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { useFact, usePrefetchFact, useQueue, useVerdict, type Answer, type QueueItem, type Said } from "../../api/review";
import { useKeys } from "../../lib/keys";
import { dayAndClock } from "../../lib/time";
import { Shell } from "../../parts/shell";
import { Failed, Loading } from "../../parts/states";
import { Marked } from "../notes/marked";
import { FactForm } from "./form";
import { QueueList } from "./queue";
import classes from "./review.module.css";

export function ReviewPage() {
  const [category, setCategory] = useState<string | null>(null);
  const found = useQueue(category);
  const [at, setAt] = useState(0);
  const [given, setGiven] = useState<Record<string, Answer>>({});
  const verdict = useVerdict();
  const prefetch = usePrefetchFact();
  const items = found.data?.items ?? [];
  const item = items[at];
  useEffect(() => { document.title = "Review · Vitruvian"; }, []);
  useEffect(() => { setAt(0); }, [category]);
  useEffect(() => { prefetch(items[at + 1]?.event_id); prefetch(items[at + 2]?.event_id); });

  const move = useCallback((step: number) => {
    setAt((now) => Math.max(0, Math.min(items.length - 1, now + step)));
  }, [items.length]);
  const judge = useCallback((answer: Answer, said: Said = {}) => {
    if (!item) return;
    setGiven((before) => ({ ...before, [item.event_id]: answer }));
    verdict.mutate({ event: item.event_id, answer, said }, {
      onError: () => setGiven((before) => without(before, item.event_id)),
    });
    move(1);
  }, [item, move, verdict]);
  const done = Object.keys(given).length;
  const all = items.length > 0 && items.every((one) => given[one.event_id] !== undefined);

  return (
    <Shell>
      <div className={classes.page}>
        <header className={classes.top}>
          <h1>Review</h1>
          <p role="status">
            {found.data
              ? `${found.data.judged.toLocaleString("en-GB")} of ${found.data.facts.toLocaleString("en-GB")} facts looked at · ${(found.data.mine + done).toLocaleString("en-GB")} by you`
              : "\u00a0"}
          </p>
          <Button component={Link} to="/structuring" size="compact-md" variant="light" leftSection={<IconChartLine size={16} />}>Structuring</Button>
        </header>
        {found.isPending && <div className={classes.card}><Loading lines={12} label="Loading the queue" /></div>}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && items.length === 0 && <Nothing facts={found.data.facts} filtered={category !== null} clear={() => setCategory(null)} />}
        {item && (
          <div className={classes.columns}>
            <QueueList items={items} at={at} given={given} choose={setAt} category={category} filter={setCategory} />
            <Reading item={item} judge={judge} move={move} failed={verdict.isError ? verdict.error : null} />
          </div>
        )}
        {all && (
          <div className={classes.more}>
            <Button onClick={() => { setGiven({}); setAt(0); void found.refetch(); }}>Fetch the next facts</Button>
          </div>
        )}
      </div>
    </Shell>
  );
}

interface ReadingProps {
  item: QueueItem;
  judge: (answer: Answer, said?: Said) => void;
  move: (step: number) => void;
  failed: unknown;
}

function Reading({ item, judge, move, failed }: ReadingProps) {
  const read = useFact(item.event_id);
  const form = useRef<HTMLFormElement>(null);
  // One hand on the keyboard: A accepts, R rejects, E edits.
  useKeys({ a: () => judge("accept"), r: () => judge("reject"), e: () => form.current?.querySelector<HTMLElement>("select, input")?.focus() }, move);
  if (read.isPending) return <div className={classes.card}><Loading lines={14} label="Loading the note" /></div>;
  if (read.isError) return <Failed error={read.error} retry={() => void read.refetch()} />;
  const { about, text, facts, time, person_id: person, note_id: note } = read.data;
  return (
    <>
      <article className={classes.note} aria-label="The note">
        <div className={classes.meta}>
          <span>{time ? dayAndClock(time) : "no date"}</span>
          <Link to={`/patients/${person}/notes/${note}`}>whole note</Link>
          <Link to={`/patients/${person}`}>patient</Link>
        </div>
        <div className={classes.scroll} tabIndex={0}>
          <Marked text={text} facts={facts} chosen={about ?? null} quiet />
        </div>
      </article>
      {about && <FactForm key={about.event_id} ref={form} fact={about} why={item.why} doubt={item.doubt} judge={judge} failed={failed} />}
    </>
  );
}

function without<T>(all: Record<string, T>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([each]) => each !== name));
}

function Nothing({ facts, filtered, clear }: { facts: number; filtered: boolean; clear: () => void }) {
  return (
    <div className={classes.none}>
      <h2>{filtered ? "Nothing of this kind waits" : facts > 0 ? "Everything was looked at" : "No facts from notes yet"}</h2>
      <p>
        {filtered
          ? "Other kinds may."
          : facts > 0
            ? "New facts come here as soon as new notes are read."
            : <>Read the notes with <code>vitruvian derive --lake DIR</code>; what is doubtful then waits here.</>}
      </p>
      {filtered && <Button variant="default" onClick={clear}>Show all kinds</Button>}
    </div>
  );
}
