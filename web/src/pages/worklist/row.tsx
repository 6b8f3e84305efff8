import { useEffect, useRef } from "react";
import { Link, useNavigate } from "react-router";

import type { PatientSummary } from "../../api/types";
import { calendarDay, dayAndClock } from "../../lib/time";
import { identifierKind, twoIdentifiers } from "../../lib/words";
import classes from "./worklist.module.css";

export function PatientRow({ patient, chosen }: { patient: PatientSummary; chosen: boolean }) {
  const row = useRef<HTMLTableRowElement>(null);
  const navigate = useNavigate();
  const to = `/patients/${patient.person_id}`;
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <tr ref={row} aria-selected={chosen} data-chosen={chosen || undefined} onClick={() => void navigate(to)}>
      <th scope="row" className={classes.who}>
        <Link to={to} onClick={(event) => event.stopPropagation()}>
          <strong>{patient.family ?? "No name sent"}</strong>
          {patient.given && <>, {patient.given}</>}
        </Link>
        {patient.deceased && <span className={classes.deceased}>† deceased</span>}
      </th>
      <td className={classes.born}>
        <span>{patient.birth_date ? calendarDay(patient.birth_date) : "birth date not sent"}</span>
        <small>{[patient.age_text, patient.sex].filter(Boolean).join(" · ")}</small>
      </td>
      <td className={classes.ids}>
        {twoIdentifiers(patient.identifiers).map((identifier) => (
          <span key={`${identifier.system}${identifier.value}`}>
            <small title={identifier.label}>{identifierKind(identifier.label)}</small> {identifier.value}
          </span>
        ))}
      </td>
      <td className={classes.ward}>{patient.ward ?? <span className={classes.nothing}>not admitted</span>}</td>
      <td className={classes.problems}><Problems names={patient.problems} /></td>
      <td className={classes.last}>
        {patient.last_time ? <span>{dayAndClock(patient.last_time)}</span> : <span className={classes.nothing}>none</span>}
        <small title={patient.last_label ?? undefined}>{patient.last_label}</small>
      </td>
      <td className={classes.unseen}>
        {patient.unseen > 0 && <span aria-label={`${patient.unseen} new since you last looked`}>{patient.unseen}</span>}
      </td>
    </tr>
  );
}

const SHOWN = 3;

function Problems({ names }: { names: string[] }) {
  const more = names.length - SHOWN;
  return (
    <>
      {names.slice(0, SHOWN).map((name) => <span key={name} title={name}>{name}</span>)}
      {more > 0 && <small>and {more} more</small>}
    </>
  );
}
