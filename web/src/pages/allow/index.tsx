/** An app of somebody else asks for access: what it wants, for which patient, and yes or no. */
import { Alert, Button } from "@mantine/core";
import { IconAlertCircle, IconCheck } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useLocation } from "react-router";

import { useAppQuestion, useDecision, type AppQuestion } from "../../api/apps";
import { usePicture, useSession } from "../../api/queries";
import { NOW } from "../../api/client";
import { Failed, Loading } from "../../parts/states";
import { Door } from "../sign_in/door";
import classes from "./allow.module.css";
import { Chooser } from "./chooser";

export function AllowPage() {
  const query = useLocation().search.slice(1);
  const asked = useAppQuestion(query);
  useEffect(() => { document.title = "An app asks for access · Vitruvian"; }, []);
  if (asked.isPending) return <Door title="An app asks for access"><Loading lines={5} /></Door>;
  if (asked.isError) return <Door title="An app asks for access"><Failed error={asked.error} /></Door>;
  return (
    <Door title={`${asked.data.title} asks for access`}>
      <Ask query={query} asked={asked.data} />
    </Door>
  );
}

function Ask({ query, asked }: { query: string; asked: AppQuestion }) {
  const session = useSession().data;
  const decision = useDecision(query);
  const [chosen, setChosen] = useState<string | null>(null);
  const person = asked.person_id ?? chosen;
  const decide = (allow: boolean) => decision.mutate({ allow, person_id: allow ? person : null });
  const leaving = decision.isPending || decision.isSuccess;
  return (
    <div className={classes.ask}>
      <p className={classes.who}>
        In your name, <strong>{session?.display_name ?? "…"}</strong>, it would be able to:
      </p>
      <ul className={classes.may}>
        {asked.may.map((one) => (
          <li key={one}><IconCheck size={16} aria-hidden="true" /> {one}</li>
        ))}
      </ul>
      {asked.person_id && <InContext person={asked.person_id} />}
      {asked.wants_patient && !asked.person_id && <Chooser chosen={chosen} choose={setChosen} />}
      <p className={classes.small}>
        It never sees more than you may see yourself. Access lasts {asked.stays}.
        The answer goes to <strong>{asked.answer_goes_to}</strong>.
      </p>
      {decision.isError && (
        <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} title={decision.error.title}>
          {decision.error.message}
        </Alert>
      )}
      <div className={classes.buttons}>
        <Button variant="default" size="md" disabled={leaving} onClick={() => decide(false)}>Do not allow</Button>
        <Button size="md" loading={leaving} disabled={asked.wants_patient && !person} onClick={() => decide(true)}>Allow</Button>
      </div>
      {asked.wants_patient && !person && <p className={classes.hint}>Choose a patient to allow it.</p>}
    </div>
  );
}

/** The patient the app was opened with; nobody can change them here. */
function InContext({ person }: { person: string }) {
  const found = usePicture(person, NOW);
  if (found.isError) return <Failed error={found.error} />;
  const banner = found.data?.banner;
  return (
    <p className={classes.context}>
      <small>For this patient</small>
      <strong>{banner ? [banner.family ?? "No name sent", banner.given].filter(Boolean).join(", ") : "…"}</strong>
    </p>
  );
}
