/** The patient an app is to be for: searched by name, identifier or birth date, chosen once. */
import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { usePatients } from "../../api/queries";
import type { PatientSummary } from "../../api/types";
import { calendarDay } from "../../lib/time";
import { identifierKind, twoIdentifiers } from "../../lib/words";
import { Failed, Loading } from "../../parts/states";
import classes from "./allow.module.css";

const SHOWN = 5;

export function Chooser({ chosen, choose }: { chosen: string | null; choose: (person: string | null) => void }) {
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 180);
  const found = usePatients(asked, 0, SHOWN);
  const look = (words: string) => {
    setText(words);
    choose(null); // nobody out of sight stays chosen
  };
  return (
    <fieldset className={classes.chooser}>
      <legend>For which patient?</legend>
      <TextInput
        type="search"
        aria-label="Search patients by name, identifier or birth date"
        placeholder="Name, identifier or birth date"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => look(event.currentTarget.value)}
        autoComplete="off"
      />
      {found.isPending && <Loading lines={4} label="Loading patients" />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data?.patients.length === 0 && <p className={classes.small}>Nobody found.</p>}
      {found.data?.patients.map((one) => (
        <Patient key={one.person_id} patient={one} chosen={one.person_id === chosen} choose={choose} />
      ))}
      {found.data && found.data.total > SHOWN && (
        <p className={classes.small}>
          {(found.data.total - SHOWN).toLocaleString("en-GB")} more: type more of the name to narrow it.
        </p>
      )}
    </fieldset>
  );
}

function Patient({ patient, chosen, choose }: { patient: PatientSummary; chosen: boolean; choose: (person: string) => void }) {
  return (
    <label className={classes.patient} data-chosen={chosen || undefined}>
      <input type="radio" name="patient" checked={chosen} onChange={() => choose(patient.person_id)} />
      <span>
        <strong>{[patient.family ?? "No name sent", patient.given].filter(Boolean).join(", ")}</strong>
        <small>
          {[patient.birth_date ? calendarDay(patient.birth_date) : "birth date not sent", patient.sex].filter(Boolean).join(" · ")}
        </small>
        {twoIdentifiers(patient.identifiers).map((one) => (
          <small key={`${one.system}${one.value}`}>{identifierKind(one.label)} {one.value}</small>
        ))}
      </span>
    </label>
  );
}
