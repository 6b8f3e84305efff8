/** Rows of the audit, newest first: a table where there is room, one card a row where there is not. */
import { Tooltip } from "@mantine/core";

import type { AuditLine } from "../../api/audit";
import { clock, day } from "../../lib/time";
import { Chip } from "../../parts/fact";
import classes from "./audit.module.css";
import { count, done, FLAGS, PURPOSES } from "./words";

interface Props {
  rows: AuditLine[];
  /** Search for this account, or this patient, at once. */
  account: (who: string) => void;
  person: (number: string) => void;
}

export function Rows({ rows, account, person }: Props) {
  return (
    <table className={classes.table}>
      <thead>
        <tr><th>When</th><th>Who</th><th>Did</th><th>Patient</th><th>Why</th><th>To ask about</th></tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.row} data-flagged={row.flags.length > 0 || undefined}>
            <td className={classes.when} title={`row ${row.row}`}><time dateTime={row.at}>{day(row.at)}<span> {clock(row.at)}</span></time></td>
            <td>
              <button type="button" className={classes.pick} onClick={() => account(row.who)} aria-label={`Only rows of ${row.who}`}>{row.name ?? row.who}</button>
              <small>{row.name ? `${row.who} · ` : ""}{row.role}</small>
            </td>
            <td data-refused={row.outcome === "refused" || undefined}>{done(row)}{row.of && <small>{row.of}</small>}</td>
            <td><Patients row={row} person={person} /></td>
            <td>
              {PURPOSES[row.purpose]}
              {row.project && <small>project {row.project}</small>}
              {row.app && <small>through the app {row.app}</small>}
              {row.reason && <small className={classes.reason}>“{row.reason}”</small>}
            </td>
            <td className={classes.flags}>
              {row.flags.map((flag) => (
                <Tooltip key={flag} label={FLAGS[flag].why} events={{ hover: true, focus: true, touch: true }}>
                  <span tabIndex={0} role="note" aria-label={`${FLAGS[flag].words}: ${FLAGS[flag].why}`}><Chip tone="warn">{FLAGS[flag].words}</Chip></span>
                </Tooltip>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Patients({ row, person }: { row: AuditLine; person: (number: string) => void }) {
  if (row.patients === 0) return <span className={classes.none}>none</span>;
  const more = row.patients - row.persons.length;
  return (
    <>
      {row.persons.map((one) => (
        <button key={one} type="button" className={`${classes.pick} ${classes.number}`} onClick={() => person(one)} aria-label={`Only rows about patient ${one}`}>{one}</button>
      ))}
      {more > 0 && <small>and {count(more, "other", "others")}</small>}
    </>
  );
}
