/** Two records side by side: each field with what both say, and how much that says. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconArrowsSplit2, IconCheck, IconHelp, IconLink } from "@tabler/icons-react";
import { Link } from "react-router";

import type { ComparedField, PairAnswer, PairRecord, SideBySide } from "../../api/identity";
import { dayAndClock } from "../../lib/time";
import { identifierKind } from "../../lib/words";
import classes from "./identity.module.css";
import { percent } from "./pairs";

const AGREEMENT = {
  same: { sign: "=", words: "the same" },
  near: { sign: "≈", words: "alike" },
  different: { sign: "≠", words: "different" },
  missing: { sign: "·", words: "not compared" },
};
const SAID = { same: "one person", different: "two people", unknown: "not known" };

interface SidesProps {
  pair: SideBySide;
  judge: (answer: PairAnswer) => void;
  busy: boolean;
  failed: string | null;
}

export function Sides({ pair, judge, busy, failed }: SidesProps) {
  return (
    <article className={classes.sides} aria-label="Two records side by side">
      <p className={classes.verdict}>
        {pair.held ? <b>Alike, and likely two people</b> : <><b>{percent(pair.probability)}</b> likely one person</>}
        {pair.linked && <span data-kind="linked"><IconLink size={14} aria-hidden="true" /> linked now</span>}
        {pair.held && <span data-kind="held"><IconAlertTriangle size={14} aria-hidden="true" /> {pair.held}</span>}
      </p>
      {pair.answer && (
        <p className={classes.said}>
          {pair.who} said <b>{SAID[pair.answer as PairAnswer]}</b>{pair.decided_at && ` on ${dayAndClock(pair.decided_at)}`}
        </p>
      )}
      <table className={classes.table}>
        <thead>
          <tr><th scope="col">Field</th><th scope="col">One record</th><th scope="col"><span className="visually-hidden">Agreement</span></th><th scope="col">Other record</th><th scope="col" className={classes.bits} title="log2 of how much likelier this is for one person than for two">Bits</th></tr>
        </thead>
        <tbody>
          {pair.fields.map((field) => <Row key={`${field.field}-${field.words}`} field={field} />)}
        </tbody>
        <tbody className={classes.amount}>
          <Plain words="Record" left={<Opens record={pair.left} />} right={<Opens record={pair.right} />} />
          <Plain words="Site" left={pair.left.site} right={pair.right.site} />
          <Plain words="How much" left={amount(pair.left)} right={amount(pair.right)} />
          <Plain words="First seen" left={when(pair.left.first_time)} right={when(pair.right.first_time)} />
          <Plain words="Last seen" left={when(pair.left.last_time)} right={when(pair.right.last_time)} />
        </tbody>
      </table>
      <div className={classes.buttons}>
        <Button disabled={busy} onClick={() => judge("same")} leftSection={<IconCheck size={17} />} rightSection={<kbd>S</kbd>}>One person</Button>
        <Button disabled={busy} variant="default" onClick={() => judge("different")} leftSection={<IconArrowsSplit2 size={17} />} rightSection={<kbd>D</kbd>}>Two people</Button>
        <Button disabled={busy} variant="default" onClick={() => judge("unknown")} leftSection={<IconHelp size={17} />} rightSection={<kbd>U</kbd>}>Not known</Button>
      </div>
      {failed && <p role="alert" className={classes.failed}>{failed}</p>}
      <p className={classes.keys}><kbd>J</kbd> <kbd>K</kbd> next, back. A verdict is kept with your name; another one takes it back.</p>
    </article>
  );
}

function Row({ field }: { field: ComparedField }) {
  const told = AGREEMENT[field.agreement];
  return (
    <tr data-agreement={field.agreement}>
      <th scope="row">{identifierKind(field.words)}</th>
      <td>{field.left || <i>not said</i>}</td>
      <td className={classes.mark} title={field.level ?? told.words}><span aria-hidden="true">{told.sign}</span><span className="visually-hidden">{field.level ?? told.words}</span></td>
      <td>{field.right || <i>not said</i>}</td>
      <td className={classes.bits}>{field.weight === null || field.weight === undefined ? "" : signed(field.weight)}</td>
    </tr>
  );
}

function Plain({ words, left, right }: { words: string; left: React.ReactNode; right: React.ReactNode }) {
  return <tr><th scope="row">{words}</th><td>{left}</td><td className={classes.mark} /><td>{right}</td><td className={classes.bits} /></tr>;
}

function Opens({ record }: { record: PairRecord }) {
  return <Link to={`/patients/${record.person_id}`}>open the patient</Link>;
}

function amount(record: PairRecord): string {
  return `${record.visits.toLocaleString("en-GB")} visits, ${record.facts.toLocaleString("en-GB")} facts`;
}

function when(time: string | null | undefined): string {
  return time ? dayAndClock(time) : "never";
}

function signed(weight: number): string {
  return `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(1)}`;
}
