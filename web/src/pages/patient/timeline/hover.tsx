import { dayAndClock } from "../../../lib/time";
import { plural } from "../../../lib/signs";
import { PointChips } from "../point_chips";
import type { Hit } from "./layout";
import classes from "./timeline.module.css";

const SHOWN = 6;

/** What is under the pointer, in words. */
export function HoverCard({ hit, x, y, width }: { hit: Hit; x: number; y: number; width: number }) {
  const right = x > width / 2;
  const style = { top: y + 14, ...(right ? { right: width - x + 8 } : { left: x + 12 }) };
  return (
    <div className={classes.hover} style={style} role="presentation">
      {hit.kind === "bin" ? <BinWords hit={hit} /> : <SignWords hit={hit} />}
    </div>
  );
}

function BinWords({ hit }: { hit: Extract<Hit, { kind: "bin" }> }) {
  const { bin } = hit.bin;
  return (
    <>
      <b>{plural(bin.count, "event")}</b>{bin.abnormal > 0 && <span>{plural(bin.abnormal, "abnormal", "abnormal")}</span>}
      <span>mostly {bin.top_label}</span>
      <span className={classes.soft}>{dayAndClock(bin.start)} – {dayAndClock(bin.end)}</span>
      <span className={classes.soft}>Press to look closer</span>
    </>
  );
}

function SignWords({ hit }: { hit: Exclude<Hit, { kind: "bin" }> }) {
  const { points } = hit.sign;
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return null;
  return (
    <>
      {points.slice(0, SHOWN).map((point) => (
        <span key={point.event_id}><b>{point.label}</b> {point.value} <PointChips point={point} /></span>
      ))}
      {points.length > SHOWN && <span>and {points.length - SHOWN} more</span>}
      <span className={classes.soft}>
        {dayAndClock(first.time)}
        {first.end_time && points.length === 1 && ` – ${dayAndClock(first.end_time)}`}
        {first.ongoing && points.length === 1 && ", still going on"}
        {last !== first && last.time !== first.time && ` – ${dayAndClock(last.time)}`}
      </span>
      <span className={classes.soft}>{points.length === 1 ? "Press for the source" : "Press for the list"}</span>
    </>
  );
}
