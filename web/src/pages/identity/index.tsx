/** Who is who: two records side by side, what agrees and what differs, decided by keyboard. */
import { Button } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";

import { Problem } from "../../api/client";
import { usePair, usePairs, usePairVerdict, usePrefetchPair, type PairAnswer, type Show } from "../../api/identity";
import { useKeys } from "../../lib/keys";
import { Shell } from "../../parts/shell";
import { Failed, Loading } from "../../parts/states";
import classes from "./identity.module.css";
import { PairList } from "./pairs";
import { Sides } from "./sides";

const KINDS: { show: Show; label: string }[] = [
  { show: "waiting", label: "Likely one person" },
  { show: "held", label: "Alike, likely two" },
  { show: "decided", label: "Decided" },
];

export function IdentityPage() {
  const [show, setShow] = useState<Show>("waiting");
  const found = usePairs(show);
  const [at, setAt] = useState(0);
  const [given, setGiven] = useState<Record<string, PairAnswer>>({});
  const verdict = usePairVerdict();
  const prefetch = usePrefetchPair();
  const items = found.data?.items ?? [];
  const item = items[at];
  useEffect(() => { document.title = "Who is who · Vitruvian"; }, []);
  useEffect(() => { setAt(0); }, [show]);
  useEffect(() => { prefetch(items[at + 1]?.pair_id); });

  const move = useCallback((step: number) => {
    setAt((now) => Math.max(0, Math.min(items.length - 1, now + step)));
  }, [items.length]);
  const { mutate, isPending } = verdict;
  const judge = useCallback((answer: PairAnswer) => {
    if (!item || isPending) return;
    // A link changes what others see: the next pair comes once this one is kept.
    mutate({ pair: item.pair_id, answer }, {
      onSuccess: () => {
        setGiven((before) => ({ ...before, [item.pair_id]: answer }));
        move(1);
      },
    });
  }, [item, isPending, move, mutate]);
  // One hand on the keyboard: S one person, D two people, U not known.
  useKeys({ s: () => judge("same"), d: () => judge("different"), u: () => judge("unknown") }, move);
  const all = items.length > 0 && items.every((one) => given[one.pair_id] !== undefined);

  return (
    <Shell>
      <div className={classes.page}>
        <header className={classes.top}>
          <h1>Who is who</h1>
          <p>Records that look alike. Nothing is linked until somebody says so.</p>
          <div className={classes.kinds} role="group" aria-label="Which pairs">
            {KINDS.map((kind) => (
              <button key={kind.show} type="button" aria-pressed={show === kind.show} onClick={() => setShow(kind.show)}>
                {kind.label} {found.data && <b>{found.data[kind.show].toLocaleString("en-GB")}</b>}
              </button>
            ))}
          </div>
        </header>
        {found.isPending && <div className={classes.card}><Loading lines={10} label="Loading the pairs" /></div>}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && items.length === 0 && <Nothing show={show} decided={found.data.decided} />}
        {item && (
          <div className={classes.columns}>
            <PairList items={items} at={at} given={given} choose={setAt} />
            <Chosen pair={item.pair_id} judge={judge} busy={isPending} failed={verdict.isError ? verdict.error : null} />
          </div>
        )}
        {all && show !== "decided" && (
          <div className={classes.more}>
            <Button onClick={() => { setGiven({}); setAt(0); void found.refetch(); }}>Fetch what still waits</Button>
          </div>
        )}
      </div>
    </Shell>
  );
}

interface ChosenProps {
  pair: string;
  judge: (answer: PairAnswer) => void;
  busy: boolean;
  failed: unknown;
}

function Chosen({ pair, judge, busy, failed }: ChosenProps) {
  const read = usePair(pair);
  if (read.isPending) return <div className={classes.card}><Loading lines={12} label="Loading the two records" /></div>;
  if (read.isError) return <Failed error={read.error} retry={() => void read.refetch()} />;
  const words = failed instanceof Problem ? failed.message : failed === null ? null : "The verdict was not kept. Give it again.";
  return <Sides key={pair} pair={read.data} judge={judge} busy={busy} failed={words} />;
}

function Nothing({ show, decided }: { show: Show; decided: number }) {
  const head = { waiting: decided > 0 ? "No pair waits" : "No pairs yet", held: "Nothing is held back", decided: "Nothing was decided yet" }[show];
  return (
    <div className={classes.none}>
      <h2>{head}</h2>
      <p>{show === "decided" ? "Decisions come here with who made them and when." : <><code>vitruvian identity match --lake DIR</code> compares all records; what looks alike then waits here.</>}</p>
    </div>
  );
}
