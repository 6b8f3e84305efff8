/** The quarantine: records that are kept and cannot be mapped, and mapping them again. */
import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useId, useState } from "react";
import { Link } from "react-router";

import { useReplay, type WaitingKind } from "../../api/ingest";
import { dayAndClock } from "../../lib/time";
import { plural } from "../../lib/signs";
import { Card } from "../../parts/card";
import { Empty, Failed } from "../../parts/states";
import classes from "./ingest.module.css";

export function WaitingCard({ waiting }: { waiting: WaitingKind[] }) {
  const replay = useReplay();
  const total = waiting.reduce((sum, kind) => sum + kind.count, 0);
  const again = (
    <Button size="compact-xs" variant="default" leftSection={<IconRefresh size={14} />} loading={replay.isPending} onClick={() => replay.mutate()}>
      Map again
    </Button>
  );
  return (
    <Card title="Quarantine" count={total} tools={total > 0 ? again : undefined}>
      {replay.isError && <Failed error={replay.error} />}
      {replay.data && <p role="status" className={classes.said}>{plural(replay.data.tried, "record")} tried again, {replay.data.mapped.toLocaleString("en-GB")} mapped now.</p>}
      {total === 0
        ? <Empty>Nothing waits: everything that was kept could be mapped.</Empty>
        : <ul className={classes.kinds}>{waiting.map((kind) => <li key={`${kind.kind} ${kind.reason}`}><Kind kind={kind} /></li>)}</ul>}
    </Card>
  );
}

function Kind({ kind }: { kind: WaitingKind }) {
  const [open, setOpen] = useState(false);
  const body = useId();
  return (
    <>
      <button type="button" className={`plain ${classes.kind}`} aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
        <b>{kind.count.toLocaleString("en-GB")}</b>
        <span><code>{kind.reason}</code> · {kind.kind} · since {dayAndClock(kind.oldest)}</span>
        <span className={classes.sentence}>{kind.sentence}</span>
      </button>
      <div id={body} hidden={!open} className={classes.examples}>
        <table className={classes.table}>
          <thead><tr><th>Source</th><th>Record</th><th>Known at</th></tr></thead>
          <tbody>
            {kind.examples.slice(0, 20).map((one) => (
              <tr key={one.number}>
                <td><code>{one.source_id}</code></td>
                <td><Link to={`/ingest/record?number=${one.number}`}>{one.record ?? "open"}</Link></td>
                <td>{dayAndClock(one.known_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
