/** What is known of the recording: device, bed, clock, state, and where it comes from. */
import type { BedStay, Recording } from "../../../api/signals";
import { span } from "../../../lib/time";
import { useFrame } from "../frame";
import type { View } from "../timeline/view";
import type { Group, Picked } from "./groups";
import classes from "./signals.module.css";

interface StoryProps { group: Group; picked: Picked[]; stays: BedStay[]; view: View }

export function Story({ group, picked, stays, view }: StoryProps) {
  const shown = group.recordings.filter((one) => picked.some((each) => each.recording.recording_id === one.recording_id));
  return (
    <div className={classes.story}>
      <dl>
        <div><dt>Bed</dt><dd>{group.dated ? bedWords(stays, view) : "cannot be told: the recording has no date"}</dd></div>
        <div><dt>Clock</dt><dd>{clockWords(group)}</dd></div>
        <div><dt>State</dt><dd>raw, as the device gave it; nobody has validated it</dd></div>
      </dl>
      <ul>{shown.map((one) => <li key={one.recording_id}><Birth recording={one} /></li>)}</ul>
    </div>
  );
}

function Birth({ recording }: { recording: Recording }) {
  const { open } = useFrame();
  const event = recording.event_id;
  return (
    <>
      <b>{recording.recording}</b>{" · "}
      {recording.device ?? "device not told"}{" · "}{recording.site}{" · "}
      {event
        ? <button type="button" className={`plain ${classes.birth}`} onClick={() => open({ kind: "source", event })}>source {recording.source_id}</button>
        : <>source {recording.source_id}</>}
    </>
  );
}

function bedWords(stays: BedStay[], view: View): string {
  const here = stays.filter((stay) => stay.start && Date.parse(stay.start) < view.end && (stay.end === null || Date.parse(stay.end) > view.start));
  if (here.length === 0) return "none on record for this time";
  return here.map((stay) => `${stay.location} (${span(stay.start ?? null, stay.end ?? null)})`).join("; ");
}

function clockWords(group: Group): string {
  if (!group.dated) return "counts from the recording's beginning; its source tells no date";
  return group.recordings.some((one) => one.zone_assumed)
    ? "the recording names no time zone and none was declared: read as UTC, shown in yours"
    : "of the recording, shown in your time zone";
}
