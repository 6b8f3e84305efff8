/** What may be done with an alert next: try it, let it run, let it speak, hush it, retire it. */
import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { IconBell, IconBellOff, IconHistory } from "@tabler/icons-react";
import { useState } from "react";

import { useAlertChoices, useMove, useTrial, type AlertPage, type NewState, type TrialProgress } from "../../api/alerts";
import classes from "./alerts.module.css";

type Doing = "trial" | "silent" | "active" | "retired" | null;
const NONE = "none";

export function Steps({ alert }: { alert: AlertPage }) {
  const [doing, setDoing] = useState<Doing>(null);
  const may = (state: string) => alert.next.some((next) => next === state) || (alert.lacks !== "" && alert.state === state);
  if (alert.state === "retired") return null;
  const earned = alert.trial?.current === true;
  const toggle = (one: Doing) => setDoing(doing === one ? null : one);
  return (
    <div className={classes.steps}>
      <div className={classes.buttons}>
        <Button size="xs" variant={earned ? "default" : "filled"} leftSection={<IconHistory size={15} />} onClick={() => toggle("trial")} aria-expanded={doing === "trial"}>
          {alert.trial ? "Try again" : "Try over history"}
        </Button>
        {may("silent") && (
          <Button size="xs" variant="default" leftSection={<IconBellOff size={15} />} onClick={() => toggle("silent")} aria-expanded={doing === "silent"}>
            {alert.state === "active" ? "Silence" : "Run silently"}
          </Button>
        )}
        {may("active") && (
          <Button size="xs" variant={earned ? "filled" : "default"} disabled={!earned} title={earned ? undefined : "It needs a trial of this edition first."} leftSection={<IconBell size={15} />} onClick={() => toggle("active")} aria-expanded={doing === "active"}>
            Let it interrupt
          </Button>
        )}
        {may("retired") && <Button size="xs" variant="subtle" color="gray" onClick={() => toggle("retired")} aria-expanded={doing === "retired"}>Retire</Button>}
        {may("active") && !earned && <span className={classes.soft}>It may interrupt after a trial of this edition.</span>}
      </div>
      {doing === "trial" && <TrialForm alert={alert} done={() => setDoing(null)} />}
      {doing !== null && doing !== "trial" && <StateForm key={doing} alert={alert} state={doing} done={() => setDoing(null)} />}
    </div>
  );
}

const WORDS = {
  silent: { says: "It looks at new data and writes down what it would say. Nobody is interrupted.", button: "Run silently" },
  active: { says: "It may interrupt clinicians from now on. Who answers for it?", button: "Let it interrupt" },
  retired: { says: "It ends for good; what it did stays on record. Why?", button: "Retire for good" },
} as const;

function StateForm({ alert, state, done }: { alert: AlertPage; state: NewState["state"]; done: () => void }) {
  const choices = useAlertChoices(state === "active");
  const [owner, setOwner] = useState<string | null>(alert.owner || null);
  const [why, setWhy] = useState("");
  const move = useMove(alert.name);
  const who = owner ?? choices.data?.owner ?? "";
  const ready = state === "active" ? who.trim() !== "" : state !== "retired" || why.trim() !== "";
  return (
    <form className={classes.form} onSubmit={(event) => { event.preventDefault(); move.mutate({ state, owner: state === "active" ? who : "", why }, { onSuccess: done }); }}>
      <p>{WORDS[state].says}</p>
      {state === "active" && <TextInput size="sm" label="Owner" value={who} maxLength={400} onChange={(event) => setOwner(event.currentTarget.value)} />}
      <TextInput size="sm" label={state === "retired" ? "Reason" : "Reason, if you like"} value={why} maxLength={400} onChange={(event) => setWhy(event.currentTarget.value)} />
      <Wrong error={move.error} />
      <Buttons ready={ready} busy={move.isPending} word={WORDS[state].button} done={done} />
    </form>
  );
}

function TrialForm({ alert, done }: { alert: AlertPage; done: () => void }) {
  const choices = useAlertChoices(true);
  const [progress, setProgress] = useState<TrialProgress | null>(null);
  const [outcome, setOutcome] = useState<string>(NONE);
  const [hours, setHours] = useState<number>(24);
  const trial = useTrial(alert.name, setProgress);
  const outcomes = choices.data?.outcomes ?? [];
  const options = [{ value: NONE, label: "None: count its fires only" }, ...outcomes.map((one, place) => ({ value: String(place), label: one.title }))];
  const start = () => {
    const text = outcome === NONE ? null : outcomes[Number(outcome)]?.text ?? null;
    trial.mutate({ outcome: text, within_hours: hours }, { onSuccess: done });
  };
  return (
    <form className={classes.form} onSubmit={(event) => { event.preventDefault(); start(); }}>
      <p>Asks the guideline at every moment of this hospital's history at which something was new, by what was known then. Nobody is told anything.</p>
      <Select size="sm" label="Outcome a right alert foresees" description="Your saved cohorts can be outcomes too" data={options} value={outcome} onChange={(value) => setOutcome(value ?? NONE)} allowDeselect={false} disabled={trial.isPending} />
      {outcome !== NONE && <NumberInput size="sm" label="Within hours" value={hours} min={1} max={8760} clampBehavior="strict" onChange={(value) => setHours(Number(value) || 24)} disabled={trial.isPending} />}
      {progress && trial.isPending && (
        <p role="status" className={classes.progress}>
          <progress max={Math.max(progress.of, 1)} value={progress.done} aria-label="Patients gone through" /> {progress.done.toLocaleString("en-GB")} of {progress.of.toLocaleString("en-GB")} patients
        </p>
      )}
      <Wrong error={trial.error ?? choices.error} />
      <Buttons ready={!choices.isPending} busy={trial.isPending} word="Start the trial" done={done} />
    </form>
  );
}

export function Wrong({ error }: { error: unknown }) {
  return error instanceof Error ? <p role="alert" className={classes.wrong}>{error.message}</p> : null;
}

export function Buttons({ ready, busy, word, done }: { ready: boolean; busy: boolean; word: string; done: () => void }) {
  return (
    <div className={classes.buttons}>
      <Button size="xs" type="submit" disabled={!ready} loading={busy}>{word}</Button>
      <Button size="xs" variant="subtle" color="gray" onClick={done}>Close</Button>
    </div>
  );
}
