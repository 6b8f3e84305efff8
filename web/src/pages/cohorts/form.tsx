/** A definition as a form. It shows the same elements as the text beside it. */
import { ActionIcon, Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconFlag, IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import type { Document } from "../../api/cohorts";
import { Chip } from "../../parts/fact";
import { CodeSearch } from "./codes";
import {
  inWords, predicatesOf, titleOf, triggerOf, windowsOf, withAbsence, withBound, withCodes, withHolds, withPlace,
  withPredicate, withTitle, withWindow, withoutPredicate, withoutWindow, type HoldView, type PredicateView, type WindowView,
} from "./definition";
import classes from "./form.module.css";

const ABSENCES = [
  { value: "negative", label: "not found means no" },
  { value: "observed", label: "no, only where the hospital would have seen it" },
  { value: "unknown", label: "not found means unknown" },
];

interface FormProps {
  document: Document;
  change: (document: Document) => void;
}

export function Form({ document, change }: FormProps) {
  const predicates = predicatesOf(document);
  const windows = windowsOf(document);
  const names = predicates.map((one) => ({ value: one.name, label: inWords(one.name) }));
  return (
    <div className={classes.form}>
      <Lasting label="Title" value={titleOf(document)} keep={(title) => change(withTitle(document, title))} />
      <section>
        <h3>What counts</h3>
        <ul className={classes.cards}>
          {predicates.map((one) => (
            <li key={one.name} className={classes.card} data-trigger={one.name === triggerOf(document) || undefined}>
              <Predicate predicate={one} trigger={one.name === triggerOf(document)} document={document} change={change} />
            </li>
          ))}
        </ul>
        <CodeSearch label="Add something that counts" placeholder="Add a diagnosis, test, drug or procedure" choose={(found) => change(withPredicate(document, found.label, found.code))} />
      </section>
      <section>
        <h3>When</h3>
        <ul className={classes.cards}>
          {windows.map((one) => (
            <li key={one.name} className={classes.card}>
              <Window window={one} names={names} document={document} change={change} />
            </li>
          ))}
        </ul>
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} disabled={predicates.length === 0} onClick={() => change(withWindow(document))}>Add a window of time</Button>
      </section>
    </div>
  );
}

function Predicate({ predicate, trigger, document, change }: { predicate: PredicateView; trigger: boolean } & FormProps) {
  const { name, codes } = predicate;
  return (
    <>
      <div className={classes.cardHead}>
        <strong>{inWords(name)}</strong>
        {trigger ? <Chip tone="good">starts the question</Chip> : (
          <Button size="compact-xs" variant="subtle" leftSection={<IconFlag size={12} />} onClick={() => change({ ...document, trigger: name })}>Start here</Button>
        )}
        <ActionIcon size="sm" variant="subtle" color="gray" ml="auto" aria-label={`Remove ${inWords(name)}`} disabled={trigger} onClick={() => change(withoutPredicate(document, name))}><IconTrash size={14} /></ActionIcon>
      </div>
      {predicate.fixed !== null ? <p className={classes.fixed}>{predicate.fixed} <small>edit it in the text</small></p> : (
        <>
          <div className={classes.codes}>
            {codes.map((code) => (
              <span key={code} className={classes.code}>
                {code}
                {codes.length > 1 && <button type="button" className="plain" aria-label={`Remove ${code}`} onClick={() => change(withCodes(document, name, codes.filter((one) => one !== code)))}><IconX size={11} /></button>}
              </span>
            ))}
          </div>
          <CodeSearch label={`Add a code to ${inWords(name)}`} placeholder="or another code" choose={(found) => change(withCodes(document, name, [...new Set([...codes, found.code])]))} />
          <div className={classes.bounds}>
            <Bound label="above" value={predicate.low} keep={(value) => change(withBound(document, name, "value_min", value))} />
            <Bound label="below" value={predicate.high} keep={(value) => change(withBound(document, name, "value_max", value))} />
            {predicate.absence !== "looked" ? (
              <Select size="xs" aria-label={`When no ${inWords(name)} is found`} data={ABSENCES} value={predicate.absence} allowDeselect={false} onChange={(word) => word && change(withAbsence(document, name, word))} className={classes.absence ?? ""} />
            ) : <span className={classes.fixed}>not found: see the text</span>}
          </div>
        </>
      )}
    </>
  );
}

function Bound({ label, value, keep }: { label: string; value: number | null; keep: (value: number | null) => void }) {
  const [typed, setTyped] = useState<string | number>(value ?? "");
  const kept = useRef(value);
  useEffect(() => { kept.current = value; setTyped(value ?? ""); }, [value]);
  const done = () => {
    const next = typed === "" ? null : Number(typed);
    // Enter and then leaving the field is one change, not two.
    if (next !== kept.current) keep(next);
    kept.current = next;
  };
  return <NumberInput size="xs" hideControls placeholder={label} aria-label={`Value ${label}`} value={typed} onChange={setTyped} onBlur={done} onKeyDown={(event) => { if (event.key === "Enter") done(); }} className={classes.bound ?? ""} />;
}

/** A field whose text counts once it is left. */
function Lasting({ label, value, keep, placeholder }: { label: string; value: string; keep: (value: string) => void; placeholder?: string }) {
  const [typed, setTyped] = useState(value);
  const kept = useRef(value);
  useEffect(() => { kept.current = value; setTyped(value); }, [value]);
  const done = () => {
    if (typed !== kept.current) keep(typed);
    kept.current = typed;
  };
  return <TextInput size="xs" label={label} placeholder={placeholder} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} onBlur={done} onKeyDown={(event) => { if (event.key === "Enter") done(); }} />;
}

function Window({ window, names, document, change }: { window: WindowView; names: { value: string; label: string }[] } & FormProps) {
  const { name, holds } = window;
  const put = (at: number, next: HoldView) => change(withHolds(document, name, holds.map((one, index) => (index === at ? next : one))));
  const free = names.filter((each) => !holds.some((one) => one.predicate === each.value));
  return (
    <>
      <div className={classes.cardHead}>
        <strong>{inWords(name)}</strong>
        <ActionIcon size="sm" variant="subtle" color="gray" ml="auto" aria-label={`Remove ${inWords(name)}`} onClick={() => change(withoutWindow(document, name))}><IconTrash size={14} /></ActionIcon>
      </div>
      <div className={classes.places}>
        <Lasting label="from" placeholder="the record's start" value={window.start} keep={(place) => change(withPlace(document, name, "start", place))} />
        <Lasting label="until" placeholder="the record's end" value={window.end} keep={(place) => change(withPlace(document, name, "end", place))} />
      </div>
      {holds.map((one, at) => (
        <div key={one.predicate} className={classes.hold}>
          <Select size="xs" aria-label="holds" data={names} value={one.predicate} allowDeselect={false} onChange={(predicate) => predicate && put(at, { ...one, predicate })} className={classes.holdName ?? ""} />
          <Select
            size="xs" aria-label="how often" allowDeselect={false} className={classes.holdCount ?? ""}
            data={[...new Set(["at least 1", "at least 2", "at least 3", "never", "any number", countWords(one)])]}
            value={countWords(one)} onChange={(words) => words && put(at, { ...one, ...countOf(words, one) })}
          />
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`No longer ask for ${inWords(one.predicate)}`} onClick={() => change(withHolds(document, name, holds.filter((_, index) => index !== at)))}><IconX size={14} /></ActionIcon>
        </div>
      ))}
      {free.length > 0 && (
        <Select size="xs" aria-label="must hold" placeholder="must hold …" data={free} value={null} onChange={(predicate) => predicate && change(withHolds(document, name, [...holds, { predicate, least: 1, most: null }]))} className={classes.holdName ?? ""} />
      )}
    </>
  );
}

function countWords({ least, most }: HoldView): string {
  if (most === 0) return "never";
  if (most === null) return least === null || least === 0 ? "any number" : `at least ${least}`;
  return least === null || least === 0 ? `at most ${most}` : `${least} to ${most}`;
}

function countOf(words: string, before: HoldView): Pick<HoldView, "least" | "most"> {
  if (words === "never") return { least: null, most: 0 };
  if (words === "any number") return { least: 0, most: null };
  const least = /^at least (\d+)$/.exec(words);
  return least ? { least: Number(least[1]), most: null } : { least: before.least, most: before.most };
}
