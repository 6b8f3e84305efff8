/** The page of what comes in: feeds, throughput, problems, the quarantine, the latest sources. */
import { useEffect } from "react";
import { Link } from "react-router";

import { useArrivals, type Arrival, type Arrivals, type Feed } from "../../api/ingest";
import { dayAndClock } from "../../lib/time";
import { Card } from "../../parts/card";
import { Shell } from "../../parts/shell";
import { Empty, Failed, Loading } from "../../parts/states";
import classes from "./ingest.module.css";
import { ProblemsCard } from "./problems";
import { ThroughputCard } from "./throughput";
import { WaitingCard } from "./waiting";
import { bytes, count } from "./words";

export function IngestPage() {
  const found = useArrivals();
  useEffect(() => { document.title = "What comes in · Vitruvian"; }, []);
  return (
    <Shell>
      <div className={classes.page}>
        <div className={classes.top}>
          <h1>What comes in</h1>
          <p>Feeds and files, what was wrong with them, and what waits. Nothing of a patient stands here. <Link to="/ingest/record">What did a record become?</Link></p>
        </div>
        {found.isPending && <Loading lines={8} label="Loading what came in" />}
        {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {found.data && <Body told={found.data} />}
      </div>
    </Shell>
  );
}

function Body({ told }: { told: Arrivals }) {
  if (told.feeds.length === 0) return <Empty>Nothing has come in yet. Load files with <code>vitruvian ingest</code>, or listen to a feed with <code>vitruvian listen</code>.</Empty>;
  return (
    <div className={classes.body}>
      <Card title="Feeds" count={told.feeds.length}><Feeds feeds={told.feeds} /></Card>
      <div className={classes.two}>
        <ProblemsCard problems={told.problems} />
        <WaitingCard waiting={told.waiting} />
      </div>
      <ThroughputCard hours={told.throughput} />
      <Card title="Latest sources" count={`newest ${told.latest.length}`}><Latest latest={told.latest} /></Card>
    </div>
  );
}

function Feeds({ feeds }: { feeds: Feed[] }) {
  return (
    <div className={classes.wide} tabIndex={0} role="region" aria-label="Feeds, table">
      <table className={classes.table}>
        <thead>
          <tr><th>Format</th><th>Hospital</th><th>Last arrival</th><th>Sources</th><th>Offered</th><th>Loaded</th><th>Known already</th><th>Rejected</th><th>Sources refused</th><th>Size</th></tr>
        </thead>
        <tbody>
          {feeds.map((feed) => (
            <tr key={`${feed.site} ${feed.adapter}`}>
              <th scope="row">{feed.adapter ?? "written here"}</th>
              <td>{feed.site}</td>
              <td>{dayAndClock(feed.last_arrival)}</td>
              <td>{count(feed.sources)}</td>
              <td>{count(feed.offered)}</td>
              <td>{count(feed.loaded)}</td>
              <td>{count(feed.skipped)}</td>
              <td data-bad={(feed.rejected ?? 0) > 0 || undefined}>{count(feed.rejected)}</td>
              <td data-bad={feed.refused > 0 || undefined}>{count(feed.refused)}</td>
              <td>{bytes(feed.byte_count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Latest({ latest }: { latest: Arrival[] }) {
  return (
    <div className={classes.wide} tabIndex={0} role="region" aria-label="Latest sources, table">
      <table className={classes.table}>
        <thead>
          <tr><th>Source</th><th>Format</th><th>Received</th><th>Outcome</th><th>Offered</th><th>Loaded</th><th>Known already</th><th>Rejected</th><th>Problems</th><th>Size</th></tr>
        </thead>
        <tbody>
          {latest.map((one, number) => (
            <tr key={number}>
              <th scope="row"><code>{one.source_id}</code></th>
              <td>{one.adapter ?? "written here"}</td>
              <td>{dayAndClock(one.received_at)}</td>
              <td data-bad={one.outcome !== "loaded" || undefined}>{one.outcome ?? "–"}</td>
              <td>{count(one.offered)}</td>
              <td>{count(one.loaded)}</td>
              <td>{count(one.skipped)}</td>
              <td>{count(one.rejected)}</td>
              <td data-bad={one.problem_count > 0 || undefined}>{count(one.problem_count)}</td>
              <td>{bytes(one.byte_count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
