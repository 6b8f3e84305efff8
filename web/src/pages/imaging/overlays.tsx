/** What was drawn on a series: which one is shown over the pictures, its legend, how strong it is. */
import { ActionIcon, Checkbox, Select, Slider } from "@mantine/core";
import { IconFocus2 } from "@tabler/icons-react";

import type { Overlay, OverlayLabels } from "../../api/imaging";
import classes from "./imaging.module.css";

/** What is shown of an overlay: the segments that are switched off, and the opacity from 0 to 1. */
export interface Shown {
  hidden: ReadonlySet<number>;
  opacity: number;
}

export const ALL_SHOWN: Shown = { hidden: new Set(), opacity: 0.45 };

interface Props {
  overlays: Overlay[];
  chosen: Overlay | null;
  choose: (overlay: Overlay | null) => void;
  labels: OverlayLabels | undefined;
  /** Why the chosen one is not seen; null when it is. */
  why: string | null;
  waiting: boolean;
  shown: Shown;
  show: (shown: Shown) => void;
  /** Goes to a place: mm to the right, the front, the head. */
  goTo: (place: number[]) => void;
}

export function Overlays({ overlays, chosen, choose, labels, why, waiting, shown, show, goTo }: Props) {
  const names = overlays.map((each) => ({ value: each.instance_uid, label: `${each.title} (${each.kind}${each.refused ? ", does not fit" : ""})` }));
  const toggle = (number: number) => {
    const hidden = new Set(shown.hidden);
    if (!hidden.delete(number)) hidden.add(number);
    show({ ...shown, hidden });
  };
  return (
    <section className={classes.overlays} aria-label="Drawn on these pictures">
      <div className={classes.bar}>
        <Select
          size="xs" w={340} maw="100%" aria-label="Show what was drawn" placeholder="Show what was drawn on them" clearable
          data={names} value={chosen?.instance_uid ?? null}
          onChange={(uid) => choose(overlays.find((each) => each.instance_uid === uid) ?? null)}
        />
        {chosen && !why && (
          <div className={classes.opacity}>
            <span>Opacity</span>
            <Slider
              size="sm" min={0} max={100} step={5} value={Math.round(shown.opacity * 100)} label={(value) => `${value} %`} thumbLabel="Opacity of what was drawn"
              onChange={(value) => show({ ...shown, opacity: value / 100 })}
            />
          </div>
        )}
      </div>
      {chosen && why && <p role="status" className={classes.refused}>{why}</p>}
      {chosen && !why && (
        <ul className={classes.legend} aria-busy={waiting || undefined}>
          {chosen.segments.map((segment) => (
            <li key={segment.number}>
              <Go label={segment.label} place={labels?.sizes.find((each) => each.number === segment.number)?.middle_mm} goTo={goTo} />
              <Checkbox
                size="xs" checked={!shown.hidden.has(segment.number)} onChange={() => toggle(segment.number)}
                label={<><i className={classes.swatch} style={{ background: segment.colour }} aria-hidden="true" /><b>{segment.label}</b> <small>{segmentWords(chosen, segment.number, labels, waiting)}</small></>}
              />
            </li>
          ))}
        </ul>
      )}
      {chosen && !why && labels?.remark && <p className={classes.words}>{labels.remark}</p>}
    </section>
  );
}

/** Goes to where a segment is largest; a small one is not found by scrolling. */
function Go({ label, place, goTo }: { label: string; place: number[] | undefined; goTo: (place: number[]) => void }) {
  return (
    <ActionIcon size="sm" variant="subtle" disabled={!place} aria-label={`Go to ${label}`} title={`Go to ${label}`} onClick={() => place && goTo(place)}>
      <IconFocus2 size={15} stroke={1.7} />
    </ActionIcon>
  );
}

/** What a segment means, how large it is as the server measured it, and who drew it. */
function segmentWords(overlay: Overlay, number: number, labels: OverlayLabels | undefined, waiting: boolean): string {
  const segment = overlay.segments.find((each) => each.number === number);
  const size = labels?.sizes.find((each) => each.number === number);
  const volume = size ? millilitres(size.millilitres) : waiting ? "measuring…" : labels ? "not drawn" : "";
  const meaning = segment?.meaning && segment.meaning !== segment.label ? segment.meaning : "";
  return [meaning, volume, segment?.how ?? ""].filter(Boolean).join(" · ");
}

/** Three digits that say something, never a rounded nothing. */
function millilitres(value: number): string {
  if (value < 0.001) return "less than 0.001 ml";
  return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)} ml`;
}

/** The names of each label: of what lies there and is switched on. */
export function labelNames(overlay: Overlay, labels: OverlayLabels, hidden: ReadonlySet<number>): string[] {
  return labels.labels.map((numbers) => seen(overlay, numbers, hidden).map((each) => each.label).join(" and "));
}

/** Colours by label: the mean where several segments lie, and nothing where none is switched on. */
export function labelColours(overlay: Overlay, labels: OverlayLabels, hidden: ReadonlySet<number>) {
  const rgba = labels.labels.map((numbers) => {
    const some = seen(overlay, numbers, hidden).map((each) => channels(each.colour));
    const mean = (at: number) => Math.round(some.reduce((sum, each) => sum + (each[at] ?? 0), 0) / some.length);
    return some.length === 0 ? [0, 0, 0, 0] : [mean(0), mean(1), mean(2), 255];
  });
  const channel = (at: number) => rgba.map((each) => each[at] ?? 0);
  return { R: channel(0), G: channel(1), B: channel(2), A: channel(3), I: rgba.map((_, label) => label) };
}

function seen(overlay: Overlay, numbers: number[], hidden: ReadonlySet<number>) {
  return overlay.segments.filter((each) => numbers.includes(each.number) && !hidden.has(each.number));
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
