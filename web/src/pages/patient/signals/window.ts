/** What is in sight, how close one may look, and what to ask of the server for it. */
import type { Part } from "../../../api/signals";
import { width, type View } from "../timeline/view";
import { zeroOf, type Group, type Picked } from "./groups";

const CLOSEST = 1000;
/** One millimetre at the 96 pixels an inch that CSS declares; screens differ from it. */
export const MILLIMETRE = 96 / 25.4;
export const PAPER_SPEED = 25;

export function spanOfPaper(pixels: number): number {
  return (pixels / MILLIMETRE / PAPER_SPEED) * 1000;
}

export function speedOf(view: View, pixels: number): number {
  return pixels / MILLIMETRE / (width(view) / 1000);
}

export function lifeOf(group: Group): View {
  return { start: group.start, end: Math.max(group.end, group.start + CLOSEST) };
}

/** Never outside the recording, never closer than a second. */
export function kept(view: View, life: View): View {
  const span = Math.min(Math.max(width(view), CLOSEST), width(life));
  const start = Math.min(Math.max((view.start + view.end) / 2 - span / 2, life.start), life.end - span);
  return { start, end: start + span };
}

export function around(view: View, span: number): View {
  const middle = (view.start + view.end) / 2;
  return { start: middle - span / 2, end: middle + span / 2 };
}

/** Half a screen more on either side, on a grid, so that a short pan needs no wait. */
export function partsOf(view: View, picked: Picked[], pixels: number): Part[] {
  const grid = width(view) / 2;
  const start = Math.floor(view.start / grid - 0.5) * grid;
  const end = Math.ceil(view.end / grid + 0.5) * grid;
  const byRecording = new Map<string, Picked[]>();
  for (const one of picked) byRecording.set(one.recording.recording_id, [...(byRecording.get(one.recording.recording_id) ?? []), one]);
  return [...byRecording.entries()].flatMap(([recording, some]) => {
    const first = some[0];
    if (!first) return [];
    const zero = zeroOf(first.recording);
    const at = Math.max(0, (start - zero) / 1000);
    const seconds = Math.min((end - zero) / 1000, first.recording.seconds + 1) - at;
    if (seconds <= 0) return [];
    const points = Math.round((pixels * seconds * 1000) / width(view));
    return [{ recording, channels: some.map((one) => one.channel.channel), at, seconds, points: Math.min(5000, Math.max(10, points)) }];
  });
}
