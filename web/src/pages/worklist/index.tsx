/** The worklist, and the search over every patient of the house. */
import { Pagination, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useNavigate } from "react-router";

import { usePatients } from "../../api/queries";
import type { PatientSummary } from "../../api/types";
import { useFocusKey } from "../../lib/keys";
import { useHome } from "../../parts/home";
import { Shell } from "../../parts/shell";
import { Failed, Loading } from "../../parts/states";
import { PatientRow } from "./row";
import classes from "./worklist.module.css";

const PAGE = 25;

export function WorklistPage() {
  const [text, setText] = useState("");
  const [page, setPage] = useState(1);
  const [cursor, setCursor] = useState(-1);
  const [asked] = useDebouncedValue(text.trim(), 180);
  const field = useRef<HTMLInputElement>(null);
  const found = usePatients(asked, (page - 1) * PAGE, PAGE);
  const patients = found.data?.patients ?? [];
  const home = useHome();
  // the rows shown answer an earlier question as long as this is true
  const searching = text.trim() !== asked || found.isPlaceholderData;
  useFocusKey("/", field);
  useEffect(() => { document.title = "Patients · Vitruvian"; }, []);
  useEffect(() => { setPage(1); setCursor(-1); }, [asked]);
  const onKeyDown = useArrows(searching ? [] : patients, cursor, setCursor);

  return (
    <Shell>
      <div className={classes.page} onKeyDown={onKeyDown}>
        <div className={classes.top}>
          <h1>Patients</h1>
          <TextInput
            ref={field}
            className={classes.search ?? ""}
            size="md"
            type="search"
            aria-label="Search patients by name, identifier or birth date"
            placeholder="Name, identifier or birth date"
            leftSection={<IconSearch size={18} />}
            rightSection={text ? null : <kbd className={classes.key}>/</kbd>}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoFocus
            autoComplete="off"
          />
        </div>
        <p className={classes.count} role="status">{searching ? "Searching…" : countText(found.data?.total, asked)}</p>
        {found.isPending && <div className={classes.list}><Loading lines={9} label="Loading patients" /></div>}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} heading="h2" {...(home.to !== "/" && { home })} />}
        {found.data && patients.length === 0 && <NoPatients asked={asked} />}
        {patients.length > 0 && (
          <div className={classes.list} data-stale={searching || undefined}>
            <PatientTable patients={patients} cursor={cursor} />
          </div>
        )}
        {found.data && found.data.total > PAGE && (
          <Pagination mt="md" size="sm" total={Math.ceil(found.data.total / PAGE)} value={page} onChange={setPage} getControlProps={(control) => ({ "aria-label": `${control} page` })} />
        )}
      </div>
    </Shell>
  );
}

function PatientTable({ patients, cursor }: { patients: PatientSummary[]; cursor: number }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Patient</th>
          <th scope="col">Born</th>
          <th scope="col">Identifiers</th>
          <th scope="col">Ward</th>
          <th scope="col">Problems</th>
          <th scope="col">Last event</th>
          <th scope="col">New</th>
        </tr>
      </thead>
      <tbody>
        {patients.map((patient, index) => (
          <PatientRow key={patient.person_id} patient={patient} chosen={index === cursor} />
        ))}
      </tbody>
    </table>
  );
}

function NoPatients({ asked }: { asked: string }) {
  return (
    <div className={classes.none}>
      <h2>{asked ? "Nobody found" : "No patients yet"}</h2>
      <p>
        {asked
          ? "Search by the beginning of a name, an identifier, or a birth date such as 1957-03-02."
          : <>Load files with <code>vitruvian ingest PATH --lake DIR</code>; patients appear here as soon as the load is published.</>}
      </p>
    </div>
  );
}

function countText(total: number | undefined, asked: string): string {
  if (total === undefined || (total === 0 && !asked)) return "\u00a0";
  const people = `${total.toLocaleString("en-GB")} ${total === 1 ? "patient" : "patients"}`;
  return asked ? `${people} found` : `${people}, in the house first, then most recently changed`;
}

function useArrows(patients: PatientSummary[], cursor: number, move: (to: number) => void) {
  const navigate = useNavigate();
  return (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && patients.length > 0) {
      event.preventDefault();
      move(Math.min(patients.length - 1, Math.max(0, cursor + step)));
    }
    const chosen = patients[cursor] ?? (patients.length === 1 ? patients[0] : undefined);
    if (event.key === "Enter" && chosen && event.target instanceof HTMLInputElement) {
      void navigate(`/patients/${chosen.person_id}`);
    }
  };
}
