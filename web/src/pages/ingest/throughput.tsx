/** Records loaded hour by hour, as bars; the same as a table for those who do not see them. */
import type { Throughput } from "../../api/ingest";
import { dayAndClock } from "../../lib/time";
import { Card } from "../../parts/card";
import { Empty } from "../../parts/states";
import classes from "./ingest.module.css";
import { bytes, count } from "./words";

interface Hour { start: string; loaded: number; size: number; formats: string[] }

function hoursOf(rows: Throughput[]): Hour[] {
  const found = new Map<string, Hour>();
  for (const row of rows) {
    const hour = found.get(row.start) ?? { start: row.start, loaded: 0, size: 0, formats: [] };
    hour.loaded += row.loaded;
    hour.size += row.byte_count;
    hour.formats.push(`${row.adapter ?? "written here"} ${row.loaded.toLocaleString("en-GB")}`);
    found.set(row.start, hour);
  }
  return [...found.values()];
}

const SHOWN = 72;

export function ThroughputCard({ hours: rows }: { hours: Throughput[] }) {
  const hours = hoursOf(rows).slice(-SHOWN);
  const most = Math.max(1, ...hours.map((hour) => hour.loaded));
  return (
    <Card title="Throughput" count={hours.length > 0 ? hours.length === 1 ? "1 hour with arrivals" : `${hours.length} hours with arrivals` : undefined}>
      {hours.length === 0 && <Empty>No hour with arrivals.</Empty>}
      {hours.length > 0 && (
        <>
          <div className={classes.bars} role="img" aria-label={`Records loaded an hour, at most ${count(most)}. The table below tells each hour.`}>
            {hours.map((hour) => (
              <div key={hour.start} title={`${dayAndClock(hour.start)}: ${count(hour.loaded)} records, ${bytes(hour.size)} (${hour.formats.join(", ")})`}>
                <span style={{ height: `${Math.max(2, (hour.loaded / most) * 100)}%` }} />
              </div>
            ))}
          </div>
          <details className={classes.hours}>
            <summary>Hour by hour, at most {count(most)} records</summary>
            <table className={classes.table}>
              <thead><tr><th>Hour from</th><th>Records loaded</th><th>Size</th><th>Of these</th></tr></thead>
              <tbody>
                {hours.toReversed().map((hour) => (
                  <tr key={hour.start}><td>{dayAndClock(hour.start)}</td><td>{count(hour.loaded)}</td><td>{bytes(hour.size)}</td><td>{hour.formats.join(", ")}</td></tr>
                ))}
              </tbody>
            </table>
          </details>
        </>
      )}
    </Card>
  );
}
