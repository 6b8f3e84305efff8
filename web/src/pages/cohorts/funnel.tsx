/** What is left after each line, and who they are. */
import type { Bar, CohortAnswer, Step } from "../../api/cohorts";
import classes from "./answer.module.css";

type GoTo = (line: number) => void;

/** A count as this role sees it: one that is withheld says so. */
export function shown(count: number | null, floor: number): string {
  return count === null ? `under ${floor}` : count.toLocaleString("en-GB");
}

export function Numbers({ answer }: { answer: CohortAnswer }) {
  const { persons, triggers, floor } = answer;
  const first = answer.steps[0]?.persons ?? null;
  const share = first && persons.in_cohort !== null ? `${((100 * persons.in_cohort) / first).toFixed(1)} % of ${shown(first, floor)}` : "";
  return (
    <div className={classes.numbers} role="status">
      <p><b>{shown(persons.in_cohort, floor)}</b><span>patients in</span><small>{share}</small></p>
      <p data-kind="unknown"><b>{shown(persons.unknown, floor)}</b><span>nobody can tell</span><small>{answer.open_lines[0] ? `line ${answer.open_lines[0].line ?? "?"} is open` : "no line is open"}</small></p>
      <p><b>{shown(triggers.in_cohort, floor)}</b><span>times</span><small>{floor > 0 ? "that meet every line" : "one row each in an export"}</small></p>
    </div>
  );
}

export function Funnel({ answer, goTo }: { answer: CohortAnswer; goTo: GoTo }) {
  const most = answer.steps[0]?.persons ?? 0;
  return (
    <ol className={classes.funnel} aria-label="What is left after each line">
      {answer.steps.map((step, at) => (
        <li key={step.at}><StepRow step={step} before={answer.steps[at - 1] ?? null} most={most} floor={answer.floor} goTo={goTo} /></li>
      ))}
    </ol>
  );
}

/** Which releases opened the codes that count with all their kinds. */
export function Releases({ answer }: { answer: CohortAnswer }) {
  if (answer.descendants.length === 0) return null;
  return (
    <ul className={classes.releases} aria-label="Codes with their descendants">
      {answer.descendants.map((each) => (
        <li key={each.code}><b>{each.code}</b> with its descendants: {each.codes.toLocaleString("en-GB")} codes, by {each.releases.join(", ")}</li>
      ))}
    </ul>
  );
}

function StepRow({ step, before, most, floor, goTo }: { step: Step; before: Step | null; most: number; floor: number; goTo: GoTo }) {
  const share = most > 0 && step.persons !== null ? (100 * step.persons) / most : 0;
  const lost = before?.persons != null && step.persons !== null ? before.persons - step.persons : 0;
  const line = step.line;
  return (
    <div className={classes.step} data-last={step.at === "cohort" || undefined}>
      <span className={classes.stepWords}>
        {line !== null && <button type="button" className={`plain ${classes.stepLine}`} title={`Show line ${line}`} onClick={() => goTo(line)}>line {line}</button>}
        <span>{step.says}</span>
      </span>
      <span className={classes.track}><span className={classes.bar} style={{ width: `${share}%` }} /></span>
      <span className={classes.stepCount}>
        <b>{shown(step.persons, floor)}</b>
        <small>{lost > 0 ? `−${lost.toLocaleString("en-GB")}` : ""}</small>
      </span>
    </div>
  );
}

export function Breakdown({ answer }: { answer: CohortAnswer }) {
  const { sex, age, year } = answer.breakdown;
  if (sex.length === 0) return null;
  return (
    <div className={classes.breakdown}>
      <Bars title="Sex" bars={sex} floor={answer.floor} />
      <Bars title="Age at the start" bars={age} floor={answer.floor} />
      <Bars title="Year" bars={year} floor={answer.floor} />
    </div>
  );
}

const SEXES = ["female", "male", "other", "unknown"];

function Bars({ title, bars, floor }: { title: string; bars: Bar[]; floor: number }) {
  const most = Math.max(...bars.map((bar) => bar.total ?? 0), 1);
  return (
    <section className={classes.bars} aria-label={title}>
      <h3>{title}</h3>
      {bars.map((bar) => (
        <div key={bar.name} className={classes.barRow}>
          <span>{bar.name}</span>
          <span className={classes.track} title={SEXES.filter((sex) => bar.by_sex[sex]).map((sex) => `${sex} ${bar.by_sex[sex]}`).join(", ")}>
            {Object.keys(bar.by_sex).length === 0 ? <span className={classes.bar} style={{ width: `${(100 * (bar.total ?? 0)) / most}%` }} /> : SEXES.map((sex) => (
              <span key={sex} className={classes.bar} data-sex={sex} style={{ width: `${(100 * (bar.by_sex[sex] ?? 0)) / most}%` }} />
            ))}
          </span>
          <b>{shown(bar.total, floor)}</b>
        </div>
      ))}
    </section>
  );
}
