/** The summary as it goes to paper. Who this is and as of when stand on top of every sheet. */
import type { ReactNode } from "react";

import { useSession } from "../../api/queries";
import type { AllergyPanel, Banner, Fact, LabTable, Medicine, Picture } from "../../api/types";
import { qualifiers, saysNo } from "../../lib/signs";
import { asSent, calendarDay, day, dayAndClock, span, withZone } from "../../lib/time";
import { identifierKind, printedQuantity, printedUnit, twoIdentifiers } from "../../lib/words";
import { nameOf } from "./banner";
import classes from "./print.module.css";

export function Sheet({ picture, words }: { picture: Picture; words: string | null }) {
  const session = useSession().data;
  const { panels } = picture;
  return (
    // A table head is the one thing that browsers repeat on every sheet.
    <table className={classes.sheet} data-testid="summary">
      <thead><tr><td><Head banner={picture.banner} words={words} /></td></tr></thead>
      <tbody>
        <tr>
          <td>
            <Part title="Problems"><Facts facts={panels.problems} empty="None recorded." /></Part>
            <Part title="Allergies"><Allergies panel={panels.allergies} /></Part>
            <Part title="Medicines"><Medicines medicines={panels.medicines} /></Part>
            <Part title="Laboratory, last results"><Labs table={panels.laboratory} /></Part>
            <Part title="Vital signs, last values"><Labs table={panels.vitals} /></Part>
            <Part title="Encounters">
              <ul>{panels.encounters.slice(0, 10).map((one) => <li key={one.encounter_id}>{one.label}<i>{span(one.start, one.end)}</i></li>)}</ul>
            </Part>
            <Part title="Procedures"><Facts facts={panels.procedures} empty="None recorded." /></Part>
            <Part title="Microbiology"><Facts facts={panels.microbiology} empty="None recorded." /></Part>
            <Part title="Genomics"><Facts facts={panels.genomics} empty="None recorded." /></Part>
            <Part title="Immunisations"><Facts facts={panels.immunisations} empty="None recorded." /></Part>
            <Part title="Family and social history"><Facts facts={[...panels.family, ...panels.social]} empty="None recorded." /></Part>
          </td>
        </tr>
      </tbody>
      <tfoot>
        <tr>
          <td className={classes.foot}>
            Vitruvian · printed {withZone(Date.now())}{session && ` by ${session.display_name}`} · snapshot {picture.as_of.snapshot} · {words ?? "as known when printed"} · not a certified medical device
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

function Head({ banner, words }: { banner: Banner; words: string | null }) {
  return (
    <header className={classes.head}>
      {words && <p className={classes.past}>{words} — nothing later is shown</p>}
      <p className={classes.who}>
        <strong>{nameOf(banner)}</strong>
        <span>{banner.sex}</span>
        <span>{banner.age_text}</span>
        <span>born {banner.birth_date ? calendarDay(banner.birth_date) : "on a date not sent"}</span>
        {twoIdentifiers(banner.identifiers).map((one) => <span key={one.label + one.value}>{identifierKind(one.label)} <b>{one.value}</b></span>)}
        {banner.deceased && <b>† deceased {banner.death_time && asSent(banner.death_time, banner.death_time)}</b>}
        {banner.death_conflict && <b>≠ death {banner.death_conflict}</b>}
      </p>
      <p className={classes.items}>
        {banner.items.map((item) => <span key={item.key}>{item.label}: <b>{item.value === null ? (item.absent ?? "unknown") : printedQuantity(item.value)}</b>{item.time && item.value && ` (${day(item.time)})`}</span>)}
      </p>
    </header>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return <section className={classes.part}><h2>{title}</h2>{children}</section>;
}

function Facts({ facts, empty }: { facts: Fact[]; empty: string }) {
  if (facts.length === 0) return <p>{empty}</p>;
  return (
    <ul>
      {facts.map((fact) => (
        <li key={fact.event_id}>
          {fact.negated && !saysNo(fact.label) && <b>NOT </b>}{fact.label}{fact.value !== null && ":"} {fact.comparator}{fact.value && printedQuantity(fact.value)} {printedUnit(fact.unit)} {fact.interpretation && fact.interpretation !== "N" && `[${fact.interpretation}]`}
          {fact.conflict && ` (sources disagree: ${fact.conflict.answers.join(" / ")})`}
          <i>{[...qualifiers(fact).map((one) => one.word), asSent(fact.time, fact.time_as_sent)].filter(Boolean).join(", ")}</i>
        </li>
      ))}
    </ul>
  );
}

function Allergies({ panel }: { panel: AllergyPanel }) {
  if (panel.answer === "not-asked") return <p><b>Not asked:</b> nothing says that anybody asked. This is not “no allergies”.</p>;
  if (panel.answer === "none-known") return <p><b>No known allergies</b> (somebody asked).</p>;
  return <Facts facts={panel.facts} empty="" />;
}

function Medicines({ medicines }: { medicines: Medicine[] }) {
  if (medicines.length === 0) return <p>None recorded.</p>;
  return (
    <ul>
      {medicines.map((one) => (
        <li key={one.code + one.label}>
          {one.label} {one.dose_text}
          <i>
            {[
              one.current === "unknown" ? "unclear if current" : one.current,
              one.last_given?.time && `last given ${dayAndClock(one.last_given.time)}`, one.stopped && `stopped ${day(one.stopped)}`,
            ].filter(Boolean).join(", ")}
          </i>
        </li>
      ))}
    </ul>
  );
}

const LAST = 5;

/** The newest few of each analyte, each with its own date: a grid would not fit on paper. */
function Labs({ table }: { table: LabTable }) {
  if (table.rows.length === 0) return <p>None recorded.</p>;
  return (
    <table className={classes.labs}>
      <tbody>
        {table.rows.map((row, index) => (
          <tr key={row.code + String(index)}>
            <th scope="row">{row.label}</th>
            <td>{printedUnit(row.unit)}</td>
            <td>{row.range_text ?? "no range sent"}</td>
            {[...row.cells].sort((a, b) => a.column - b.column).slice(0, LAST).map((cell) => (
              <td key={cell.event_id}><b>{cell.value}</b> {cell.interpretation && cell.interpretation !== "N" && `[${cell.interpretation}]`}{cell.status !== "final" && ` ${cell.status}`}<i>{day(cell.time)}</i></td>
            ))}
            {row.cells.length < LAST && <td colSpan={LAST - row.cells.length} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
