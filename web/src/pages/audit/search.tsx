/** What to look for: an account, a patient, a purpose, a deed, a time, and what to ask about. */
import { Button, Checkbox, Group, NativeSelect, TextInput } from "@mantine/core";
import type { FormEvent } from "react";

import type { AuditWish, Flag, Kind, Purpose } from "../../api/audit";
import classes from "./audit.module.css";
import { ASKED_FOR, FLAGS, KINDS, PURPOSES } from "./words";

/** The fields as typed; the patient stands in the body of the question, never in an address. */
export interface Fields {
  who: string;
  patient: string;
  by: "identifier" | "person_id";
  purpose: "" | Purpose;
  kind: "" | Kind;
  since: string;
  until: string;
  flags: Flag[];
  upkeep: boolean;
}

export const NOTHING: Fields = { who: "", patient: "", by: "identifier", purpose: "", kind: "", since: "", until: "", flags: [], upkeep: false };

export function wishOf(fields: Fields): AuditWish {
  const patient = fields.patient.trim();
  return {
    ...(fields.who.trim() ? { who: fields.who.trim() } : {}),
    ...(patient ? { [fields.by]: patient } : {}),
    ...(fields.purpose ? { purposes: [fields.purpose] } : {}),
    ...(fields.kind ? { kinds: [fields.kind] } : {}),
    ...(fields.since ? { since: new Date(fields.since).toISOString() } : {}),
    ...(fields.until ? { until: new Date(fields.until).toISOString() } : {}),
    ...(fields.flags.length > 0 ? { flags: fields.flags } : {}),
    upkeep: fields.upkeep,
  };
}

interface Props {
  fields: Fields;
  change: (fields: Fields) => void;
  search: (fields: Fields) => void;
  busy: boolean;
}

export function SearchForm({ fields, change, search, busy }: Props) {
  const set = <K extends keyof Fields>(name: K) => (value: Fields[K]) => change({ ...fields, [name]: value });
  const numbered = fields.by === "person_id" && fields.patient.trim() !== "" && !/^\d{1,19}$/.test(fields.patient.trim());
  const submit = (event: FormEvent) => { event.preventDefault(); if (!numbered) search(fields); };
  return (
    <form className={classes.form} onSubmit={submit} aria-label="What to look for">
      <div className={classes.fields}>
        <TextInput label="Account" placeholder="as it signs in" value={fields.who} onChange={(event) => set("who")(event.currentTarget.value)} maxLength={200} autoComplete="off" />
        <div className={classes.pair}>
          <TextInput label="Patient" value={fields.patient} onChange={(event) => set("patient")(event.currentTarget.value)} maxLength={200} autoComplete="off" error={numbered ? "Expected digits" : undefined} />
          <NativeSelect aria-label="The patient is given by" value={fields.by} onChange={(event) => set("by")(event.currentTarget.value as Fields["by"])} data={[{ value: "identifier", label: "identifier" }, { value: "person_id", label: "number here" }]} />
        </div>
        <NativeSelect label="Purpose" value={fields.purpose} onChange={(event) => set("purpose")(event.currentTarget.value as Fields["purpose"])} data={[{ value: "", label: "any" }, ...Object.entries(PURPOSES).map(([value, label]) => ({ value, label }))]} />
        <NativeSelect label="What was done" value={fields.kind} onChange={(event) => set("kind")(event.currentTarget.value as Fields["kind"])} data={[{ value: "", label: "anything" }, ...ASKED_FOR.map((value) => ({ value, label: KINDS[value] }))]} />
        <TextInput label="From" type="datetime-local" value={fields.since} onChange={(event) => set("since")(event.currentTarget.value)} />
        <TextInput label="Before" type="datetime-local" value={fields.until} onChange={(event) => set("until")(event.currentTarget.value)} />
      </div>
      <div className={classes.below}>
        <Checkbox.Group label="To ask about" value={fields.flags} onChange={(value) => set("flags")(value as Flag[])}>
          <Group gap="md" mt={4}>
            {Object.entries(FLAGS).map(([flag, said]) => <Checkbox key={flag} value={flag} label={said.words} size="sm" />)}
          </Group>
        </Checkbox.Group>
        <Checkbox className={classes.upkeep ?? ""} size="sm" label="Also the software's own work and reading of the audit" checked={fields.upkeep} onChange={(event) => set("upkeep")(event.currentTarget.checked)} />
        <Group gap="xs" className={classes.buttons ?? ""}>
          <Button variant="default" size="sm" onClick={() => { change(NOTHING); search(NOTHING); }}>Clear</Button>
          <Button type="submit" size="sm" loading={busy}>Search</Button>
        </Group>
      </div>
    </form>
  );
}
