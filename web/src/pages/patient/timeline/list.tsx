import type { Timeline } from "../../../api/types";
import { LANES } from "../../../lib/lanes";
import { isStruck, plural } from "../../../lib/signs";
import { dayAndClock } from "../../../lib/time";
import { Empty } from "../../../parts/states";
import { useFrame } from "../frame";
import { PointChips } from "../point_chips";
import classes from "./timeline.module.css";
import type { View } from "./view";

const MOST = 300;

/** The same stretch as a table, for whoever reads better than looks. */
export function TimelineList({ timeline, view }: { timeline: Timeline; view: View }) {
  const { open } = useFrame();
  const inSight = (at: string, until: string | null, ongoing = false) =>
    Date.parse(at) <= view.end && (ongoing || Date.parse(until ?? at) >= view.start);
  const rows = timeline.lanes
    .flatMap((lane) => lane.points.filter((point) => inSight(point.time, point.end_time, point.ongoing)).map((point) => ({ lane: lane.lane, point })))
    .sort((a, b) => Date.parse(b.point.time) - Date.parse(a.point.time));
  const counted = timeline.lanes.reduce((sum, lane) => sum + lane.bins.filter((bin) => inSight(bin.start, bin.end)).reduce((all, bin) => all + bin.count, 0), 0);
  if (rows.length === 0 && counted === 0) return <Empty>Nothing happened in this stretch.</Empty>;
  return (
    <div className={classes.list} tabIndex={0} role="region" aria-label="Events in sight">
      {counted > 0 && <Empty>{plural(counted, "event")} stand too close to be listed. Look at a shorter stretch.</Empty>}
      {rows.length > MOST && <Empty>The newest {MOST} of {rows.length} are listed.</Empty>}
      <table>
        <thead><tr><th scope="col">Time</th><th scope="col">Kind</th><th scope="col">Event</th></tr></thead>
        <tbody>
          {rows.slice(0, MOST).map(({ lane, point }) => (
            <tr key={point.event_id}>
              <td>{dayAndClock(point.time)}</td>
              <td>{LANES[lane].label}</td>
              <td data-crossed={isStruck(point) || undefined}>
                <button type="button" className="plain" onClick={() => open({ kind: "source", event: point.event_id })}><b>{point.label}</b> {point.value}</button> <PointChips point={point} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
