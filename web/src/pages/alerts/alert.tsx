/** One alert: its state, its receipt as figures and a small plot, and its next steps. */
import { IconAlertTriangle, IconArchive, IconBell, IconBellOff, IconPencil } from "@tabler/icons-react";
import { Link } from "react-router";

import type { AlertPage, Proportion, TrialShown } from "../../api/alerts";
import { plural } from "../../lib/signs";
import { dayAndClock } from "../../lib/time";
import classes from "./alerts.module.css";
import { Days, Share } from "./plot";
import { Steps } from "./steps";

const STATES = {
  draft: { icon: IconPencil, word: "draft" },
  silent: { icon: IconBellOff, word: "silent" },
  active: { icon: IconBell, word: "active" },
  retired: { icon: IconArchive, word: "retired" },
} as const;

export function AlertCard({ alert }: { alert: AlertPage }) {
  const { icon: Sign, word } = STATES[alert.state];
  return (
    <article className={classes.alert} data-state={alert.state} aria-label={alert.name}>
      <header className={classes.head}>
        <h2>{alert.name.replaceAll("_", " ")}</h2>
        <span className={classes.state} data-state={alert.state}><Sign size={14} stroke={2} aria-hidden="true" />{word}</span>
        <p className={classes.rule}>
          <Link to={`/guides/${alert.guide}`}>{alert.title}</Link> ({alert.edition}) answers <b>{alert.answers.join(", ")}</b>; quiet for {alert.quiet_hours} h after the same answer.
        </p>
      </header>
      {alert.lacks && (
        <p className={classes.lacks} role="status"><IconAlertTriangle size={16} aria-hidden="true" /> Held back: {alert.lacks}. Try it again to let it run.</p>
      )}
      {alert.state === "retired" && <p className={classes.soft}>Retired {dayAndClock(alert.since)}: {alert.why}</p>}
      {alert.trial ? <Receipt alert={alert} trial={alert.trial} /> : <p className={classes.soft}>Not tried yet: nobody knows how often it would speak here, and how often it would be right.</p>}
      <Steps alert={alert} />
      <More alert={alert} />
    </article>
  );
}

function Receipt({ alert, trial }: { alert: AlertPage; trial: TrialShown }) {
  const rate = trial.fires_per_100_patient_days;
  const { judged } = trial;
  return (
    <>
      {!trial.current && <p className={classes.lacks} role="status"><IconAlertTriangle size={16} aria-hidden="true" /> This trial was of another edition of the rule.</p>}
      <div className={classes.figures}>
        <Figure name="fires per 100 patient-days" value={rate === null ? "–" : rate.toFixed(rate < 1 ? 2 : 1)}>
          {trial.fires.toLocaleString("en-GB")} in {plural(trial.patient_days, "patient-day")}
        </Figure>
        <Figure name="patients" value={trial.patients_fired.toLocaleString("en-GB")}>of {trial.patients.toLocaleString("en-GB")} asked</Figure>
        <Figure name="right" value={judged ? percent(judged.ppv) : "–"}>
          {judged ? <><Share found={judged.ppv} name="right" />{judged.title} within {judged.within_hours} h{judged.open > 0 && `; ${judged.open.toLocaleString("en-GB")} open`}</> : "no outcome was given"}
        </Figure>
        <Figure name="overridden" value={percent(alert.overrides.overridden)}>
          {alert.overrides.shown > 0 ? <><Share found={alert.overrides.overridden} name="overridden" />of {plural(alert.overrides.shown, "card")} shown</> : "no card shown yet"}
        </Figure>
      </div>
      {trial.unknown * 2 > trial.moments && (
        <p className={classes.lacks}><IconAlertTriangle size={16} aria-hidden="true" /> At {Math.round((100 * trial.unknown) / trial.moments)} % of the moments it could not tell{trial.missing.length > 0 && <>; most often missing: {trial.missing.slice(0, 3).map((one) => one.name).join(", ")}</>}.</p>
      )}
      {trial.days.length === 0 && <p className={classes.soft}>From {trial.begin.slice(0, 10)} to {trial.end.slice(0, 10)} it would not have spoken once.</p>}
      {trial.days.length > 0 && <Days days={trial.days} begin={trial.begin} end={trial.end} label={`In the trial, ${trial.begin.slice(0, 10)} to ${trial.end.slice(0, 10)}`} />}
      {alert.live.days.length > 0 && (
        <Days days={alert.live.days} begin={alert.live.days[0]?.day ?? ""} end={alert.live.days.at(-1)?.day ?? ""} label={`On new data: ${alert.live.silent} silent, ${alert.live.active} active, about ${plural(alert.live.patients, "patient")}`} />
      )}
    </>
  );
}

function Figure({ name, value, children }: { name: string; value: string; children: React.ReactNode }) {
  return (
    <div className={classes.figure}>
      <span>{name}</span>
      <b>{value}</b>
      <small>{children}</small>
    </div>
  );
}

function percent(found: Proportion): string {
  return found.share === null ? "–" : `${Math.round(100 * found.share)} %`;
}

function More({ alert }: { alert: AlertPage }) {
  const { trial } = alert;
  return (
    <details className={classes.more}>
      <summary>Receipt and history</summary>
      {trial && (
        <dl className={classes.lines}>
          <dt>Trial</dt><dd>{dayAndClock(trial.ran_at)} by {trial.ran_by}, Vitruvian {trial.software}; {plural(alert.trials, "trial")} on record</dd>
          <dt>Edition</dt><dd>{trial.edition}</dd>
          <dt>Lake</dt><dd>state {trial.snapshot}, recorded by {dayAndClock(trial.published_at)}</dd>
          <dt>Asked</dt><dd>at {plural(trial.moments, "moment")} at which something was new; a fact was missing at {trial.unknown.toLocaleString("en-GB")}</dd>
          {trial.missing.length > 0 && <><dt>Missing</dt><dd>{trial.missing.map((one) => `${one.name} at ${one.count.toLocaleString("en-GB")}`).join(", ")}</dd></>}
          <dt>By answer</dt><dd>{trial.answers.map((one) => `${one.name} ${one.count.toLocaleString("en-GB")}`).join(", ") || "none"}</dd>
          <dt>Repeats</dt><dd>{trial.repeats.toLocaleString("en-GB")} held back</dd>
          <dt>From the future</dt><dd>{trial.facts_known_later} of {plural(trial.facts, "fact")} behind the fires were known later</dd>
          {trial.judged && <><dt>First alerts</dt><dd>{interval(trial.judged.first_ppv)} right, one a patient</dd></>}
          {trial.judged && <><dt>Foreseen</dt><dd>{interval(trial.judged.foreseen)} of these outcomes</dd></>}
          {alert.overrides.reasons.length > 0 && <><dt>Overridden</dt><dd>{alert.overrides.reasons.map((one) => `${one.name || "no reason"} ${one.count}`).join(", ")}</dd></>}
        </dl>
      )}
      <ol className={classes.history}>
        {alert.steps.map((step) => (
          <li key={step.at}><b>{step.state}</b> {dayAndClock(step.at)} by {step.by}{step.owner && `, owner ${step.owner}`}{step.why && `: ${step.why}`}</li>
        ))}
      </ol>
    </details>
  );
}

function interval(found: Proportion): string {
  if (found.share === null || found.low === null || found.high === null) return "nothing counted yet,";
  return `${percent(found)} (95 % interval ${Math.round(100 * found.low)} to ${Math.round(100 * found.high)}, ${found.hits} of ${found.of})`;
}
