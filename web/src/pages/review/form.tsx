/** What the machine read, as a form: right, wrong, or right after a change. */
import { Button } from "@mantine/core";
import { IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { useState, type FormEvent, type Ref } from "react";

import { Problem } from "../../api/client";
import type { Answer, NoteFact, Said } from "../../api/review";
import classes from "./review.module.css";

const CHOICES = {
  polarity: ["affirmed", "negated"],
  certainty: ["certain", "probable", "possible"],
  temporality: ["current", "historical", "hypothetical"],
  experiencer: ["patient", "family"],
  act: ["observed", "reported", "ordered", "planned", "administered"],
} as const;
const LABELS: Record<string, string> = {
  polarity: "Said to be", certainty: "How sure", temporality: "When", experiencer: "Of whom", act: "What was done",
  numeric_value: "Value", unit: "Unit", text_value: "Answer", body_site: "Place", dose_text: "Dose",
};
const WORDS = ["text_value", "numeric_value", "unit", "body_site", "dose_text"] as const;

interface FactFormProps {
  ref: Ref<HTMLFormElement>;
  fact: NoteFact;
  why: string[];
  doubt: number;
  judge: (answer: Answer, said?: Said) => void;
  failed: unknown;
}

export function FactForm({ ref, fact, why, doubt, judge, failed }: FactFormProps) {
  const [changed, setChanged] = useState<Said>({});
  const dirty = Object.keys(changed).length > 0;
  const change = (name: string, value: string, was: string) => {
    const rest = Object.fromEntries(Object.entries(changed).filter(([each]) => each !== name));
    if (value === was) return setChanged(rest);
    const number = Number(value.replace(",", "."));
    if (name === "numeric_value" && !(value.trim() && Number.isFinite(number))) return setChanged(rest);
    return setChanged({ ...rest, [name]: name === "numeric_value" ? number : value });
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (dirty) judge("correct", changed);
    else judge("accept");
  };
  const choices = (Object.keys(CHOICES) as (keyof typeof CHOICES)[]).filter((name) => name !== "act" || fact.act !== "observed");
  return (
    <form ref={ref} className={classes.form} onSubmit={save} aria-label="The fact">
      <h2>{fact.label}</h2>
      <p className={classes.code}>{fact.code.replace("//", " ")}</p>
      <ul className={classes.why} aria-label="Why it is asked">
        <li><b>{Math.round(doubt * 100)} %</b> likely wrong</li>
        {why.map((reason) => <li key={reason}>{reason}</li>)}
      </ul>
      <div className={classes.fields}>
        {choices.map((name) => (
          <label key={name} data-changed={name in changed || undefined}>
            <span>{LABELS[name]}</span>
            <select value={String(changed[name] ?? fact[name])} onChange={(event) => change(name, event.currentTarget.value, fact[name])}>
              {CHOICES[name].map((word) => <option key={word}>{word}</option>)}
            </select>
          </label>
        ))}
        {WORDS.filter((name) => fact[name] !== null && fact[name] !== "").map((name) => (
          <label key={name} data-changed={name in changed || undefined}>
            <span>{LABELS[name]}</span>
            <input defaultValue={String(fact[name])} inputMode={name === "numeric_value" ? "decimal" : undefined} onChange={(event) => change(name, event.currentTarget.value, String(fact[name]))} />
          </label>
        ))}
      </div>
      <div className={classes.buttons}>
        {dirty
          ? <Button type="submit" leftSection={<IconPencil size={17} />} rightSection={<kbd>Enter</kbd>}>Save correction</Button>
          : <Button onClick={() => judge("accept")} leftSection={<IconCheck size={17} />} rightSection={<kbd>A</kbd>}>Accept</Button>}
        <Button variant="default" onClick={() => judge("reject")} leftSection={<IconX size={17} />} rightSection={<kbd>R</kbd>}>Reject</Button>
      </div>
      {failed !== null && (
        <p role="alert" className={classes.failed}>{failed instanceof Problem ? failed.message : "The verdict was not kept. Give it again."}</p>
      )}
      <p className={classes.keys}>
        <kbd>E</kbd> edit <kbd>Esc</kbd> leave a field <kbd>J</kbd> <kbd>K</kbd> next, back
      </p>
    </form>
  );
}
