/** The one timeline: a lane per kind of fact, from a lifetime to a minute. */
import { ActionIcon, Button, Loader, Tooltip, useComputedColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconList, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import { useTimeline } from "../../../api/queries";
import type { Banner, Picture, Timeline } from "../../../api/types";
import { LANES } from "../../../lib/lanes";
import { plural } from "../../../lib/signs";
import { dayAndClock } from "../../../lib/time";
import { Empty, Failed, Loading } from "../../../parts/states";
import { useFrame } from "../frame";
import { laneBoxes, type Hit, type LaneBox } from "./layout";
import { Legend } from "./legend";
import { TimelineList } from "./list";
import { Overview } from "./overview";
import { Surface } from "./surface";
import classes from "./timeline.module.css";
import { useView } from "./use_view";
import { asked, firstLook, preset, PRESETS, roomAround, width, zoomed, type View } from "./view";

const POINTS = 2000;

export function TimelineCard({ picture }: { picture: Picture }) {
  const { person, moment } = useFrame();
  const life = useTimeline(person, moment, null, POINTS);
  return (
    <section className={classes.card} aria-label="Timeline">
      {life.isPending && <Loading lines={9} label="Loading the timeline" />}
      {life.isError && <Failed error={life.error} retry={() => void life.refetch()} />}
      {life.data && (life.data.lanes.every((lane) => lane.total === 0 && lane.points.length === 0)
        ? <Empty>Nothing in this record carries a time{picture.event_count > 0 ? " yet" : ""}.</Empty>
        : <LivingTimeline whole={life.data} newest={Date.parse(picture.last_time ?? life.data.end)} end={endOf(picture.banner)} />)}
    </section>
  );
}

/** Nothing lasts longer than a life. */
function endOf(banner: Banner): number | null {
  const died = banner.death_time === null ? NaN : Date.parse(banner.death_time);
  return Number.isNaN(died) ? null : died;
}

function LivingTimeline({ whole, newest, end }: { whole: Timeline; newest: number; end: number | null }) {
  const { person, moment, open } = useFrame();
  const scheme = useComputedColorScheme("light");
  const life = useMemo(() => roomAround(Date.parse(whole.start), Date.parse(whole.end)), [whole.start, whole.end]);
  const opening = useMemo(() => firstLook(whole, life, newest), [whole, life, newest]);
  const { view, move } = useView(life, opening);
  const [pixels, setPixels] = useState(900);
  const [listed, setListed] = useState(false);
  const [settled] = useDebouncedValue(view, 160);
  const closer = useTimeline(person, moment, asked(settled, life), POINTS);
  const shown = closer.data ?? whole;
  const asOf = moment.at ? Date.parse(moment.at) : null;
  const horizon = Math.min(asOf ?? Date.now(), life.end, end ?? Infinity);
  const still = Math.floor(horizon / 60_000) * 60_000;
  const boxes = useMemo(() => laneBoxes(whole, shown, { view: settled, pixels, horizon: still }), [whole, shown, settled, pixels, still]);

  const press = (hit: Hit) => {
    if (hit.kind === "bin") { move(roomAroundBin(hit), true); return; }
    const { points } = hit.sign;
    const first = points[0];
    if (first && points.length === 1) open({ kind: "source", event: first.event_id });
    else open({ kind: "list", title: `${LANES[hit.sign.lane].label}: ${plural(points.length, "event")}`, points });
  };
  return (
    <>
      <Toolbar view={view} life={life} newest={newest} move={move} busy={closer.isFetching} listed={listed} setListed={setListed} />
      <div className={classes.stage}>
        <LaneNames boxes={boxes} />
        <Surface
          timeline={shown} boxes={boxes} view={view} life={life} asOf={asOf} horizon={still} pixels={pixels} setPixels={setPixels} scheme={scheme}
          move={move} press={press}
        />
      </div>
      <div className={classes.foot}>
        <Overview timeline={whole} life={life} view={view} move={move} />
        <Legend />
      </div>
      {closer.isError && <Failed error={closer.error} retry={() => void closer.refetch()} />}
      {listed && <TimelineList timeline={shown} view={view} />}
    </>
  );
}

function roomAroundBin(hit: Extract<Hit, { kind: "bin" }>): View {
  const start = Date.parse(hit.bin.bin.start);
  const end = Date.parse(hit.bin.bin.end);
  const room = (end - start) * 0.5;
  return { start: start - room, end: end + room };
}

function LaneNames({ boxes }: { boxes: LaneBox[] }) {
  return (
    <ul className={classes.names}>
      {boxes.map(({ lane, top, height, total, behind }) => {
        const Icon = LANES[lane].icon;
        return (
          <li key={lane} style={{ top, height }} title={`${LANES[lane].label}: ${plural(total, "event")}`}>
            <Icon size={16} stroke={1.6} aria-hidden="true" />
            <span>{LANES[lane].label}</span>
            <small>{behind > 0 && <b title={`${behind} more last at once than there are rows: look closer, or open the list`}>+{behind} </b>}{total.toLocaleString("en-GB")}</small>
          </li>
        );
      })}
    </ul>
  );
}

interface ToolbarProps {
  view: View;
  life: View;
  newest: number;
  move: (view: View, smooth?: boolean) => void;
  busy: boolean;
  listed: boolean;
  setListed: (listed: boolean) => void;
}

function isPreset(view: View, life: View, span: number | null): boolean {
  const target = span === null ? width(life) : span;
  return Math.abs(width(view) - target) < target * 0.01 && (span === null || span < width(life));
}

function Toolbar({ view, life, newest, move, busy, listed, setListed }: ToolbarProps) {
  const middle = (view.start + view.end) / 2;
  return (
    <div className={classes.toolbar}>
      <h2>Timeline</h2>
      <p className={classes.stretch} role="status">{dayAndClock(view.start)} – {dayAndClock(view.end)}</p>
      {busy && <Loader size={14} aria-label="Loading closer" />}
      <div className={classes.buttons}>
        <div className={classes.presets} role="group" aria-label="How long a stretch">
          {PRESETS.map(({ label, title, span }) => (
            <button
              key={label} type="button" title={title} aria-label={`${label}: ${title}`} aria-pressed={isPreset(view, life, span)}
              disabled={span !== null && span >= width(life)} onClick={() => move(preset(view, life, span, newest), true)}
            >
              {label}
            </button>
          ))}
        </div>
        <Tooltip label="Wider (−)"><ActionIcon variant="default" aria-label="Zoom out" onClick={() => move(zoomed(view, middle, 2), true)}><IconZoomOut size={16} /></ActionIcon></Tooltip>
        <Tooltip label="Closer (+), or Ctrl and wheel"><ActionIcon variant="default" aria-label="Zoom in" onClick={() => move(zoomed(view, middle, 0.5), true)}><IconZoomIn size={16} /></ActionIcon></Tooltip>
        <Button size="compact-sm" h={28} variant={listed ? "light" : "default"} leftSection={<IconList size={15} />} className={classes.listed ?? ""} aria-label="List" aria-pressed={listed} onClick={() => setListed(!listed)}>List</Button>
      </div>
    </div>
  );
}
