/** Who looked and why; what I agreed to; which studies; what left. */
import type { Agreed, Look, UseOfMyRecord } from "../../api/my_record";
import { calendarDay, clock, day, dayAndClock } from "../../lib/time";
import { Chip } from "../../parts/fact";
import { Empty } from "../../parts/states";
import classes from "./my_record.module.css";

const DID: Record<Look["kind"], string> = {
  looked: "looked",
  wrote: "wrote into it",
  "took-out": "took data out",
  refused: "tried and was refused",
  emergency: "opened it in an emergency",
  reviewed: "reviewed or released something",
};

export function Looks({ use }: { use: UseOfMyRecord }) {
  if (use.looks.length === 0) return <Empty>Nobody has looked at this record.</Empty>;
  return (
    <>
      <p className={classes.about}>Every look leaves a trace that cannot be taken away. Looks of one person on one day stand together.</p>
      <table className={classes.table}>
        <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">Why</th></tr></thead>
        <tbody>
          {use.looks.map((look, index) => (
            <tr key={index} data-strong={look.kind === "emergency" || look.kind === "refused" || undefined}>
              <td data-label="When">{day(look.first)}<small>{times(look)}</small></td>
              <td data-label="Who">{look.who}{!look.own && <small>{look.role}</small>}</td>
              <td data-label="Did">{DID[look.kind]}{look.times > 1 && <small>{look.times} times</small>}</td>
              <td data-label="Why">{look.why}{look.reason && <small>“{look.reason}”</small>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {use.earlier > 0 && <p className={classes.note}>{use.earlier} earlier entries are not listed here; ask the hospital for all of them.</p>}
    </>
  );
}

function times(look: Look): string {
  return look.times === 1 || clock(look.first) === clock(look.last) ? clock(look.first) : `${clock(look.first)} to ${clock(look.last)}`;
}

const ANSWER: Record<Agreed["answer"], { words: string; tone: "good" | "bad" | "plain" | "warn" }> = {
  allowed: { words: "You agreed", tone: "good" },
  refused: { words: "You refused", tone: "bad" },
  "not-asked": { words: "You have not said", tone: "plain" },
  unreadable: { words: "Cannot be read", tone: "warn" },
  "no-consent-needed": { words: "No consent needed", tone: "plain" },
};

export function AgreedTo({ use }: { use: UseOfMyRecord }) {
  return (
    <>
      <ul className={classes.agreed}>
        {use.agreed.map((one) => (
          <li key={one.purpose}>
            <h2>{one.title} <Chip tone={ANSWER[one.answer].tone}>{ANSWER[one.answer].words}</Chip></h2>
            <p>{one.words}</p>
            <p className={classes.note}>{one.basis}</p>
          </li>
        ))}
      </ul>
      <h2 className={classes.sub}>Studies</h2>
      {use.studies.length === 0 && <Empty>You are in no study of this hospital.</Empty>}
      <ul className={classes.agreed}>
        {use.studies.map((one) => (
          <li key={one.study}>
            <h2>{one.title ?? one.study}</h2>
            <p className={classes.note}>{one.start ? `since ${calendarDay(one.start)}` : "since when is not recorded"}{one.end && `, until ${calendarDay(one.end)}`}</p>
          </li>
        ))}
      </ul>
      <p className={classes.about}>To change what you agreed to, tell the hospital where you are treated. A withdrawal holds from the next look on.</p>
    </>
  );
}

export function LeftTo({ use }: { use: UseOfMyRecord }) {
  if (use.left.length === 0) return <Empty>Nothing has left this hospital's records by an export or a release.</Empty>;
  return (
    <>
      <p className={classes.about}>What left cannot be called back. Where an export was of many patients at once, it may hold your data or not.</p>
      <table className={classes.table}>
        <thead><tr><th scope="col">When</th><th scope="col">Taken by</th><th scope="col">What for</th><th scope="col">Your data</th></tr></thead>
        <tbody>
          {use.left.map((one, index) => (
            <tr key={index}>
              <td data-label="When">{dayAndClock(one.at)}</td>
              <td data-label="Taken by">{one.who}</td>
              <td data-label="What for">{one.why}</td>
              <td data-label="Your data">{one.certain ? "were in it" : "may be in it"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
