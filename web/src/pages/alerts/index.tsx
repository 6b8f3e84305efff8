/** Alerts of the house: what each would have done, what it does, and who answers for it. */
import { Button } from "@mantine/core";
import { IconBellPlus } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useAlerts, type AlertPage } from "../../api/alerts";
import { plural } from "../../lib/signs";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import { AlertCard } from "./alert";
import classes from "./alerts.module.css";
import { Draft } from "./draft";

export function AlertsPage() {
  const found = useAlerts();
  const [drafting, setDrafting] = useState(false);
  useEffect(() => { document.title = "Alerts · Vitruvian"; }, []);
  return (
    <Shell>
      <div className={classes.page}>
        <div className={classes.top}>
          <h1>Alerts</h1>
          <p role="status">{found.data && summary(found.data)}</p>
          {found.data && (
            <Button size="xs" variant="default" leftSection={<IconBellPlus size={16} />} onClick={() => setDrafting(!drafting)} aria-expanded={drafting}>
              New alert
            </Button>
          )}
        </div>
        {drafting && <Draft done={() => setDrafting(false)} />}
        {found.isPending && <div className={classes.alert}><Loading lines={7} label="Loading the alerts" /></div>}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data?.length === 0 && !drafting && (
          <div className={classes.alert}>
            <Empty>No alert yet. An alert is a guideline that speaks up by itself. It is drafted, tried silently over this hospital's own history, and only then, with an owner, may it interrupt.</Empty>
          </div>
        )}
        {found.data?.map((alert) => <AlertCard key={alert.name} alert={alert} />)}
      </div>
    </Shell>
  );
}

function summary(alerts: AlertPage[]): string {
  const speaking = alerts.filter((alert) => alert.speaks).length;
  const silent = alerts.filter((alert) => alert.state === "silent").length;
  const held = alerts.filter((alert) => alert.lacks).length;
  return [`${plural(speaking, "alert")} may interrupt`, silent ? `${silent} run silently` : "", held ? `${held} held back` : ""].filter(Boolean).join(" · ");
}
