/** The whole record as a strip, with the stretch in sight as a window that can be moved. */
import { useEffect, useMemo, useRef, useState, type PointerEvent } from "react";

import type { Timeline } from "../../../api/types";
import classes from "./timeline.module.css";
import { width as widthOf, type View } from "./view";

const SLOTS = 240;

function densityOf(life: Timeline, span: View): number[] {
  const slots = Array.from({ length: SLOTS }, () => 0);
  const slot = (at: string) => Math.floor(((Date.parse(at) - span.start) / widthOf(span)) * SLOTS);
  const add = (at: number, count: number) => { if (at >= 0 && at < SLOTS) slots[at] = (slots[at] ?? 0) + count; };
  for (const lane of life.lanes) {
    for (const point of lane.points) add(slot(point.time), 1);
    for (const bin of lane.bins) {
      const from = slot(bin.start);
      const to = Math.max(from + 1, Math.ceil(((Date.parse(bin.end) - span.start) / widthOf(span)) * SLOTS));
      for (let at = from; at < to; at += 1) add(at, bin.count / (to - from));
    }
  }
  return slots;
}

export function Overview({ timeline, life, view, move }: { timeline: Timeline; life: View; view: View; move: (view: View) => void }) {
  const strip = useRef<HTMLDivElement>(null);
  const [grip, setGrip] = useState<number | null>(null);
  const slots = useMemo(() => densityOf(timeline, life), [timeline, life]);
  const most = Math.max(1, ...slots);
  const path = slots.map((count, at) => (count > 0 ? `M${at} 24h1v${(-Math.sqrt(count / most) * 22).toFixed(1)}h-1z` : "")).join("");
  const left = Math.max(0, (view.start - life.start) / widthOf(life));
  const right = Math.min(1, (view.end - life.start) / widthOf(life));

  useEffect(() => {
    const letGo = () => setGrip(null);
    window.addEventListener("pointerup", letGo);
    return () => window.removeEventListener("pointerup", letGo);
  }, []);
  const timeAt = (event: PointerEvent) => {
    const box = strip.current?.getBoundingClientRect();
    return life.start + ((event.clientX - (box?.left ?? 0)) / (box?.width ?? 1)) * widthOf(life);
  };
  const centre = (at: number) => move({ start: at - widthOf(view) / 2, end: at + widthOf(view) / 2 });
  const onPointerDown = (event: PointerEvent) => {
    const at = timeAt(event);
    const inside = at >= view.start && at <= view.end;
    setGrip(inside ? at - (view.start + view.end) / 2 : 0);
    event.currentTarget.setPointerCapture(event.pointerId);
    if (!inside) centre(at);
  };
  return (
    <div
      ref={strip} className={classes.overview} aria-hidden="true" onPointerDown={onPointerDown}
      onPointerMove={(event) => grip !== null && centre(timeAt(event) - grip)}
    >
      <svg viewBox={`0 0 ${SLOTS} 24`} preserveAspectRatio="none"><path d={path} fill="currentColor" /></svg>
      <div className={classes.window} style={{ left: `${left * 100}%`, width: `max(6px, ${Math.max(0, right - left) * 100}%)` }} />
    </div>
  );
}
