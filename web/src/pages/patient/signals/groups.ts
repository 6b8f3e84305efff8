/** Recordings that ran at the same time stand on one clock. */
import { channelKey, type Recording, type SignalChannel } from "../../../api/signals";
import { day, clock } from "../../../lib/time";
import { elapsed } from "./ticks";

export interface Group {
  key: string;
  recordings: Recording[];
  /** Whether the clock is one of the calendar; else it runs from the recording's beginning. */
  dated: boolean;
  start: number;
  end: number;
}

export interface Picked {
  key: string;
  recording: Recording;
  channel: SignalChannel;
}

export function zeroOf(recording: Recording): number {
  return recording.start ? Date.parse(recording.start) : 0;
}

/** Newest first, as the server tells them; recordings without a date stand alone. */
export function groupsOf(recordings: Recording[]): Group[] {
  const groups: Group[] = [];
  for (const recording of recordings) {
    const start = zeroOf(recording);
    const end = start + recording.seconds * 1000;
    const dated = recording.start !== null;
    const near = dated ? groups.find((group) => group.dated && start < group.end && end > group.start) : undefined;
    if (!near) { groups.push({ key: recording.recording_id, recordings: [recording], dated, start, end }); continue; }
    near.recordings.push(recording);
    near.start = Math.min(near.start, start);
    near.end = Math.max(near.end, end);
  }
  return groups;
}

/** Numerics stand above waveforms, each in the order of their source. */
export function channelsOf(group: Group): Picked[] {
  const all = group.recordings.flatMap((recording) => recording.channels.map((channel) => ({ key: channelKey(recording.recording_id, channel.channel), recording, channel })));
  return [...all.filter((one) => one.channel.kind === "numeric"), ...all.filter((one) => one.channel.kind === "waveform")];
}

const FIRST = 3;

export function firstPicks(group: Group): string[] {
  const all = channelsOf(group);
  const some = (kind: SignalChannel["kind"]) => all.filter((one) => one.channel.kind === kind).slice(0, FIRST);
  return [...some("numeric"), ...some("waveform")].map((one) => one.key);
}

export function groupWords(group: Group): string {
  const count = group.recordings.reduce((sum, one) => sum + one.channels.length, 0);
  const long = elapsed(group.end - group.start);
  const when = group.dated ? `${day(group.start)}, ${clock(group.start)}` : `${group.recordings[0]?.recording ?? ""}, no date`;
  return `${when} · ${long} · ${count} channel${count === 1 ? "" : "s"}`;
}
