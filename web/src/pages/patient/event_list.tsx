import type { TimelinePoint } from "../../api/types";
import { isStruck } from "../../lib/signs";
import { dayAndClock } from "../../lib/time";
import { PointChips } from "./point_chips";
import classes from "./drawers.module.css";
import { useFrame } from "./frame";

/** Events that stand too close together on the timeline to be told apart there. */
export function EventList({ points }: { points: TimelinePoint[] }) {
  const { open } = useFrame();
  return (
    <ul className={classes.events}>
      {points.map((point) => (
        <li key={point.event_id}>
          <button type="button" className={`plain ${classes.event}`} data-crossed={isStruck(point) || undefined} onClick={() => open({ kind: "source", event: point.event_id })}>
            <span><b>{point.label}</b> {point.value} <PointChips point={point} /></span>
            <time dateTime={point.time}>{dayAndClock(point.time)}</time>
          </button>
        </li>
      ))}
    </ul>
  );
}
