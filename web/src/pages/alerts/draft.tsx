/** A new alert: which guideline, which of its answers, and how long it stays quiet. */
import { Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { useAlertChoices, useDraft, type AlertGuide } from "../../api/alerts";
import { Failed, Loading } from "../../parts/states";
import classes from "./alerts.module.css";
import { Buttons, Wrong } from "./steps";

export function Draft({ done }: { done: () => void }) {
  const choices = useAlertChoices(true);
  return (
    <section className={classes.alert} aria-label="New alert">
      {choices.isPending && <Loading lines={5} label="Loading the guidelines" />}
      {choices.isError && <Failed error={choices.error} retry={() => void choices.refetch()} />}
      {choices.data && <Form guides={choices.data.guides} done={done} />}
    </section>
  );
}

function Form({ guides, done }: { guides: AlertGuide[]; done: () => void }) {
  const [guide, setGuide] = useState<AlertGuide | undefined>(undefined);
  const [name, setName] = useState("");
  const [answers, setAnswers] = useState<string[]>([]);
  const [hours, setHours] = useState<number>(8);
  const draft = useDraft();
  const choose = (value: string | null) => {
    const found = guides.find((each) => each.guide === value);
    setGuide(found);
    setName(found?.guide ?? "");
    setAnswers(found?.answers.filter((each) => each.loud).map((each) => each.answer) ?? []);
  };
  const ready = guide !== undefined && answers.length > 0 && /^[a-z][a-z0-9_]{0,59}$/.test(name);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (guide) draft.mutate({ name, guide: guide.guide, answers, quiet_hours: hours }, { onSuccess: done });
      }}
    >
      <Select size="sm" label="Guideline" placeholder="Choose one" searchable data={guides.map((each) => ({ value: each.guide, label: `${each.title} (${each.edition})` }))} value={guide?.guide ?? null} onChange={choose} />
      {guide && (
        <>
          <Checkbox.Group label="Answers that fire it" value={answers} onChange={setAnswers}>
            <div className={classes.checks}>
              {guide.answers.map((each) => <Checkbox key={each.answer} size="sm" value={each.answer} label={each.loud ? each.answer : `${each.answer} (only informs)`} />)}
            </div>
          </Checkbox.Group>
          <TextInput size="sm" label="Name" description="Small letters, digits and _" value={name} maxLength={60} onChange={(event) => setName(event.currentTarget.value)} />
          <NumberInput size="sm" label="Quiet hours" description="The same answer about the same patient is not repeated within" value={hours} min={0} max={8760} clampBehavior="strict" onChange={(value) => setHours(Number(value))} />
        </>
      )}
      <Wrong error={draft.error} />
      <Buttons ready={ready} busy={draft.isPending} word="Make a draft" done={done} />
    </form>
  );
}
