/** Whose record is open in the other system that opened this session; louder when another one is shown here. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconExternalLink } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link, useLocation } from "react-router";

import { useContextPatient, useLeaveContext, type PatientInContext } from "../api/launch";
import { calendarDay } from "../lib/time";
import { identifierKind, twoIdentifiers } from "../lib/words";
import classes from "./context_bar.module.css";

/** The person of the page, where it is one of a patient's. */
function usePersonShown(): string | null {
  return /^\/patients\/(\d+)/.exec(useLocation().pathname)?.[1] ?? null;
}

export function ContextBar() {
  const { data: context } = useContextPatient();
  useEffect(() => {
    // What stays in sight below the header makes room for the bar.
    document.documentElement.toggleAttribute("data-context", Boolean(context));
    return () => document.documentElement.removeAttribute("data-context");
  }, [context]);
  return context ? <Bar context={context} /> : null;
}

function Bar({ context }: { context: PatientInContext }) {
  const shown = usePersonShown();
  const leave = useLeaveContext();
  const other = shown !== null && shown !== context.person_id;
  const Icon = other ? IconAlertTriangle : IconExternalLink;
  return (
    <aside className={classes.bar} data-other={other || undefined} data-print="no" aria-label={`Patient open in ${context.ehr}`} role={other ? "alert" : undefined}>
      <Icon size={16} stroke={1.8} aria-hidden="true" className={classes.icon ?? ""} />
      <p className={classes.words}>
        <span className={classes.line}>
          {other ? <strong>Not the patient open in {context.ehr}. </strong> : `Opened from ${context.ehr}: `}
        </span>
        <span className={classes.line}>
          {other && "Open there: "}<Who context={context} />
        </span>
      </p>
      {shown !== context.person_id && (
        <Button component={Link} to={`/patients/${context.person_id}`} size="compact-xs" variant={other ? "filled" : "default"} color={other ? "dark" : "gray"} className={classes.button ?? ""}>
          Go to the patient
        </Button>
      )}
      {shown === null && (
        <Button size="compact-xs" variant="subtle" color="gray" className={classes.button ?? ""} loading={leave.isPending} onClick={() => leave.mutate()}>
          Leave
        </Button>
      )}
    </aside>
  );
}

function Who({ context }: { context: PatientInContext }) {
  if (!context.known) return <b>a record that is closed to you</b>;
  const named = [context.family, context.given].filter(Boolean).join(", ") || "No name sent";
  const number = twoIdentifiers(context.identifiers)[0];
  const since = context.encounter?.start_time;
  const rest = [
    context.birth_date ? `born ${calendarDay(context.birth_date)}` : null,
    number ? `${identifierKind(number.label)} ${number.value}` : null,
    context.encounter ? [context.encounter.kind ?? "encounter", since ? `since ${calendarDay(since.slice(0, 10))}` : null].filter(Boolean).join(" ") : null,
  ];
  return <><b>{named}</b>{rest.filter(Boolean).map((one) => <span key={one} className={classes.more}> · {one}</span>)}</>;
}
