/** The canvas, and the hands on it: wheel, drag, pinch, keys, hover, press. */
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";

import type { Timeline } from "../../../api/types";
import { dayAndClock } from "../../../lib/time";
import { draw, paletteOf } from "./draw";
import { heightOf, hitAt, layoutOf, type Bar, type Glyph, type Hit, type LaneBox } from "./layout";
import classes from "./timeline.module.css";
import { HoverCard } from "./hover";
import { usePointer } from "./pointer";
import { panned, width as widthOf, zoomed, type View } from "./view";

export interface SurfaceProps {
  timeline: Timeline;
  boxes: LaneBox[];
  view: View;
  life: View;
  asOf: number | null;
  horizon: number;
  pixels: number;
  setPixels: (pixels: number) => void;
  scheme: string;
  move: (view: View, smooth?: boolean) => void;
  press: (hit: Hit) => void;
}

export function Surface(props: SurfaceProps) {
  const { timeline, boxes, view, life, asOf, horizon, pixels, setPixels, scheme, move, press } = props;
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useWidth(holder, setPixels);
  const height = heightOf(boxes);
  const [hover, setHover] = useState<{ hit: Hit; x: number; y: number } | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const layout = useMemo(() => layoutOf(timeline, boxes, { view, pixels, horizon }), [timeline, boxes, view, pixels, horizon]);
  const signs = useMemo(() => inOrder([...layout.glyphs, ...layout.bars]), [layout]);
  const ringed = signs.find((sign) => keyOf(sign) === chosen) ?? null;

  useEffect(() => {
    const pen = canvas.current && sized(canvas.current, pixels, height);
    if (pen && holder.current) {
      draw(pen, { boxes, layout, view, width: pixels, height, asOf, chosen: ringed, colours: paletteOf(holder.current) });
    }
  }, [boxes, layout, view, pixels, height, asOf, ringed, scheme]);

  const find = useCallback((x: number, y: number) => hitAt(layout, x, y), [layout]);
  const hands = usePointer({ holder, view, pixels, move, find, press, setHover });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "n" ? 1 : event.key === "p" ? -1 : 0;
    if (step) setChosen(keyOf(nextSign(signs, ringed, step)));
    else if (event.key === "Enter" && ringed) press("radius" in ringed ? { kind: "glyph", sign: ringed } : { kind: "bar", sign: ringed });
    else {
      const to = keyed(event.key, view, life);
      if (!to) return;
      move(to, true);
    }
    event.preventDefault();
  };
  return (
    <div
      ref={holder} className={classes.surface} style={{ height }} tabIndex={0} role="application" data-testid="timeline"
      aria-label={`Timeline from ${dayAndClock(view.start)} to ${dayAndClock(view.end)}. Arrows move, plus and minus zoom, n and p step through events, Enter opens one. The button List shows the same as a table.`}
      data-hit={hover ? hover.hit.kind : undefined} onKeyDown={onKeyDown} {...hands}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {hover && <HoverCard hit={hover.hit} x={hover.x} y={hover.y} width={pixels} />}
      <p className="visually-hidden" aria-live="polite">{ringed && spoken(ringed)}</p>
    </div>
  );
}

function useWidth(holder: React.RefObject<HTMLDivElement | null>, setPixels: (pixels: number) => void): void {
  useEffect(() => {
    if (!holder.current) return undefined;
    const watcher = new ResizeObserver(([entry]) => entry && setPixels(Math.max(120, Math.floor(entry.contentRect.width))));
    watcher.observe(holder.current);
    return () => watcher.disconnect();
  }, [holder, setPixels]);
}

function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen?.setTransform(density, 0, 0, density, 0, 0);
  return pen;
}

function inOrder(signs: (Glyph | Bar)[]): (Glyph | Bar)[] {
  return signs.sort((a, b) => a.x - b.x || a.y - b.y);
}

function keyOf(sign: Glyph | Bar | null): string | null {
  return sign?.points[0]?.event_id ?? null;
}

function nextSign(signs: (Glyph | Bar)[], from: Glyph | Bar | null, step: number): Glyph | Bar | null {
  if (signs.length === 0) return null;
  const at = from ? signs.indexOf(from) + step : step > 0 ? 0 : signs.length - 1;
  return signs[Math.min(signs.length - 1, Math.max(0, at))] ?? null;
}

function spoken(sign: Glyph | Bar): string {
  const first = sign.points[0];
  if (!first) return "";
  const others = sign.points.length > 1 ? ` and ${sign.points.length - 1} more` : "";
  return `${first.label} ${first.value ?? ""}${others}, ${dayAndClock(first.time)}${sign.abnormal ? ", abnormal" : ""}`;
}

function keyed(key: string, view: View, life: View): View | null {
  const middle = (view.start + view.end) / 2;
  const span = widthOf(view);
  switch (key) {
    case "ArrowLeft": return panned(view, -span * 0.2);
    case "ArrowRight": return panned(view, span * 0.2);
    case "+": case "=": return zoomed(view, middle, 0.6);
    case "-": case "_": return zoomed(view, middle, 1 / 0.6);
    case "Home": return panned(view, life.start - view.start);
    case "End": return panned(view, life.end - view.end);
    case "0": return life;
    default: return null;
  }
}
