/** The viewer: buttons, names of channels, the canvas, and what is known of the recording. */
import { ActionIcon, Loader, Tooltip, useComputedColorScheme } from "@mantine/core";
import { useDebouncedValue, useInViewport } from "@mantine/hooks";
import { IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { useWindows, type BedStay, type SignalWindow } from "../../../api/signals";
import { printedUnit } from "../../../lib/words";
import { Failed } from "../../../parts/states";
import { useFrame } from "../frame";
import { width, zoomed, type View } from "../timeline/view";
import { AXIS, draw, heightOf, NOT_LOADED, paletteOf, rowHeight, valueAt, type Row } from "./draw";
import { zeroOf, type Group, type Picked } from "./groups";
import { useHands } from "./hands";
import { extentOf, paperScaleOf, scaleOf } from "./scale";
import classes from "./signals.module.css";
import { Story } from "./story";
import { elapsed, rateWords, stretchWords } from "./ticks";
import { useGlide } from "./use_glide";
import { around, lifeOf, PAPER_SPEED, partsOf, spanOfPaper, speedOf } from "./window";

const PAPER_UNTIL = 40_000;
const PRESETS: { label: string; title: string; span: number | null }[] = [
  { label: "10 s", title: "Ten seconds", span: 10_000 },
  { label: "1 min", title: "One minute", span: 60_000 },
  { label: "10 min", title: "Ten minutes", span: 600_000 },
  { label: "1 h", title: "One hour", span: 3_600_000 },
  { label: "1 d", title: "One day", span: 86_400_000 },
  { label: "All", title: "The whole recording", span: null },
];

interface ViewerProps { group: Group; picked: Picked[]; stays: BedStay[]; choice: ReactNode }

export function Viewer({ group, picked, stays, choice }: ViewerProps) {
  const { person, moment } = useFrame();
  const life = useMemo(() => lifeOf(group), [group]);
  const { view, move } = useGlide(life);
  const [pixels, setPixels] = useState(800);
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const seen = useOnce(inViewport);
  const [settled] = useDebouncedValue(view, 120);
  const parts = useMemo(() => (seen ? partsOf(settled, picked, pixels) : []), [seen, settled, picked, pixels]);
  const found = useWindows(person, moment, parts);
  const windows = useLatest(found.windows);
  const rows = useMemo(() => rowsOf(picked, windows, view), [picked, windows, view]);
  return (
    <div ref={ref}>
      <Toolbar view={view} life={life} group={group} pixels={pixels} move={move} busy={found.busy} choice={choice} />
      <div className={classes.stage}>
        <Names picked={picked} />
        <Surface rows={rows} view={view} life={life} dated={group.dated} pixels={pixels} setPixels={setPixels} move={move} />
      </div>
      {picked.length === 0 && <p className={classes.none}>No channel is chosen. Choose some above.</p>}
      <Slider view={view} life={life} dated={group.dated} move={move} />
      {found.error !== null && <Failed error={found.error} retry={found.again} />}
      <Story group={group} picked={picked} stays={stays} view={view} />
    </div>
  );
}

/** True for good once it was true: nothing is asked for before somebody scrolls here. */
function useOnce(now: boolean): boolean {
  const ever = useRef(false);
  ever.current ||= now;
  return ever.current;
}

/** What was drawn last stays until the closer answer is there. */
function useLatest(found: Map<string, SignalWindow>): Map<string, SignalWindow> {
  const known = useRef(new Map<string, SignalWindow>());
  return useMemo(() => {
    known.current = new Map([...known.current, ...found]);
    return known.current;
  }, [found]);
}

function rowsOf(picked: Picked[], windows: Map<string, SignalWindow>, view: View): Row[] {
  let top = AXIS;
  return picked.map((one) => {
    const height = rowHeight(one);
    const found = windows.get(one.key) ?? null;
    const extent = found && extentOf(found, zeroOf(one.recording), view);
    const paper = one.channel.kind === "waveform" && one.channel.unit === "mV" && width(view) <= PAPER_UNTIL;
    const row = { picked: one, found, scale: paper ? paperScaleOf(extent, height) : scaleOf(extent, height), top, height };
    top += height;
    return row;
  });
}

interface SurfaceProps {
  rows: Row[]; view: View; life: View; dated: boolean; pixels: number;
  setPixels: (pixels: number) => void; move: (view: View, smooth?: boolean) => void;
}

function Surface({ rows, view, life, dated, pixels, setPixels, move }: SurfaceProps) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const scheme = useComputedColorScheme("light");
  const height = heightOf(rows.map((row) => row.picked));
  useEffect(() => {
    if (!holder.current) return undefined;
    const watcher = new ResizeObserver(([entry]) => entry && setPixels(Math.max(120, Math.floor(entry.contentRect.width))));
    watcher.observe(holder.current);
    return () => watcher.disconnect();
  }, [setPixels]);
  useEffect(() => {
    const pen = canvas.current && sized(canvas.current, pixels, height);
    if (pen && holder.current) draw(pen, { rows, view, width: pixels, height, dated, cursor, colours: paletteOf(holder.current) });
  }, [rows, view, pixels, height, dated, cursor, scheme]);
  const hands = useHands({ holder, view, life, pixels, move, point: setCursor });
  return (
    <div
      ref={holder} className={classes.surface} style={{ height }} tabIndex={0} role="application" data-testid="signals"
      aria-label={`Signals, ${stretchWords(view, dated)}. Arrows move, Page Up and Page Down move by a screen, plus and minus zoom, 0 shows all.`}
      {...hands}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <p className="visually-hidden">{rows.map((row) => spoken(row, view, dated)).join("; ")}</p>
    </div>
  );
}

/** What stands in the middle of the window, for those who do not see it. */
function spoken(row: Row, view: View, dated: boolean): string {
  if (!row.found) return `${row.picked.channel.channel}: ${NOT_LOADED}`;
  return `${row.picked.channel.channel}: ${valueAt(row, (view.start + view.end) / 2, dated) ?? "nothing"} in the middle`;
}

function sized(canvas: HTMLCanvasElement, wide: number, height: number): CanvasRenderingContext2D | null {
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.round(wide * density);
  canvas.height = Math.round(height * density);
  canvas.style.width = `${wide}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen?.setTransform(density, 0, 0, density, 0, 0);
  return pen;
}

function Names({ picked }: { picked: Picked[] }) {
  return (
    <ul className={classes.names} style={{ paddingTop: AXIS }}>
      {picked.map((one) => (
        <li key={one.key} style={{ height: rowHeight(one) }}>
          <b title={`${one.channel.channel} · ${one.channel.code}`}>{one.channel.channel}</b>
          <span>{printedUnit(one.channel.unit) || "no unit"}</span>
          <span>{rateWords(one.channel.rate_hz)}</span>
        </li>
      ))}
    </ul>
  );
}

interface ToolbarProps {
  view: View; life: View; group: Group; pixels: number; busy: boolean; choice: ReactNode; move: (view: View, smooth?: boolean) => void;
}

function Toolbar({ view, life, group, pixels, busy, choice, move }: ToolbarProps) {
  const paper = spanOfPaper(pixels);
  const pressed = (span: number) => Math.abs(width(view) - span) < span * 0.01;
  return (
    <div className={classes.toolbar}>
      <p className={classes.stretch} role="status">
        {stretchWords(view, group.dated)} · {elapsed(width(view))}
        {width(view) <= PAPER_UNTIL && <> · {Math.round(speedOf(view, pixels))} mm/s</>}
      </p>
      {busy && <Loader size={14} aria-label="Loading samples" />}
      <div className={classes.buttons}>
        <div className={classes.presets} role="group" aria-label="How long a window">
          <button type="button" title="25 mm/s, as on ECG paper, on a screen of 96 pixels an inch" aria-label="25 millimetres a second" aria-pressed={pressed(paper)} onClick={() => move(around(view, paper), true)}>
            {PAPER_SPEED} mm/s
          </button>
          {PRESETS.map(({ label, title, span }) => (
            <button
              key={label} type="button" title={title} aria-label={`${label}: ${title}`} aria-pressed={pressed(span ?? width(life))}
              disabled={span !== null && span > width(life)} onClick={() => move(span === null ? life : around(view, span), true)}
            >
              {label}
            </button>
          ))}
        </div>
        <Tooltip label="Wider (−)"><ActionIcon variant="default" aria-label="Wider window" onClick={() => move(zoomed(view, (view.start + view.end) / 2, 2), true)}><IconZoomOut size={16} /></ActionIcon></Tooltip>
        <Tooltip label="Closer (+), double click, or Ctrl and wheel"><ActionIcon variant="default" aria-label="Closer window" onClick={() => move(zoomed(view, (view.start + view.end) / 2, 0.5), true)}><IconZoomIn size={16} /></ActionIcon></Tooltip>
        {choice}
      </div>
    </div>
  );
}

/** Where in the recording: a slider, for fingers and keys alike. */
function Slider({ view, life, dated, move }: { view: View; life: View; dated: boolean; move: (view: View) => void }) {
  const room = width(life) - width(view);
  if (room <= width(life) * 0.001) return null;
  return (
    <div className={classes.slider}>
      <input
        type="range" aria-label="Place in the recording" min={0} max={1000} value={Math.round(((view.start - life.start) / room) * 1000)}
        aria-valuetext={stretchWords(view, dated)} style={{ "--share": `${Math.max(3, (width(view) / width(life)) * 100)}%` } as React.CSSProperties}
        onChange={(event) => {
          const start = life.start + (Number(event.currentTarget.value) / 1000) * room;
          move({ start, end: start + width(view) });
        }}
      />
    </div>
  );
}
